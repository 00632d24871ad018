/** The kinds that this package knows. */
import { bareMetalHostKind } from './bare-metal-host/kind';
import { clusterKind } from './cluster/kind';
import { closest } from '../crd';
import { invalidInput } from '../errors';
import type { Kind } from './kind';
import { machineKind } from './machine/kind';

export type { Kind, ObservedObject } from './kind';

export const KINDS: readonly Kind[] = [bareMetalHostKind, clusterKind, machineKind];

/** Those whose objects simulators make live. */
export const SIMULATED_KINDS: readonly Kind[] = KINDS.filter(({ isSimulated }) => isSimulated);

/** The kind that is meant where none is named. */
export const DEFAULT_KIND: Kind = bareMetalHostKind;

/**
 * @param name as people write it: kind, plural or short name, in any case
 * @throws TestbedError (`invalid-input`) for a kind that is not known
 */
export function requireKind(name: string): Kind {
  const wanted = name.toLowerCase();
  const namesOf = ({ kind, plural, shortNames }: Kind) => [kind.toLowerCase(), plural, ...shortNames];
  const found = KINDS.find((kind) => namesOf(kind).includes(wanted));
  if (found !== undefined) return found;
  const meant = closest(wanted, KINDS.flatMap(namesOf));
  throw invalidInput(
    `kind '${name}' is unknown${meant === undefined ? ':' : `; did you mean '${meant}'?`} use one of ${KINDS.map(({ kind }) => kind).join(', ')}`,
  );
}

/** @param text in any case @throws TestbedError (`invalid-input`) for what is not a state of the kind */
export function requireState({ states }: Kind, text: string): string {
  const found = states.find((state) => state.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const meant = closest(text, states);
  throw invalidInput(
    `state '${text}' is unknown${meant === undefined ? ':' : `; did you mean '${meant}'?`} use one of ${states.join(', ')}`,
  );
}
