import { invalidInput } from '../errors';
import { show } from '../names';
import { parseIndexes, rangesOf } from './bare-metal-host/indexes';

/** A list of indexes, as {@link rangesOf} reads it, and what the members of these have otherwise. */
interface Rule<O> {
  readonly indexes: string | number;
  readonly override: O;
}

/** What some members of a set have otherwise: by rules, of which later ones win, and computed, which wins over these. */
export class Overrides<M extends { readonly index: number }, O extends object> {
  /** Whether any member may have one. */
  readonly areAny: boolean;
  private readonly has: readonly ((index: number) => boolean)[];

  /**
   * @param noun what a member is called
   * @param joined an override with another one on top of it
   * @throws TestbedError (`invalid-input`) for what is not a list of indexes
   */
  constructor(
    private readonly noun: string,
    private readonly rules: readonly Rule<O>[],
    private readonly computed: ((member: M) => O | undefined) | undefined,
    private readonly joined: (base: O, over: O) => O,
  ) {
    this.has = rules.map(({ indexes }) => parseIndexes(indexes, `${noun}s`));
    this.areAny = rules.length > 0 || computed !== undefined;
  }

  of(member: M): O | undefined {
    if (!this.areAny) return undefined;
    let merged: O | undefined;
    const add = (over: O) => (merged === undefined ? over : this.joined(merged, over));
    for (const [i, { override }] of this.rules.entries()) if (this.has[i]?.(member.index)) merged = add(override);
    const own = this.computed?.(member);
    return own === undefined ? merged : add(own);
  }

  /** @throws TestbedError (`invalid-input`) for a rule of members that there are none of */
  requireMembers(set: string, first: number, last: number): void {
    if (last < first) return;
    const { noun } = this;
    for (const [i, { indexes }] of this.rules.entries()) {
      if (rangesOf(indexes, `${noun}s`).some(({ from, to }) => from <= last && to >= first)) continue;
      throw invalidInput(
        `overrides[${i}].${noun}s ${show(indexes)} of ${noun} set ${set} matches no ${noun}: its ${noun}s have the indexes ${first} to ${last}`,
      );
    }
  }
}

/** Two maps as one, of which the second wins; undefined where there is neither. */
export function merged<T extends object>(base: T | undefined, over: T | undefined): T | undefined {
  return base && over ? { ...base, ...over } : (over ?? base);
}
