/** What the components of all fleets have in common. */
import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { ClusterPlan } from '../../lib/kinds/cluster/cluster-plan';
import type { Kind } from '../../lib/kinds/kind';
import { isDnsLabel, requireDnsSubdomain } from '../../lib/names';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { connectionOf, type Connection } from './connection';
import { hasOutputs, isOutput, unwrapped } from './described-set';
import type { FleetArgs, FleetCredentials } from './fleet-args';
import { type FleetInputs, type FleetNames, type OnClusterGone, type Readiness, type WaitFor } from './fleet-state';
import { requireWaitFor } from './require-wait-for';
import { replacedInPlace } from './replaced-in-place';

export type AsInputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** What Pulumi keeps of a fleet of any kind: the child of its component. */
export class FleetResource<I extends FleetInputs> extends pulumi.dynamic.Resource {
  declare readonly objects: pulumi.Output<Readonly<Record<string, number>>>;
  declare readonly readiness: pulumi.Output<Readiness | undefined>;
  /** Name of the ApplySet. */
  declare readonly set: pulumi.Output<string>;

  /** @param type `HostFleet` */
  constructor(
    type: string,
    provider: pulumi.dynamic.ResourceProvider,
    name: string,
    inputs: AsInputs<I>,
    opts: pulumi.CustomResourceOptions,
  ) {
    // What is undefined here is an output.
    const outputs = { objects: undefined, clusterUid: undefined, plan: undefined, drift: undefined };
    super(
      provider,
      name,
      { ...inputs, ...outputs, readiness: undefined },
      replacedInPlace(opts),
      'metal3-testbed',
      type,
    );
  }
}

/** Where a fleet goes, and its ApplySet. */
export interface FleetPlace {
  readonly connection: Connection;
  /** As it was given. */
  readonly set: pulumi.Input<string | undefined>;
  /** What it is called otherwise, unless it has a name from before. */
  readonly defaultSet: string;
}

/**
 * Everything that can be refused of what fleets have in common, before anything is registered.
 *
 * @param type `HostFleet`
 */
export function checkedPlace(
  { type, name, kind }: { readonly type: string; readonly name: string; readonly kind: Kind },
  args: FleetArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
): FleetPlace {
  const what = `${type} ${name}`;
  requireBehaviour(what, kind, args);
  const { set } = args;
  if (typeof set === 'string') requireDnsSubdomain(`set of ${what}`, set);
  const defaultSet = setNameOf({ project: pulumi.getProject(), stack: pulumi.getStack(), name });
  return { set, defaultSet, connection: connectionOf(what, args, opts) };
}

/** The inputs that all fleets have. */
export function commonInputs(
  { connection, set, defaultSet }: FleetPlace,
  args: FleetArgs,
): AsInputs<Omit<FleetInputs, 'plan'>> {
  const { kubeconfig, context } = connection;
  return { kubeconfig, context, set, defaultSet, ...behaviourOf(args) } as AsInputs<Omit<FleetInputs, 'plan'>>;
}

/** How a fleet is written, waited for and deleted. */
export function behaviourOf(args: FleetArgs) {
  const { createNamespaces = true, forceConflicts = false, onClusterGone = 'fail', deleteTimeoutSeconds = 600 } = args;
  const { waitFor = 'none', waitTimeoutSeconds } = args;
  return { createNamespaces, forceConflicts, onClusterGone, deleteTimeoutSeconds, waitFor, waitTimeoutSeconds };
}

/** How the hosts or clusters of a set are called. */
export function namesOf({ name, count, firstIndex, props }: Fleet | ClusterPlan): FleetNames {
  const pattern = (props.namePattern ?? '{name}-{index}').replaceAll('{name}', name);
  return { pattern, firstIndex, count };
}

/** Values are secrets; a reference may be read by everybody. */
export function credentialsInput(credentials: FleetCredentials): pulumi.Input<CredentialsEntry> {
  const plain = pulumi.output(unwrapped(credentials)) as pulumi.Output<CredentialsEntry>;
  return hasCredentialValues(credentials) ? pulumi.secret(plain) : plain;
}

/** Whether there are values among credentials, as far as it is known. What is not known yet may have some in it. */
export function hasCredentialValues(credentials: FleetCredentials): boolean {
  const { username, password } = credentials as Readonly<Record<string, unknown>>;
  return isOutput(credentials) || username !== undefined || password !== undefined;
}

/** @throws TestbedError (`invalid-input`) for what cannot be, as far as it is known */
export function requireBehaviour(what: string, kind: Kind, args: FleetArgs): void {
  const { onClusterGone = 'fail', waitFor = 'none' } = args;
  if (!hasOutputs(onClusterGone)) requireOnClusterGone(what, onClusterGone as OnClusterGone);
  if (!hasOutputs(waitFor)) requireWaitFor(what, kind, waitFor as WaitFor);
}

function requireOnClusterGone(what: string, value: OnClusterGone): void {
  if (value === 'fail' || value === 'forget') return;
  throw invalidInput(`onClusterGone of ${what} is '${String(value)}': use 'fail' or 'forget'`);
}

/**
 * A name of its own for each fleet of each stack: `project.stack.fleet`, and where one of the three is not a valid name for
 * Kubernetes, something like it with a hash.
 */
export function setNameOf({ project, stack, name }: Record<'project' | 'stack' | 'name', string>): string {
  const parts = [project, stack, name];
  if (parts.every(isDnsLabel)) return parts.join('.');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  return `${slug.slice(0, 200)}-${createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 16)}`;
}
