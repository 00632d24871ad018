import type { HostFleetCredentials, HostFleetArgs } from './host-fleet-args';
import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import { isDnsLabel, requireDnsSubdomain } from '../../lib/names';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { describedSet, unwrapped } from './described-set';
import { hostResources } from './host-resources';
import type { HostFleetInputs, OnClusterGone } from './host-fleet-state';
import { packageProvider } from './package-provider';

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
  readonly count: number;
  /** Name of the ApplySet; undefined where each object is a resource of its own. */
  readonly set: string | undefined;
  /** How many objects there are, by `Kind.group`. */
  readonly objects: pulumi.Output<Readonly<Record<string, number>>>;

  /** @throws TestbedError (`invalid-input`) for a description that gives no valid hosts, before anything is done */
  constructor(name: string, args: HostFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hostSet, fleet } = describedSet(name, args);
    const { kubeconfig, context, credentials, createNamespaces = true, asResources = false } = args;
    const onClusterGone = requireOnClusterGone(name, args.onClusterGone ?? 'fail');
    const set = requireDnsSubdomain(`set of HostFleet ${name}`, args.set ?? defaultSetName(name));
    if (asResources) requireFew(name, fleet.count);
    const secrets = {
      kubeconfig: pulumi.secret(kubeconfig),
      credentials: credentials && credentialsInput(credentials),
    };
    const described = hasLiterals(hostSet) ? pulumi.secret(hostSet) : hostSet;
    const overrides = hostSet.overrides && pulumi.output(described).apply((set) => set.overrides);
    super('metal3-testbed:index:HostFleet', name, { ...args, ...secrets, overrides }, opts);
    const common = { ...secrets, context, createNamespaces, onClusterGone };
    this.count = fleet.count;
    this.set = asResources ? undefined : set;
    if (asResources) {
      this.objects = pulumi.output(hostResources(this, name, { ...common, hostSet, fleet }));
    } else {
      const { forceConflicts = false, deleteTimeoutSeconds = 600 } = args;
      const inputs = { ...common, set, forceConflicts, deleteTimeoutSeconds, hostSet: described };
      this.objects = new HostFleetResource(name, inputs, { parent: this }).objects;
    }
    this.registerOutputs({ objects: this.objects });
  }
}

const PROVIDER = packageProvider('host-fleet');

class HostFleetResource extends pulumi.dynamic.Resource {
  declare readonly objects: pulumi.Output<Readonly<Record<string, number>>>;

  constructor(name: string, inputs: AsInputs<HostFleetInputs>, opts: pulumi.CustomResourceOptions) {
    // What is undefined here is an output.
    const props = { ...inputs, objects: undefined, clusterUid: undefined, plan: undefined };
    super(PROVIDER, name, props, opts, 'metal3-testbed', 'HostFleet');
  }
}

type AsInputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** Values are secrets; a reference may be read by everybody. */
function credentialsInput(credentials: HostFleetCredentials): pulumi.Input<CredentialsEntry> {
  const plain = pulumi.output(unwrapped(credentials)) as pulumi.Output<CredentialsEntry>;
  return credentials.username === undefined && credentials.password === undefined ? plain : pulumi.secret(plain);
}

function hasLiterals({ overrides = [] }: HostFleetInputs['hostSet']): boolean {
  return overrides.some(
    ({ credentials }) => credentials?.username !== undefined || credentials?.password !== undefined,
  );
}

function requireOnClusterGone(name: string, value: OnClusterGone): OnClusterGone {
  if (value === 'fail' || value === 'forget') return value;
  throw invalidInput(`onClusterGone of HostFleet ${name} is '${String(value)}': use 'fail' or 'forget'`);
}

function requireFew(name: string, count: number): void {
  if (count <= MOST_RESOURCES) return;
  throw invalidInput(
    `asResources of HostFleet ${name} is for ${MOST_RESOURCES} hosts at most, and there are ${count}: leave it out`,
  );
}

/**
 * A name of its own for each fleet of each stack: `project.stack.fleet`, and where one of the three is not a valid name for
 * Kubernetes, something like it with a hash.
 */
function defaultSetName(name: string): string {
  const parts = [pulumi.getProject(), pulumi.getStack(), name];
  if (parts.every(isDnsLabel)) return parts.join('.');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  return `${slug.slice(0, 200)}-${createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 16)}`;
}
