import { hasLabels } from '../../util/labels';

/** The longest line of metrics that makes sense. */
export const MAX_METRIC_BYTES = 64 * 1024;
/** All lines of one reading: an operator of 100,000 hosts has half of it. */
export const MAX_METRICS_BYTES = 512 * 1024 * 1024;
/** The values that one reading may have: the largest API server has some ten thousand. */
const MOST_VALUES = 100_000;

/** A metric family that is wanted, and the labels by which its values are kept apart; over all others they are summed. */
export interface WantedFamily {
  readonly name: string;
  readonly labels: readonly string[];
  /**
   * Says less of a label's value, where there are too many: values that are alike by it are summed.
   * @default - all are kept apart
   */
  readonly shortened?: (label: string, value: string) => string;
}

/** One value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The values of the wanted families, from one reading. */
export class Samples {
  private readonly families = new Map<string, Map<string, Sample>>();

  private size = 0;

  /** Adds to the value with these labels. */
  add(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    let family = this.families.get(name);
    if (family === undefined) this.families.set(name, (family = new Map<string, Sample>()));
    const key = JSON.stringify(Object.values(labels));
    if (!family.has(key) && ++this.size > MOST_VALUES) throw new Error(`there are more than ${MOST_VALUES} values`);
    family.set(key, { labels, value: (family.get(key)?.value ?? 0) + value });
  }

  /** The values of a family that have these labels. */
  *of(name: string, where: Readonly<Record<string, string>> = {}): Generator<Sample, void, undefined> {
    for (const sample of this.families.get(name)?.values() ?? []) {
      if (hasLabels(sample.labels, where)) yield sample;
    }
  }

  /** Their sum; undefined where there is none. */
  sum(name: string, where?: Readonly<Record<string, string>>): number | undefined {
    let sum: number | undefined;
    for (const { value } of this.of(name, where)) sum = (sum ?? 0) + value;
    return sum;
  }

  /** The sums of a family by what its labels give. */
  sumsBy(name: string, keyOf: (labels: Sample['labels']) => string | undefined): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { labels, value } of this.of(name)) {
      const key = keyOf(labels);
      if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }

  /**
   * How much counters have grown since an earlier reading. One that is lower than before has begun anew, as after a
   * restart, and has grown by all that it is.
   */
  increaseSince(before: Samples): Samples {
    const increase = new Samples();
    for (const [name, family] of this.families) {
      const earlier = before.families.get(name);
      for (const [key, { labels, value }] of family) {
        const start = earlier?.get(key)?.value ?? 0;
        increase.add(name, labels, value >= start ? value - start : value);
      }
    }
    return increase;
  }

  /** Adds another reading's values to these. */
  addAll(other: Samples): void {
    for (const [name, family] of other.families)
      for (const { labels, value } of family.values()) this.add(name, labels, value);
  }
}
