import { open } from 'node:fs/promises';

/** How much is read of the end of a log, and of each of its lines shown. */
const MAX_BYTES = 16 * 1024;
const MAX_LINE_CHARACTERS = 500;

/**
 * The last lines of a log, for an error message; empty where there is none. Long lines are cut, control characters are made
 * visible, and what looks like a credential is left out.
 */
export async function tailOf(logFile: string, lines = 12, maxBytes = MAX_BYTES): Promise<string> {
  try {
    const handle = await open(logFile);
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - maxBytes);
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(Math.min(size, maxBytes)),
        position: start,
      });
      return printable(buffer.toString('utf8', 0, bytesRead))
        .trimEnd()
        .split('\n')
        .slice(-lines)
        .map(shorten)
        .join('\n');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

function shorten(line: string): string {
  return line.length <= MAX_LINE_CHARACTERS ? line : `${line.slice(0, MAX_LINE_CHARACTERS)}…`;
}

function printable(text: string): string {
  return (
    withoutCredentials(text)
      // Colours say nothing in an error.

      .replace(/\x1b\[[\d;]*m/g, '')
      .replace(/\r\n/g, '\n')

      .replace(
        /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
        (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
  );
}

/** Programs do not log credentials as a rule; one that prints a request or its settings may. */
function withoutCredentials(text: string): string {
  return text
    .replace(/-----BEGIN [^-\n]*PRIVATE KEY-----[^]*?(-----END [^-\n]*-----|$)/g, '***')
    .replace(/\b(bearer|basic)(\s+)[\w.~+/=-]{8,}/gi, '$1$2***')
    .replace(/\b(pass(?:word|wd)?|token|api-?key|client-?secret)(["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, '$1$2***')
    .replace(/(\w:\/\/[^\s/:@]*:)[^\s/@]+@/g, '$1***@');
}
