import * as pulumi from '@pulumi/pulumi';
import { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { HostSetProps } from '../../lib/kinds/bare-metal-host/host-set-props';
import { invalidInput } from '../../lib/errors';
import { requireKnownShape, requireTestbedShape } from '../../lib/testbed/schema';
import { FLEET_ARGS } from './fleet-args';
import type { HostFleetHosts } from './host-fleet-args';
import type { HostFleetInputs } from './host-fleet-state';
import { hasOutputs, isOutput, knownPart } from './property-values';

export type DescribedSet = HostFleetInputs['hostSet'];

/** What of the arguments is not about the hosts alone. */
const NOT_OF_SET: ReadonlySet<string> = new Set([...FLEET_ARGS, 'credentials', 'asResources']);

/** Hosts as a program describes them. */
export interface SetOfArgs {
  /** What Pulumi is handed, with texts that must not be shown as what they are. */
  readonly hostSet: pulumi.Input<DescribedSet>;
  /** Whether texts that must not be shown are among it. */
  readonly hasSecrets: boolean;
  /** The hosts; undefined where they are known only once other resources are made. */
  readonly fleet: Fleet | undefined;
}

/**
 * The hosts that the arguments of a fleet describe, without what they say of the fleet.
 *
 * @throws TestbedError (`invalid-input`) for what a host set cannot have, as far as it is known by now
 */
export function describedSet(name: string, args: HostFleetHosts): SetOfArgs {
  const where = `HostFleet ${name}`;
  requireNoFunction(where, args);
  const set = givenOfSet(args, NOT_OF_SET);
  const hostSet = unwrapped(set) as pulumi.Input<DescribedSet>;
  const hasSecrets = hasSensitive(set) || hasLiterals(set);
  if (hasOutputs(set)) {
    requireKnownShape({ hostSets: [knownPart(hostSet)] }, where);
    return { hostSet, hasSecrets, fleet: undefined };
  }
  const { credentials } = args;
  const known = credentials !== undefined && !hasOutputs(credentials) ? credentials : undefined;
  const { secretName } = (known ?? {}) as { readonly secretName?: string };
  return { hostSet, hasSecrets, fleet: fleetOfSet(where, hostSet as DescribedSet, secretName) };
}

/** What of the arguments of a fleet is about its hosts, as it is handed to Pulumi. */
export function hostSetOf(args: object): DescribedSet {
  return unwrapped(givenOfSet(args, NOT_OF_SET)) as DescribedSet;
}

/**
 * What of the arguments of a fleet is about its set.
 *
 * @param others the names of those that are not
 */
export function givenOfSet(args: object, others: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const given = Object.entries(args).filter(([key, value]) => !others.has(key) && value !== undefined);
  return Object.fromEntries(given);
}

/** @throws TestbedError (`invalid-input`) for a function, which no state can hold */
export function requireNoFunction(where: string, args: object): void {
  if ('override' in args)
    throw invalidInput(`${where} has override, a function, which Pulumi's state cannot hold: use overrides`);
}

/** @throws TestbedError (`invalid-input`) for what a host set cannot have */
export function fleetOfSet(where: string, hostSet: DescribedSet, secretName?: string): Fleet {
  requireTestbedShape({ hostSets: [hostSet] }, where);
  const credentials = secretName === undefined ? undefined : { secretName };
  const fleet = new Fleet({ ...hostSet, credentials } as HostSetProps);
  fleet.check();
  return fleet;
}

/** Pulumi would take the text that must not be shown for an empty object. */
export function unwrapped(value: unknown): unknown {
  if (value instanceof SensitiveText) return value.unwrap();
  if (typeof value !== 'object' || value === null) return value;
  if (isOutput(value)) return value;
  if (Array.isArray(value)) return value.map(unwrapped);
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([key, part]) => [key, unwrapped(part)]));
}

function hasSensitive(value: unknown): boolean {
  if (value instanceof SensitiveText) return true;
  if (typeof value !== 'object' || value === null || pulumi.Output.isInstance(value)) return false;
  return Object.values(value).some(hasSensitive);
}

/** Whether an override has a credential by its value. */
export function hasLiterals({ overrides }: { readonly overrides?: unknown }): boolean {
  if (!Array.isArray(overrides)) return false;
  return overrides.some((rule: { readonly credentials?: object } | null) => {
    const { username, password } = (rule?.credentials ?? {}) as Readonly<Record<string, unknown>>;
    return username !== undefined || password !== undefined;
  });
}
