/**
 * The lines by which a stream of manifests proves that it is whole: comments, which every reader of YAML passes over.
 * `generate` writes the first before its objects and the second, with their number, after them. A stream that was cut has
 * the one without the other, wherever it was cut.
 */
import { invalidInput } from '../../lib/errors';

const STEM = '# metal3-testbed generate: ';
export const BEGIN_MARK = `${STEM}begin (whole only where a line that says end follows)\n`;

/** @param objects how many came since the beginning */
export function endMark(objects: number): string {
  return `${STEM}end of ${objects} objects\n`;
}

/** How many documents a text has that begins with one. */
export function documentsIn(text: string): number {
  let count = text.startsWith('---\n') ? 1 : 0;
  for (let i = text.indexOf('\n---\n'); i >= 0; i = text.indexOf('\n---\n', i + 4)) count++;
  return count;
}

/** So much of a line is looked at; a mark is shorter, and what is longer is none. */
const LINE = 256;

/** Reads the marks in a text that comes in pieces. */
class MarkReader {
  private rest = '';
  /** How many documents have come since the last beginning; undefined outside of marks. */
  private documents: number | undefined;
  private isMarked = false;
  /** Whether anything came that no pair of marks vouches for. */
  private isDoubtful = false;

  take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, LINE);
    for (const line of lines) this.takeLine(line);
  }

  /** Whether an end is missing. */
  get isCut(): boolean {
    return this.documents !== undefined;
  }

  /** Whether all objects came between marks, and as many as the marks say. */
  get isWhole(): boolean {
    return this.isMarked && !this.isCut && !this.isDoubtful && this.rest.trim() === '';
  }

  private takeLine(line: string): void {
    if (line.startsWith(STEM)) this.takeMark(`${line.trimEnd()}\n`);
    else if (this.documents === undefined) this.isDoubtful ||= !/^(---)?\s*(#|$)/.test(line);
    else if (line === '---' || line === '---\r') this.documents++;
  }

  private takeMark(mark: string): void {
    this.isMarked = true;
    if (mark === BEGIN_MARK) {
      this.isDoubtful ||= this.documents !== undefined;
      this.documents = 0;
    } else if (/ end of \d+ objects\n$/.test(mark)) {
      this.isDoubtful ||= mark !== endMark(this.documents ?? -1);
      this.documents = undefined;
    } else this.isDoubtful = true;
  }
}

/**
 * Passes a stream on, and looks for marks in it.
 *
 * @param onEnd told whether the stream has proved that it is whole
 * @throws TestbedError (`invalid-input`) at the end of a stream that was cut, so that what stands behind the last mark of
 * a document, which may be half an object, is not taken for one
 */
export async function* marked(
  stream: AsyncIterable<unknown>,
  where: string,
  onEnd: (isWhole: boolean) => void,
): AsyncGenerator<Uint8Array | string, void, undefined> {
  const reader = new MarkReader();
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    // Marks are ASCII, and so is all that matters of other lines.
    reader.take(
      typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1'),
    );
    yield chunk;
  }
  if (reader.isCut)
    throw invalidInput(
      `${where} is incomplete: generate began to write it and did not finish, so its last object may be cut off; that object was not applied, and nothing was deleted. Generate it again or, if it was cut on purpose, delete its line '${BEGIN_MARK.trim()}'`,
    );
  onEnd(reader.isWhole);
}
