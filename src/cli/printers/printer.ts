import { visibleLines } from '../../../lib/visible';
import type { TestbedEvent } from '../../util/events';
import { LivePrinter } from './live';
import { LogPrinter } from './log';
import type { Output, Printer } from './output';

/** A view that redraws itself on a terminal, and lines that follow each other elsewhere (CI, a file, a dumb terminal). */
export function createPrinter(output: Output, env: NodeJS.ProcessEnv = process.env): Printer {
  const isLive = output.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
  const printer = isLive ? new LivePrinter(output, !env['NO_COLOR']) : new LogPrinter(output);
  return { listener: (event) => printer.listener(shown(event)), close: () => printer.close() };
}

/** What others say in an event, with all of it to be seen: none of it may command the terminal. */
function shown(event: TestbedEvent): TestbedEvent {
  const task = visibleLines(event.task);
  return event.detail === undefined ? { ...event, task } : { ...event, task, detail: visibleLines(event.detail) };
}
