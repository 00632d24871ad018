import { hash } from 'node:crypto';

/** What is known of one object, as bits. */
export const Mark = {
  /** Belongs to this set, as it was listed. */
  Member: 1,
  /** Belongs to another set. */
  Foreign: 2,
  /** Is being deleted. */
  Deleting: 4,
  /** Is in the description. */
  Described: 8,
  /** Is there, and belongs to no set. */
  Alone: 16,
} as const;

const STRIDE = 7;

/**
 * A map from an object's key to the digest of its content and a few marks, in 28 bytes an entry (up to 112 with the room
 * to grow), so that a million objects fit where a page of them would. Keys and digests are kept as 64 bits of a hash; among a million objects two meet
 * with a chance of one in thirty million.
 */
export class DigestTable {
  private slots = new Uint32Array(1024 * STRIDE);
  private used = 0;

  get size(): number {
    return this.used;
  }

  /**
   * Remembers an object.
   *
   * @param digest undefined where its content cannot be compared
   * @param ownership which fields are ours, as text
   */
  put(key: string, digest: string | undefined, version: string, marks: number, ownership = ''): void {
    const at = this.slotOf(key);
    this.slots[at + 5] = halves(version)[0];
    this.slots[at + 6] = halves(ownership)[0];
    const [high, low] = digest === undefined ? [0, 0] : halves(digest);
    this.slots[at + 2] = high;
    this.slots[at + 3] = low;
    // An object may be described before it is listed.
    this.slots[at + 4] = marks | ((this.slots[at + 4] ?? 0) & Mark.Described);
  }

  /** Adds marks to an object, which is made where it is not known. @returns the marks it had before */
  mark(key: string, marks: number): number {
    const at = this.slotOf(key);
    const before = this.slots[at + 4] ?? 0;
    this.slots[at + 4] = before | marks;
    return before;
  }

  marksOf(key: string): number {
    return this.slots[this.slotOf(key) + 4] ?? 0;
  }

  hasDigest(key: string, digest: string): boolean {
    const at = this.slotOf(key);
    const [high, low] = halves(digest);
    return this.slots[at + 2] === high && this.slots[at + 3] === low;
  }

  /** Whether the object has the resourceVersion with which it was remembered. */
  hasVersion(key: string, version: string): boolean {
    const at = this.slotOf(key);
    return this.slots[at + 4] !== 0 && this.slots[at + 5] === halves(version)[0];
  }

  /** Whether the object has the fields of ours with which it was remembered. */
  hasOwnership(key: string, ownership: string): boolean {
    const at = this.slotOf(key);
    return this.slots[at + 4] !== 0 && this.slots[at + 6] === halves(ownership)[0];
  }

  /** How many objects have all of `marks` and none of `without`. */
  count(marks: number, without: number): number {
    let count = 0;
    for (let at = 0; at < this.slots.length; at += STRIDE) {
      const has = this.slots[at + 4] ?? 0;
      if (has !== 0 && (has & marks) === marks && (has & without) === 0) count++;
    }
    return count;
  }

  private slotOf(key: string): number {
    if ((this.used + 1) * STRIDE * 2 > this.slots.length) this.grow();
    const [high, low] = halves(key);
    return this.find(high, low);
  }

  private find(high: number, low: number): number {
    const capacity = this.slots.length / STRIDE;
    for (let i = low % capacity; ; i = (i + 1) % capacity) {
      const at = i * STRIDE;
      const isFree = this.slots[at] === 0 && this.slots[at + 1] === 0;
      if (isFree) {
        this.slots[at] = high;
        this.slots[at + 1] = low;
        this.used++;
        return at;
      }
      if (this.slots[at] === high && this.slots[at + 1] === low) return at;
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    this.used = 0;
    for (let from = 0; from < before.length; from += STRIDE) {
      const [high = 0, low = 0] = before.subarray(from, from + 2);
      if (high === 0 && low === 0) continue;
      const to = this.find(high, low);
      this.slots.set(before.subarray(from + 2, from + STRIDE), to + 2);
    }
  }
}

function halves(text: string): readonly [number, number] {
  const digits = hash('sha1', text);
  // Two zeros stand for a free slot.
  return [parseInt(digits.slice(0, 8), 16), parseInt(digits.slice(8, 16), 16) || 1];
}
