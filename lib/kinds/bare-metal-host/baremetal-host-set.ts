import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Fleet } from './fleet';
import { checkHost } from './host-rules';
import { HostClaimsRoot } from './host-claims';
import type { HostClaims } from './host-registry';
import type { HostSetProps } from './host-set-props';

export type BareMetalHostSetProps = HostSetProps;

/**
 * Any number of BareMetalHosts that are alike, each with its credentials Secret: a `Fleet` as API objects.
 *
 * Every object is an `ApiObject` directly below the set, with its own name; for more hosts than a chart should hold,
 * stream the `Fleet` itself.
 */
export class BareMetalHostSet extends Construct {
  /** The description behind the set, host by host. */
  readonly fleet: Fleet;
  /** How many hosts there are. */
  readonly count: number;
  /** The namespaces of the hosts, in the order in which hosts reach them; the set does not create them. */
  readonly namespaces: readonly string[];
  /** Secrets and BareMetalHosts, each Secret before the hosts that need it. */
  readonly apiObjects: readonly ApiObject[];

  /**
   * @param props what the hosts are; or a fleet that has them
   * @throws TestbedError (`invalid-input`) for a description that gives no valid hosts. Whether another host of the testbed
   * has the same name, boot MAC or BMC address is known when the app is synthesized.
   */
  constructor(scope: Construct, id: string, props: BareMetalHostSetProps | Fleet) {
    super(scope, id);
    this.fleet = props instanceof Fleet ? props : new Fleet(props);
    this.count = this.fleet.count;
    this.namespaces = this.fleet.namespaces();
    const apiObjects: ApiObject[] = [];
    for (const host of this.fleet.hosts()) {
      const [last, secret] = [...this.fleet.objectsOf(host)].reverse();
      if (last?.kind !== 'BareMetalHost') continue;
      if (host.override !== undefined) checkHost(last, `${host.name} of ${this.node.path}`);
      // Ids with letters: JavaScript puts keys that are numbers before all others, and so would the Secrets come last.
      if (secret !== undefined) apiObjects.push(new ApiObject(this, `credentials-${host.index}`, secret));
      apiObjects.push(new ApiObject(this, `host-${host.index}`, last));
    }
    this.apiObjects = apiObjects;
    HostClaimsRoot.of(this).add(this);
  }

  /** @internal */
  hostClaims(): Iterable<HostClaims> {
    return this.fleet.hosts();
  }
}
