import type { Listener } from '../util/events';

const EVERY_MS = 200;
/** Before this much time has gone by, a rate says nothing. */
const RATE_AFTER_MS = 1000;

/** Tells how much of a download there is, how fast it comes, and how long the rest takes. */
export class ByteProgress {
  private readonly startedAt = performance.now();
  private told = -Infinity;

  /** @param total undefined where the server does not say */
  constructor(
    private readonly task: string,
    private readonly total: number | undefined,
    private readonly listener: Listener | undefined,
  ) {}

  at(done: number): void {
    const now = performance.now();
    if (now - this.told < EVERY_MS) return;
    this.told = now;
    const passed = now - this.startedAt;
    const perSecond = passed < RATE_AFTER_MS ? undefined : (done / passed) * 1000;
    const rest = perSecond === undefined || this.total === undefined ? undefined : (this.total - done) / perSecond;
    this.listener?.({
      type: 'progress',
      task: this.task,
      unit: 'bytes',
      done,
      total: this.total,
      perSecond,
      remainingSeconds: rest,
    });
  }
}
