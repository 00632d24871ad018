/** What is said of a fleet beside its set: where it goes, and how it is written, waited for and deleted. */
import type { Kind } from '../../lib/kinds/kind';
import { requireDnsSubdomain } from '../../lib/names';
import type { FleetArgs } from './fleet-args';
import { FLEET } from './fleet-schema';
import type { WaitFor } from './fleet-state';
import { hasOutputs } from './property-values';
import { requireArguments } from './require-arguments';
import { requireWaitFor } from './require-wait-for';

/** With what it is where it is left out; an output may turn out to be undefined. */
export function behaviourOf(args: FleetArgs) {
  const { createNamespaces = true, forceConflicts = false, onClusterGone = 'fail', deleteTimeoutSeconds = 600 } = args;
  const { waitFor = 'none', waitTimeoutSeconds } = args;
  return { createNamespaces, forceConflicts, onClusterGone, deleteTimeoutSeconds, waitFor, waitTimeoutSeconds };
}

/**
 * @param args of which what is known only later is left alone
 * @throws TestbedError (`invalid-input`) for what cannot be
 */
export function requireFleet(what: string, kind: Kind, args: object): void {
  const given = args as Readonly<Record<string, unknown>>;
  const own = Object.fromEntries(Object.keys(FLEET).map((key) => [key, given[key]]));
  requireArguments(what, FLEET, own);
  const { set, waitFor } = own;
  if (typeof set === 'string' && !hasOutputs(set)) requireDnsSubdomain(`set of ${what}`, set);
  if (waitFor !== undefined && !hasOutputs(waitFor)) requireWaitFor(what, kind, waitFor as WaitFor);
}
