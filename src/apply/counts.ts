/** What became of the objects of one kind, or would become of them. */
export interface Counts {
  /** Were not there. */
  readonly added: number;
  /** Were there, and said something else. */
  readonly changed: number;
  /** Were there, as described. */
  readonly unchanged: number;
  /** Were there, and are no longer described. */
  readonly removed: number;
}

export type Outcome = keyof Counts;

/** Counts outcomes kind by kind. */
export class KindCounts {
  private readonly kinds = new Map<string, Record<Outcome, number>>();

  add(groupKind: string, outcome: Outcome, by = 1): void {
    let counts = this.kinds.get(groupKind);
    if (counts === undefined) this.kinds.set(groupKind, (counts = { added: 0, changed: 0, unchanged: 0, removed: 0 }));
    counts[outcome] += by;
  }

  /** By `Kind.group`, in alphabetical order. */
  byKind(): Readonly<Record<string, Counts>> {
    return Object.fromEntries([...this.kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  total(): Counts {
    const sum = { added: 0, changed: 0, unchanged: 0, removed: 0 };
    for (const counts of this.kinds.values()) for (const key of Object.keys(sum) as Outcome[]) sum[key] += counts[key];
    return sum;
  }
}

/** `3 added, 2 unchanged`; what is 0 is left out. */
export function describeCounts(counts: Counts): string {
  const { added, changed, unchanged, removed } = counts;
  const parts = Object.entries({ added, changed, unchanged, removed }).filter(([, count]) => count > 0);
  return parts.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing';
}
