import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { withPeers } from '../../src/util/missing-peer';
import { withPlainErrors } from '../plain-errors';
import { describedSet, fleetOfSet, unwrapped, type DescribedSet, type SetOfArgs } from './described-set';
import { checkedPlace, commonInputs, credentialsInput, FleetResource, namesOf, type AsInputs } from './fleet-resource';
import type { FleetNames, OnClusterGone, Readiness } from './fleet-state';
import type { HostFleetArgs } from './host-fleet-args';
import type { HostFleetInputs } from './host-fleet-state';
import type * as hostResourcesModule from './host-resources';
import { packageProvider } from './package-provider';
import { hasOutputs } from './property-values';

const MOST_RESOURCES = 1_000;

/**
 * A set of BareMetalHosts on a cluster, however large, as one resource of Pulumi: its state holds the parameters and a
 * few counts, no host and no credential in the clear.
 *
 * A preview says how many objects would be added, changed and removed. An update writes what is different and deletes
 * what is no longer described; where it fails half-way or is killed, the next one goes on. Deleting waits for hosts to be
 * gone before it takes their Secrets away.
 */
export class HostFleet extends pulumi.ComponentResource {
  /** How many hosts are described. */
  readonly count: pulumi.Output<number>;
  /** The namespaces of the hosts. */
  readonly namespaces: pulumi.Output<readonly string[]>;
  /** How the hosts are called. */
  readonly hostNames: pulumi.Output<FleetNames>;
  /** Content of the cluster's kubeconfig, or the path of one, known once the hosts are there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Name of the ApplySet; undefined where each object is a resource of its own. */
  readonly set: pulumi.Output<string | undefined>;
  /** How many objects there are, by `Kind.group`. */
  readonly objects: pulumi.Output<Readonly<Record<string, number>>>;
  /** What the hosts had come to when they were last looked at; undefined where nothing was waited for. */
  readonly readiness: pulumi.Output<Readiness | undefined>;

  /** @throws TestbedError (`invalid-input`) for a description that gives no valid hosts, before anything is done */
  constructor(name: string, args: HostFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const { described, place } = withPlainErrors(() => checked(name, args, opts));
    const { connection } = place;
    const { asResources = false, createNamespaces = true, onClusterGone = 'fail', credentials } = args;
    const { hasSecrets, fleet } = described;
    const hostSet = hasSecrets ? pulumi.secret(described.hostSet) : described.hostSet;
    const secrets = {
      kubeconfig: connection.kubeconfig,
      credentials: credentials === undefined ? undefined : credentialsInput(credentials),
    };
    const { overrides } = args;
    const rules = hasSecrets && overrides !== undefined ? pulumi.secret(unwrapped(overrides)) : overrides;
    super('metal3-testbed:index:HostFleet', name, { ...args, ...secrets, overrides: rules, provider: undefined }, opts);
    const known = pulumi.output(hostSet).apply((plain) => withPlainErrors(() => facesOf(name, plain, fleet)));
    // What is refused only then is refused here, and nowhere else.
    const accepted = fleet === undefined ? known.apply(() => hostSet) : hostSet;
    const face = pulumi.unsecret(known);
    this.count = face.apply(({ hostNames }) => hostNames.count);
    this.hostNames = face.apply(({ hostNames }) => hostNames);
    this.namespaces = face.apply(({ namespaces }) => namespaces);
    if (asResources && fleet !== undefined) {
      const plain = {
        hostSet: described.hostSet as HostFleetInputs['hostSet'],
        createNamespaces: createNamespaces as boolean,
        onClusterGone: onClusterGone as OnClusterGone,
      };
      const { hostResources } = lazy();
      const { counts, made } = hostResources(this, name, { ...connection, ...secrets, ...plain, fleet });
      this.objects = pulumi.output(counts);
      this.readiness = pulumi.output(undefined);
      this.set = pulumi.output(undefined);
      this.kubeconfig = pulumi.all([connection.kubeconfig, made.map(({ id }) => id)]).apply(([content]) => content);
    } else {
      const inputs = {
        ...commonInputs(place, args, this.urn),
        ...secrets,
        hostSet: accepted,
      } as AsInputs<HostFleetInputs>;
      const made = new FleetResource<HostFleetInputs>('HostFleet', PROVIDER, name, inputs, { parent: this });
      this.objects = made.objects;
      this.readiness = made.readiness;
      this.set = made.set;
      this.kubeconfig = pulumi.all([connection.kubeconfig, made.id]).apply(([content]) => content);
    }
    const { count, objects, readiness } = this;
    this.registerOutputs({ count, objects, readiness });
  }
}

const PROVIDER = packageProvider('host-fleet');

/** What loads `@pulumi/kubernetes`: only programs that make a resource of each object need it. */
function lazy(): typeof hostResourcesModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the package
  return withPeers('HostFleet with asResources', () => require('./host-resources') as typeof hostResourcesModule);
}

/** Everything that can be refused before anything is registered. */
function checked(name: string, args: HostFleetArgs, opts: pulumi.ComponentResourceOptions | undefined) {
  const described = describedSet(name, args);
  const place = checkedPlace({ type: 'HostFleet', name, kind: bareMetalHostKind }, args, opts);
  const { asResources = false } = args as { readonly asResources?: unknown };
  if (typeof asResources !== 'boolean')
    throw invalidInput(`asResources of HostFleet ${name} decides which resources there are: give true or false`);
  if (asResources) {
    requireFew(name, described, args.createNamespaces);
    lazy();
  }
  return { described, place };
}

/** What others want to know of the hosts. */
function facesOf(name: string, hostSet: unknown, fleet: Fleet | undefined) {
  // A part may have turned out to be undefined.
  const described = fleet ?? fleetOfSet(`HostFleet ${name}`, unwrapped(hostSet) as DescribedSet);
  return { hostNames: namesOf(described), namespaces: described.namespaces() };
}

function requireFew(name: string, { fleet }: SetOfArgs, createNamespaces: unknown): void {
  if (fleet === undefined || hasOutputs(createNamespaces))
    throw invalidInput(
      `asResources of HostFleet ${name} needs hosts that are known when the program runs, and some of their arguments are outputs of other resources: leave it out, or give plain values`,
    );
  if (fleet.count <= MOST_RESOURCES) return;
  throw invalidInput(
    `asResources of HostFleet ${name} is for ${MOST_RESOURCES} hosts at most, and there are ${fleet.count}: leave it out`,
  );
}
