/** Finds where a value of JSON ends in bytes that come piece by piece, and where the items of a list are in it. */
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const ITEMS = Buffer.from('"items"');

export class JsonFrame {
  /** How many bytes of the value were looked at. */
  position = 0;
  depth = 0;
  deepest = 0;
  /** Where the array of items of a list begins, behind its bracket. */
  itemsStart: number | undefined = undefined;
  /** Where it ends, before its bracket. */
  itemsEnd: number | undefined = undefined;
  /** Where the commas behind its items are. */
  itemEnds: number[] = [];
  private isQuoted = false;
  private isEscaped = false;
  private textStart = 0;
  private isItemsKey = false;

  /**
   * Goes on where it was.
   *
   * @param bytes the value from its first byte on, as far as it has come
   * @returns where the value ends, if it does
   */
  advance(bytes: Uint8Array): number | undefined {
    let { position, depth, isQuoted, isEscaped } = this;
    const { length } = bytes;
    let end: number | undefined;
    while (position < length) {
      const byte = bytes[position++]!;
      if (isQuoted) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          isQuoted = false;
          if (depth === 1) this.isItemsKey = ITEMS.equals(bytes.subarray(this.textStart, position));
        }
        continue;
      }
      switch (byte) {
        case QUOTE:
          isQuoted = true;
          this.textStart = position - 1;
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          depth++;
          if (depth > this.deepest) this.deepest = depth;
          if (depth === 2 && byte === OPEN_BRACKET && this.isItemsKey && this.itemsStart === undefined)
            this.itemsStart = position;
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          depth--;
          if (depth === 1 && this.itemsStart !== undefined) this.itemsEnd ??= position - 1;
          break;
        case COMMA:
          if (depth === 1) this.isItemsKey = false;
          else if (depth === 2 && this.itemsStart !== undefined && this.itemsEnd === undefined)
            this.itemEnds.push(position - 1);
          break;
        case COLON:
          break;
      }
      if (depth <= 0) {
        end = position;
        break;
      }
    }
    Object.assign(this, { position, depth, isQuoted, isEscaped });
    return end;
  }

  /** Bytes before the items, or of those that were taken, are no longer there. */
  drop(count: number): void {
    this.position -= count;
    this.textStart -= count;
    if (this.itemsStart !== undefined) this.itemsStart = Math.max(this.itemsStart - count, 0);
    if (this.itemsEnd !== undefined) this.itemsEnd -= count;
    this.itemEnds = this.itemEnds.map((end) => end - count).filter((end) => end >= 0);
  }
}
