import type { WriteStream } from 'node:tty';
import type { Listener } from '../../util/events';

export interface Printer {
  readonly listener: Listener;
  /** Writes what is left, and gives the terminal back. May be called twice. */
  close(): void;
}

/** What a printer needs of a stream. */
export type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
