/** Bytes that came and were not used yet, without copying those that wait each time that more come. */
export class ByteQueue {
  private buffer = Buffer.allocUnsafe(1 << 16);
  private start = 0;
  private end = 0;

  get length(): number {
    return this.end - this.start;
  }

  push(bytes: Uint8Array): void {
    if (this.end + bytes.length > this.buffer.length) {
      const { length } = this;
      const needed = length + bytes.length;
      // Much room, so that what waits is copied only now and then.
      const next = needed * 2 > this.buffer.length ? Buffer.allocUnsafe(needed * 2) : this.buffer;
      this.buffer.copy(next, 0, this.start, this.end);
      [this.buffer, this.start, this.end] = [next, 0, length];
    }
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** What waits; valid until the next push. */
  view(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }

  drop(count: number): void {
    this.start += count;
    if (this.start < this.end) return;
    this.start = this.end = 0;
    // After a large document, its memory is given back.
    if (this.buffer.length > 1 << 22) this.buffer = Buffer.allocUnsafe(1 << 16);
  }
}
