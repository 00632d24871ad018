/** What the components of all fleets have in common. */
import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { ClusterPlan } from '../../lib/kinds/cluster/cluster-plan';
import type { Kind } from '../../lib/kinds/kind';
import { isDnsLabel } from '../../lib/names';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { connectionOf, type Connection } from './connection';
import { unwrapped } from './described-set';
import type { FleetArgs, FleetCredentials } from './fleet-args';
import { behaviourOf, requireFleet } from './fleet-behaviour';
import type { FleetInputs, FleetNames, Readiness } from './fleet-state';
import { withoutImport } from './made-here';
import { isOutput } from './property-values';
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
  withoutImport(type, opts ?? {}, 'describe it, with the name of its set as `set`');
  requireFleet(what, kind, args);
  const { set } = args;
  const defaultSet = setNameOf({ project: pulumi.getProject(), stack: pulumi.getStack(), name });
  return { set, defaultSet, connection: connectionOf(what, args, opts) };
}

/** The inputs that all fleets have. @param fleet URN of the fleet */
export function commonInputs(
  { connection, set, defaultSet }: FleetPlace,
  args: FleetArgs,
  fleet: pulumi.Output<string>,
): AsInputs<Omit<FleetInputs, 'plan'>> {
  const { kubeconfig, context } = connection;
  return { kubeconfig, context, set, defaultSet, fleet, ...behaviourOf(args) } as AsInputs<Omit<FleetInputs, 'plan'>>;
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
