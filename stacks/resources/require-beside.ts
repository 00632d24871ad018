/** What may be said of the processes beside an embedded control plane. */
import { requireKnownShape } from '../../lib/testbed/schema';
import { LOCAL_MANAGERS, LOCAL_SIMULATORS } from './cluster-schemas';
import type { Properties } from './schema-property';
import { knownPart } from './property-values';
import { requireArguments } from './require-arguments';

/** @throws TestbedError (`invalid-input`) for what cannot be, as far as it is known */
export function requireSimulators(what: string, args: object): void {
  const { operators, stages } = requireOwn(what, LOCAL_SIMULATORS, args);
  requireKnownShape(knownPart({ operators, simulator: stages }), what);
}

/** @throws TestbedError (`invalid-input`) for what cannot be, as far as it is known */
export function requireManagers(what: string, args: object): void {
  const { clusterApi } = requireOwn(what, LOCAL_MANAGERS, args);
  requireKnownShape(knownPart({ clusterApi }), what);
}

/** @returns the arguments, without what the engine has put among them */
function requireOwn(what: string, properties: Properties, args: object): Readonly<Record<string, unknown>> {
  const own = { ...args, __provider: undefined } as Readonly<Record<string, unknown>>;
  requireArguments(what, properties, own);
  return own;
}
