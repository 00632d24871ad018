import { Body } from './body';
import { inMiB, LimitError, MAX_ANSWER_BYTES } from './limits';

const NEWLINE = 10;

/**
 * The lines of a stream of bytes. What follows the last line break is not a line: it was broken off.
 *
 * @param maxLineBytes of one line
 * @throws LimitError for a longer one
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_ANSWER_BYTES,
): AsyncGenerator<string, void, undefined> {
  const rest = new Body();
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      rest.add(chunk.subarray(start, end));
      start = end + 1;
      if (rest.size > maxLineBytes) throw tooLong(maxLineBytes);
      const line = rest.text();
      rest.clear();
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
    if (start < chunk.length) rest.add(chunk.subarray(start));
    if (rest.size > maxLineBytes) throw tooLong(maxLineBytes);
  }
}

function tooLong(maxLineBytes: number): LimitError {
  return new LimitError('line', `has a line of more than ${inMiB(maxLineBytes)}`);
}
