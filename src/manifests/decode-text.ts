import { invalidInput } from '../../lib/errors';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const LF = 0x0a;

/**
 * Bytes as text, without the byte order mark that may stand before it.
 *
 * @param where names the file in an error
 * @param firstLine number of the first line, from 0
 * @throws TestbedError (`invalid-input`) naming the line, for what is not valid UTF-8
 */
export function decodeText(bytes: Uint8Array, where: string, firstLine = 0): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidInput(
      `${where}:${badLine(bytes, firstLine) + 1} has bytes that are not valid UTF-8: convert it, or give a text file`,
    );
  }
}

function badLine(bytes: Uint8Array, firstLine: number): number {
  let line = firstLine;
  for (let start = 0; start < bytes.length; line++) {
    const next = bytes.indexOf(LF, start) + 1 || bytes.length;
    try {
      utf8.decode(bytes.subarray(start, next));
    } catch {
      break;
    }
    start = next;
  }
  return line;
}
