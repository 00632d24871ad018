import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import type { SensitiveText } from '../../lib/baremetal-host/credentials';
import { invalidInput } from '../../lib/errors';
import { isDnsLabel, requireDnsSubdomain } from '../../lib/names';
import type { CredentialsEntry } from '../../lib/testbed-schema';
import type { HostSetEntry } from '../../src/host-set-entry';
import { describedSet, unwrapped } from './described-set';
import { hostResources } from './host-resources';
import type { HostFleetInputs, OnClusterGone } from './host-fleet-state';
import { packageProvider } from './package-provider';

/**
 * Credentials of the BMCs: values, which Pulumi keeps as secrets; the environment variable or file that holds one, which
 * is read on each `up`; or a Secret that exists.
 */
export interface HostFleetCredentials {
  readonly username?: pulumi.Input<string> | SensitiveText | undefined;
  /** Files are relative to the folder of the program. */
  readonly usernameFrom?: CredentialsEntry['usernameFrom'];
  readonly password?: pulumi.Input<string> | SensitiveText | undefined;
  readonly passwordFrom?: CredentialsEntry['passwordFrom'];
  /** A Secret in the namespace of each host, with the keys `username` and `password`. */
  readonly secretName?: string | undefined;
}

/** A host set, and where it goes. */
export interface HostFleetArgs extends Omit<HostSetEntry, 'credentials'> {
  /** Content of a kubeconfig, or the path of one, relative to the folder of the program. Kept as a secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current context */
  readonly context?: pulumi.Input<string>;
  /** @default - the blog's */
  readonly credentials?: HostFleetCredentials;
  /**
   * Name of the ApplySet that the objects belong to; no two fleets of a cluster may have the same. Another name replaces
   * the fleet.
   * @default - `project.stack.name`
   */
  readonly set?: string;
  /**
   * Whether namespaces that are not there are made, and deleted with the fleet.
   * @default true
   */
  readonly createNamespaces?: boolean;
  /**
   * Whether fields that somebody else has changed are taken back.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: boolean;
  /**
   * What happens once the cluster is not there any more, which `destroy` and `refresh` cannot know to be meant.
   * @default 'fail'
   */
  readonly onClusterGone?: OnClusterGone;
  /**
   * How long deleted hosts may take to be gone, in seconds: whoever plays them has to clear their finalizers.
   * @default 600
   */
  readonly deleteTimeoutSeconds?: number;
  /**
   * Whether each object is a Pulumi resource of its own: for at most 1,000 hosts, and slower by orders of magnitude.
   * `set`, `forceConflicts` and `deleteTimeoutSeconds` have no meaning then. A fleet has to be destroyed before this can
   * change.
   * @default false
   */
  readonly asResources?: boolean;
}

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
  constructor(name: string, args: HostFleetArgs, options?: pulumi.ComponentResourceOptions) {
    const { hostSet, fleet } = describedSet(name, args);
    const { kubeconfig, context, credentials, createNamespaces = true, asResources = false } = args;
    const onClusterGone = requireOnClusterGone(name, args.onClusterGone ?? 'fail');
    const set = requireDnsSubdomain(`set of HostFleet ${name}`, args.set ?? defaultSetName(name));
    if (asResources) requireFew(name, fleet.count);
    super('metal3-testbed:index:HostFleet', name, {}, options);
    const common = {
      kubeconfig: pulumi.secret(kubeconfig),
      ...(context !== undefined && { context }),
      ...(credentials !== undefined && { credentials: credentialsInput(credentials) }),
      ...{ createNamespaces, onClusterGone },
    };
    this.count = fleet.count;
    this.set = asResources ? undefined : set;
    if (asResources) {
      this.objects = pulumi.output(hostResources(this, name, { ...common, hostSet, fleet }));
    } else {
      const { forceConflicts = false, deleteTimeoutSeconds = 600 } = args;
      const described = hasLiterals(hostSet) ? pulumi.secret(hostSet) : hostSet;
      const inputs = { ...common, set, forceConflicts, deleteTimeoutSeconds, hostSet: described };
      this.objects = new HostFleetResource(name, inputs, { parent: this }).objects;
    }
    this.registerOutputs({ objects: this.objects });
  }
}

const PROVIDER = packageProvider('host-fleet');

class HostFleetResource extends pulumi.dynamic.Resource {
  declare readonly objects: pulumi.Output<Readonly<Record<string, number>>>;

  constructor(name: string, inputs: AsInputs<HostFleetInputs>, options: pulumi.CustomResourceOptions) {
    // What is undefined here is an output.
    const props = { ...inputs, objects: undefined, clusterUid: undefined, plan: undefined };
    super(PROVIDER, name, props, options, 'metal3-testbed', 'HostFleet');
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
 * A name of its own for each fleet of each stack: `project.stack.fleet`, and where one of the three is no name for
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
