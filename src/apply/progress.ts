import type { Listener, TestbedEvent } from '../util/events';
import { remainingSeconds } from '../util/remaining';

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
  private readonly samples: { readonly at: number; readonly done: number }[] = [];

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
    this.samples.push({ at: now, done });
    while (this.samples.length > 2 && now - (this.samples[0]?.at ?? now) > RATE_MS) this.samples.shift();
    const first = this.samples[0] ?? { at: now, done };
    const perSecond = now > first.at ? ((done - first.done) / (now - first.at)) * 1000 : 0;
    const left = total === undefined ? undefined : total - done;
    const remaining = remainingSeconds(left, { done: done - first.done, ms: now - first.at });
    const inFlight = this.inFlight();
    const detail = [
      `${Math.round(perSecond)} objects/s`,
      `${inFlight} in flight`,
      ...(retries > 0 ? [`${retries} retries`] : []),
      ...(remaining === undefined ? [] : [`${Math.ceil(remaining)} s left`]),
    ].join(', ');
    return {
      ...{ type: 'progress', task, detail, done, unit: 'objects', perSecond, inFlight, retries },
      ...(total === undefined ? {} : { total }),
      ...(remaining === undefined ? {} : { remainingSeconds: remaining }),
    };
  }
}
