import type { TestbedEvent } from '../../util/events';
import type { Output, Printer } from './output';
import { progressText } from './progress-text';

/** How often a task that goes on is mentioned, in milliseconds. */
const EVERY_MS = 5_000;

/** One line an event, and every few seconds one for what is still under way; nothing is ever taken back. */
export class LogPrinter implements Printer {
  private readonly mentioned = new Map<string, number>();

  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly listener = (event: TestbedEvent): void => {
    if (event.type === 'progress') {
      const last = this.mentioned.get(event.task);
      if (last !== undefined && this.now() - last < EVERY_MS) return;
    }
    this.mentioned.set(event.task, this.now());
    this.output.write(`${event.type === 'warning' ? 'warning: ' : ''}${event.task}: ${text(event)}\n`);
  };

  close(): void {
    // Every line is written already.
  }
}

function text(event: TestbedEvent): string {
  switch (event.type) {
    case 'start':
      return event.detail ?? 'started';
    case 'done':
      return `done in ${event.seconds.toFixed(1)} s${event.detail === undefined ? '' : `, ${event.detail}`}`;
    case 'warning':
      return event.detail;
    case 'progress':
      return progressText(event);
  }
}
