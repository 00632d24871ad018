import type { WriteStream } from 'node:tty';
import type { Listener } from '../../events';
import { LivePrinter } from './live';
import { LogPrinter } from './log';

export interface Printer {
  readonly listener: Listener;
  /** Writes what is left, and gives the terminal back. May be called twice. */
  close(): void;
}

/** What a printer needs of a stream. */
export type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

/** A view that redraws itself on a terminal, and lines that follow each other elsewhere (CI, a file, a dumb terminal). */
export function createPrinter(output: Output, env: NodeJS.ProcessEnv = process.env): Printer {
  const isLive = output.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
  return isLive ? new LivePrinter(output, !env['NO_COLOR']) : new LogPrinter(output);
}
