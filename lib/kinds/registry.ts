import { invalidInput } from '../errors';
import { HashTable } from './hash-table';

/** What each member must have for itself. */
export interface Claim<T> {
  /** The same text for members that have the same; undefined for one that has none. */
  readonly key: (member: T) => string | undefined;
  /**
   * As errors show it.
   * @default - the key
   */
  readonly shown?: ((member: T) => string) | undefined;
  /** What is to be done where two have the same. */
  readonly advice: string;
}

/** By what errors call each. */
export type Claims<T> = Readonly<Record<string, Claim<T>>>;

/**
 * What members of a testbed have for themselves, to refuse what stands twice.
 *
 * It keeps 64 bits of a hash and a number for each value instead of the value, 24 bytes on the average, so that a
 * million members fit in a stream; a hash that stands twice is looked at again before anybody is accused.
 */
export class Registry<T> {
  private readonly claims: readonly (Claim<T> & { readonly what: string; readonly table: HashTable })[];
  private count = 0;

  /**
   * @param recall gives back the member of a number, and what to call it in an error
   */
  constructor(
    claims: Claims<T>,
    private readonly recall: (id: number) => { readonly member: T; readonly label: string },
  ) {
    this.claims = Object.entries(claims).map(([what, claim]) => ({ ...claim, what, table: new HashTable() }));
  }

  /** @throws TestbedError (`invalid-input`) naming both members and what they share */
  add(member: T): void {
    const id = this.count++;
    for (const { what, table, key, shown = key, advice } of this.claims) {
      const value = key(member);
      if (value === undefined) continue;
      const earlier = table.insert(value, id, (other) => key(this.recall(other).member));
      if (earlier === undefined) continue;
      throw invalidInput(
        `${this.recall(earlier).label} and ${this.recall(id).label} have the same ${what} ${shown(member)}: ${advice}`,
      );
    }
  }
}

interface MemberSet {
  readonly name: string;
  readonly count: number;
  /** Whether any member may differ from what its index gives. */
  readonly hasOverrides: boolean;
}

interface Member {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Refuses sets that have the same member twice. One without overrides is unique in itself, and needs no look at its members.
 *
 * @param noun what a member is called
 * @param nth gives the member of a set at a position from 0 on
 * @throws TestbedError (`invalid-input`) naming two members that share something
 */
export function requireUniqueMembers<S extends MemberSet, T extends Member>(
  noun: string,
  sets: readonly S[],
  claims: Claims<T>,
  nth: (set: S, position: number) => T,
): void {
  if (sets.length < 2 && !sets.some(({ hasOverrides }) => hasOverrides)) return;
  const starts: number[] = [];
  let total = 0;
  for (const set of sets) {
    starts.push(total);
    total += set.count;
  }
  const registry = new Registry<T>(claims, (id) => {
    const i = starts.findLastIndex((start) => start <= id);
    const set = sets[i];
    if (set === undefined) throw new RangeError(`no ${noun} ${id}`);
    const member = nth(set, id - (starts[i] ?? 0));
    return { member, label: `${noun} ${member.namespace}/${member.name} of ${noun} set ${set.name}` };
  });
  for (const set of sets) for (let position = 0; position < set.count; position++) registry.add(nth(set, position));
}
