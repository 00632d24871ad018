import type { Listener, TestbedEvent } from '../util/events';
import { Rate } from '../util/rate';

/** Events come at most this often, in milliseconds. */
const EVERY_MS = 200;
/** The rate shown is that of about the last seconds. */
const RATE_MS = 5_000;

/** Tells a listener how a run fares: how much is done, how fast, what is in flight, and what remains. */
export class Progress {
  done = 0;
  retries = 0;
  private readonly start = performance.now();
  private toldAt = -Infinity;
  private readonly rate = new Rate(RATE_MS);

  constructor(
    private readonly task: string,
    private readonly listener: Listener | undefined,
    private readonly inFlight: () => number,
    private readonly total: number | undefined,
  ) {
    listener?.({ type: 'start', task });
  }

  get seconds(): number {
    return (performance.now() - this.start) / 1000;
  }

  tell(): void {
    const now = performance.now();
    if (this.listener === undefined || now - this.toldAt < EVERY_MS) return;
    this.toldAt = now;
    this.listener(this.event(now));
  }

  finish(detail: string): void {
    if (this.listener === undefined) return;
    this.listener(this.event(performance.now()));
    this.listener({ type: 'done', task: this.task, detail, seconds: this.seconds });
  }

  warn(detail: string): void {
    this.listener?.({ type: 'warning', task: this.task, detail });
  }

  private event(now: number): TestbedEvent {
    const { task, done, retries, total } = this;
    const { perSecond, remainingSeconds } = this.rate.tell(now, done, total === undefined ? undefined : total - done);
    const inFlight = this.inFlight();
    const parts = [`${Math.round(perSecond)} objects/s`, `${inFlight} in flight`];
    if (retries > 0) parts.push(`${retries} retries`);
    if (remainingSeconds !== undefined) parts.push(`${Math.ceil(remainingSeconds)} s left`);
    return {
      type: 'progress',
      task,
      detail: parts.join(', '),
      done,
      total,
      unit: 'objects',
      perSecond,
      inFlight,
      retries,
      remainingSeconds,
    };
  }
}
