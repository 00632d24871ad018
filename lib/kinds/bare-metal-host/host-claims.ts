import { Construct, type IConstruct } from 'constructs';
import { TestbedError } from '../../errors';
import { Registry } from '../registry';
import { HOST_CLAIMS, type HostClaims } from './host-registry';

/** A construct that stands for one host or several. */
export interface ClaimsHosts extends IConstruct {
  /** What its hosts must have for themselves, each in turn. */
  hostClaims(): Iterable<HostClaims>;
}

const ID = 'HostClaims';

/**
 * Within its scope no two hosts may share a name, MAC or BMC address; hosts outside do not matter. Checked when the app is
 * synthesized, since until then hosts may come and go.
 */
export class HostClaimsRoot extends Construct {
  /** The root that a construct's hosts belong to: of the testbed that it is in, or else of the app. */
  static of(construct: IConstruct): HostClaimsRoot {
    const roots = construct.node.scopes.map(({ node }) => node.tryFindChild(ID));
    const nearest = roots.findLast((each) => each instanceof HostClaimsRoot);
    return nearest ?? new HostClaimsRoot(construct.node.root);
  }

  private readonly claimants = new Set<ClaimsHosts>();
  /** What was found of which claimants, since cdk8s validates the whole app anew for each of its charts. */
  private found: { readonly of: readonly ClaimsHosts[]; readonly problems: string[] } = { of: [], problems: [] };

  /** @param releaseOf the BMO release that takes care of a namespace, where that is known */
  constructor(
    scope: Construct,
    readonly releaseOf: (namespace: string) => string | undefined = () => undefined,
  ) {
    super(scope, ID);
    this.node.addValidation({ validate: () => this.problems() });
  }

  /** Has the hosts of a construct checked with all others. */
  add(claimant: ClaimsHosts): void {
    this.claimants.add(claimant);
  }

  private problems(): string[] {
    // One that was taken out of the tree again is not synthesized.
    const there = [...this.claimants].filter((each) => each.node.scope?.node.tryFindChild(each.node.id) === each);
    const { of } = this.found;
    if (there.length !== of.length || there.some((each, i) => each !== of[i]))
      this.found = { of: there, problems: problemsOf(there) };
    return this.found.problems;
  }
}

function problemsOf(claimants: readonly ClaimsHosts[]): string[] {
  const hosts: (HostClaims & { readonly path: string })[] = [];
  const registry = new Registry<HostClaims>(HOST_CLAIMS, (id) => {
    const host = hosts[id];
    if (host === undefined) throw new RangeError(`no host ${id}`);
    return { member: host, label: `${host.namespace}/${host.name} (${host.path})` };
  });
  try {
    for (const claimant of claimants) {
      for (const claims of claimant.hostClaims()) {
        hosts.push({ ...claims, path: claimant.node.path });
        registry.add(claims);
      }
    }
    return [];
  } catch (error) {
    if (!(error instanceof TestbedError)) throw error;
    return [error.message];
  }
}
