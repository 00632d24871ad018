import { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { HostSetProps } from '../../lib/kinds/bare-metal-host/host-set-props';
import { invalidInput } from '../../lib/errors';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { requireTestbedShape } from '../../lib/testbed/schema';
import type { HostFleetArgs } from './host-fleet-args';
import type { HostFleetInputs } from './host-fleet-state';

type DescribedSet = HostFleetInputs['hostSet'];

/** What of the arguments is about the fleet, and not about its hosts. */
const FLEET_ARGS: ReadonlySet<string> = new Set([
  'kubeconfig',
  'context',
  'credentials',
  'set',
  'createNamespaces',
  'forceConflicts',
  'onClusterGone',
  'deleteTimeoutSeconds',
  'asResources',
] satisfies (keyof HostFleetArgs)[]);

/**
 * The hosts that the arguments of a fleet describe, without what they say of the fleet.
 *
 * @throws TestbedError (`invalid-input`) for what a host set cannot have
 */
export function describedSet(
  name: string,
  args: Omit<HostFleetArgs, 'kubeconfig'>,
): { readonly hostSet: DescribedSet; readonly fleet: Fleet } {
  const where = `HostFleet ${name}`;
  if ('override' in args)
    throw invalidInput(`${where} has override, a function, which Pulumi's state cannot hold: use overrides`);
  const given = Object.entries(args).filter(([key, value]) => !FLEET_ARGS.has(key) && value !== undefined);
  const { overrides, ...plain } = Object.fromEntries(given) as unknown as DescribedSet;
  const hostSet = overrides === undefined ? plain : { ...plain, overrides: overrides.map(withPlainCredentials) };
  requireTestbedShape({ hostSets: [hostSet] }, where);
  const secretName = args.credentials?.secretName;
  const credentials = secretName === undefined ? undefined : { secretName };
  const fleet = new Fleet({ ...hostSet, credentials } as HostSetProps);
  fleet.check();
  return { hostSet, fleet };
}

function withPlainCredentials<T extends { readonly credentials?: CredentialsEntry }>(rule: T): T {
  return rule.credentials === undefined ? rule : { ...rule, credentials: unwrapped(rule.credentials) };
}

/** Pulumi would take the text that must not be shown for an empty object. */
export function unwrapped<T extends object>(credentials: T): T {
  return Object.fromEntries(
    Object.entries(credentials)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value instanceof SensitiveText ? value.unwrap() : (value as unknown)]),
  ) as T;
}
