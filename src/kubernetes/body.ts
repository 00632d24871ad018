/**
 * The body of an answer as it comes: chunks are copied together at once, so that a body in pieces of one byte takes no more
 * memory than one that comes whole.
 */
export class Body {
  size = 0;
  private bytes: Buffer | undefined;
  /** Whether `bytes` is ours to write into, and not the chunk of somebody else. */
  private isOwn = false;

  add(chunk: Uint8Array): void {
    const before = this.size;
    this.size += chunk.length;
    if (this.bytes === undefined) {
      // Most answers are one chunk, which need not be copied.
      this.bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      return;
    }
    if (!this.isOwn || this.bytes.length < this.size) {
      const grown = Buffer.allocUnsafe(Math.max(16_384, 2 * this.size));
      this.bytes.copy(grown, 0, 0, before);
      this.bytes = grown;
      this.isOwn = true;
    }
    this.bytes.set(chunk, before);
  }

  /** What has come, as UTF-8. */
  text(): string {
    return this.bytes?.toString('utf8', 0, this.size) ?? '';
  }

  clear(): void {
    this.size = 0;
    this.bytes = undefined;
    this.isOwn = false;
  }
}
