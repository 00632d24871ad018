import { stripVTControlCharacters } from 'node:util';
import type { Output } from './output';

/** The width of a terminal that does not say how wide it is. */
const DEFAULT_WIDTH = 80;

/**
 * Breaks lines at words where they are longer than a terminal is wide; elsewhere they stay whole, for those who search or
 * parse them. A word that is longer than a line, such as a path, stays whole too: it can be copied.
 *
 * @param indent of the lines that follow a broken one @default two more than the line's own
 */
export function wrapFor(output: Output, text: string, indent?: number): string {
  return output.isTTY === true ? wrap(text, output.columns || DEFAULT_WIDTH, indent) : text;
}

/** As {@link wrapFor}, to a number of columns. */
export function wrap(text: string, width: number, indent?: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, indent))
    .join('\n');
}

function wrapLine(line: string, width: number, indent: number | undefined): string {
  if (columnsOf(line) <= width) return line;
  const start = /^ */.exec(line)?.[0] ?? '';
  const most = indent ?? start.length + 2;
  // A path that does not fit at the indent is moved to the left, so that it can still be copied.
  const indentOf = (word: string) => ' '.repeat(Math.max(0, Math.min(most, width - columnsOf(word))));
  const lines: string[] = [];
  let current = start;
  // What is between words stays as it is, for columns; at a break it goes.
  for (const [, gap = '', word = ''] of line.slice(start.length).matchAll(/(\s*)(\S+)/g)) {
    const isEmpty = current.trim() === '';
    if (!isEmpty && columnsOf(current) + gap.length + columnsOf(word) > width) {
      lines.push(current);
      current = indentOf(word) + word;
    } else current += (isEmpty ? '' : gap) + word;
  }
  return [...lines, current].join('\n');
}

function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
