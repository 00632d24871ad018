const EMPTY = 0xffffffff;

/**
 * Texts, each with the number of what has it, in 24 bytes on the average: 64 bits of a hash and the number are kept instead of
 * the text. Open addressing over three arrays of numbers: two halves of the hash, and the number.
 */
export class HashTable {
  private capacity = 1024;
  private used = 0;
  private high = new Uint32Array(this.capacity);
  private low = new Uint32Array(this.capacity);
  private ids = new Uint32Array(this.capacity).fill(EMPTY);

  /** @returns the id that has this value already, if any */
  insert(value: string, id: number, valueOfId: (id: number) => string | undefined): number | undefined {
    if (this.used * 2 >= this.capacity) this.grow();
    const [high, low] = hash(value);
    for (let at = low & (this.capacity - 1); ; at = (at + 1) & (this.capacity - 1)) {
      const other = this.ids[at];
      if (other === EMPTY || other === undefined) {
        this.put(at, high, low, id);
        this.used++;
        return undefined;
      }
      if (this.high[at] === high && this.low[at] === low && valueOfId(other) === value) return other;
    }
  }

  private put(at: number, high: number, low: number, id: number): void {
    this.high[at] = high;
    this.low[at] = low;
    this.ids[at] = id;
  }

  private grow(): void {
    const { high, low, ids, capacity } = this;
    this.capacity = capacity * 2;
    this.high = new Uint32Array(this.capacity);
    this.low = new Uint32Array(this.capacity);
    this.ids = new Uint32Array(this.capacity).fill(EMPTY);
    for (let i = 0; i < capacity; i++) {
      const id = ids[i] ?? EMPTY;
      if (id === EMPTY) continue;
      let at = (low[i] ?? 0) & (this.capacity - 1);
      while (this.ids[at] !== EMPTY) at = (at + 1) & (this.capacity - 1);
      this.put(at, high[i] ?? 0, low[i] ?? 0, id);
    }
  }
}

/** Two independent FNV-1a hashes with a final mix; not for adversaries, who can at most make this slow. */
function hash(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  a ^= a >>> 16;
  a = Math.imul(a, 0x7feb352d);
  return [(b ^ (b >>> 16)) >>> 0, (a ^ (a >>> 15)) >>> 0];
}
