import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { isDnsLabel, requireDnsSubdomain } from '../../lib/names';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { withPlainErrors } from '../plain-errors';
import { connectionOf } from './connection';
import { describedSet, fleetOfSet, hasOutputs, unwrapped, type SetOfArgs } from './described-set';
import type { HostFleetArgs } from './host-fleet-args';
import type * as hostResourcesModule from './host-resources';
import {
  WAIT_TIMEOUT_SECONDS,
  type HostFleetInputs,
  type HostNames,
  type OnClusterGone,
  type Readiness,
} from './host-fleet-state';
import { packageProvider } from './package-provider';
import { requireWaitFor } from './require-wait-for';

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
  readonly hostNames: pulumi.Output<HostNames>;
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
    const { described, connection, set } = withPlainErrors(() => checked(name, args, opts));
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
    const known = pulumi.output(hostSet).apply((plain) => facesOf(name, plain as HostFleetInputs['hostSet'], fleet));
    const face = pulumi.unsecret(known);
    this.count = face.apply(({ hostNames }) => hostNames.count);
    this.hostNames = face.apply(({ hostNames }) => hostNames);
    this.namespaces = face.apply(({ namespaces }) => namespaces);
    const { context } = connection;
    if (asResources && fleet !== undefined) {
      const plain = {
        hostSet: described.hostSet as HostFleetInputs['hostSet'],
        createNamespaces: createNamespaces as boolean,
        onClusterGone: onClusterGone as OnClusterGone,
      };
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load @pulumi/kubernetes always
      const { hostResources } = require('./host-resources') as typeof hostResourcesModule;
      const { counts, made } = hostResources(this, name, { ...connection, ...secrets, ...plain, fleet });
      this.objects = pulumi.output(counts);
      this.readiness = pulumi.output(undefined);
      this.set = pulumi.output(undefined);
      this.kubeconfig = pulumi.all([connection.kubeconfig, made.map(({ id }) => id)]).apply(([content]) => content);
    } else {
      const { forceConflicts = false, deleteTimeoutSeconds = 600 } = args;
      const { waitFor = 'none', waitTimeoutSeconds = WAIT_TIMEOUT_SECONDS } = args;
      const behaviour = { forceConflicts, deleteTimeoutSeconds, waitFor, waitTimeoutSeconds };
      const inputs = { ...secrets, context, createNamespaces, onClusterGone, set, ...behaviour, hostSet };
      const made = new HostFleetResource(name, inputs as AsInputs<HostFleetInputs>, { parent: this });
      this.objects = made.objects;
      this.readiness = made.readiness;
      this.set = pulumi.output(set);
      this.kubeconfig = pulumi.all([connection.kubeconfig, made.id]).apply(([content]) => content);
    }
    const { count, objects, readiness } = this;
    this.registerOutputs({ count, objects, readiness });
  }
}

const PROVIDER = packageProvider('host-fleet');

class HostFleetResource extends pulumi.dynamic.Resource {
  declare readonly objects: pulumi.Output<Readonly<Record<string, number>>>;
  declare readonly readiness: pulumi.Output<Readiness | undefined>;

  constructor(name: string, inputs: AsInputs<HostFleetInputs>, opts: pulumi.CustomResourceOptions) {
    // What is undefined here is an output.
    const outputs = { objects: undefined, clusterUid: undefined, plan: undefined, drift: undefined };
    const props = { ...inputs, ...outputs, readiness: undefined };
    super(PROVIDER, name, props, opts, 'metal3-testbed', 'HostFleet');
  }
}

type AsInputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** Everything that can be refused before anything is registered. */
function checked(name: string, args: HostFleetArgs, opts: pulumi.ComponentResourceOptions | undefined) {
  const described = describedSet(name, args);
  const { asResources = false, onClusterGone = 'fail', waitFor = 'none', set = defaultSetName(name) } = args;
  if (!hasOutputs(onClusterGone)) requireOnClusterGone(name, onClusterGone as OnClusterGone);
  if (!hasOutputs(waitFor))
    requireWaitFor(`HostFleet ${name}`, bareMetalHostKind, waitFor as HostFleetInputs['waitFor']);
  if (typeof set === 'string') requireDnsSubdomain(`set of HostFleet ${name}`, set);
  if (asResources) requireFew(name, described, args.createNamespaces);
  return { described, set, connection: connectionOf(`HostFleet ${name}`, args, opts) };
}

/** What others want to know of the hosts. */
function facesOf(name: string, hostSet: HostFleetInputs['hostSet'], fleet: Fleet | undefined) {
  const described = fleet ?? fleetOfSet(`HostFleet ${name}`, hostSet);
  const { count, firstIndex, props } = described;
  const pattern = (props.namePattern ?? '{name}-{index}').replaceAll('{name}', described.name);
  return { hostNames: { pattern, firstIndex, count } satisfies HostNames, namespaces: described.namespaces() };
}

/** Values are secrets; a reference may be read by everybody. */
function credentialsInput(credentials: NonNullable<HostFleetArgs['credentials']>): pulumi.Input<CredentialsEntry> {
  const plain = pulumi.output(unwrapped(credentials)) as pulumi.Output<CredentialsEntry>;
  // What is not known yet may have values in it.
  const { username, password } = credentials as Readonly<Record<string, unknown>>;
  const isReference = !pulumi.Output.isInstance(credentials) && !(credentials instanceof Promise);
  return isReference && username === undefined && password === undefined ? plain : pulumi.secret(plain);
}

function requireOnClusterGone(name: string, value: OnClusterGone): void {
  if (value === 'fail' || value === 'forget') return;
  throw invalidInput(`onClusterGone of HostFleet ${name} is '${String(value)}': use 'fail' or 'forget'`);
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
