import { parseIndexes } from '../kinds/bare-metal-host/indexes';

/** Which members of sets are selected. */
export interface MemberSelection {
  /** By index in their set. @default - all */
  readonly indexes?: string | number | undefined;
  /** What those are called in errors. */
  readonly what: string;
  readonly share?: number | undefined;
}

/**
 * The members of sets, one at a time, in the order of the description. A share is spread evenly: of half of them it is every
 * other one, the second first.
 */
export function* selectMembers<S, M extends { readonly index: number }>(
  sets: Iterable<S>,
  membersOf: (set: S) => Iterable<M>,
  { indexes, what, share = 1 }: MemberSelection,
): Generator<readonly [set: S, member: M], void, undefined> {
  const isIndexed = indexes === undefined ? () => true : parseIndexes(indexes, what);
  let position = 0;
  for (const set of sets)
    for (const member of membersOf(set)) {
      if (!isIndexed(member.index)) continue;
      const isTaken = Math.floor((position + 1) * share) > Math.floor(position * share);
      position++;
      if (isTaken) yield [set, member];
    }
}
