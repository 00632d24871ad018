/** How many requests are in flight at least and at most. More than the most, and the API server's queues reject. */
const LEAST = 4;
const MOST = 128;
/** What two connections carry well, and any API server takes. */
const START = 64;
/** A higher limit is kept where it brings at least this much more. */
const WORTH_IT = 1.1;
/** How long a rate is measured before it is believed, in milliseconds. */
const WINDOW_MS = 500;
/** A limit that has settled is questioned this often, since what the server can take changes. */
const QUESTION_MS = 5_000;

/**
 * Finds how many requests in flight the API server answers fastest: doubles them while that brings more a second,
 * settles where it does not (and asks again now and then), halves them when the server says that it is too much, and
 * comes back to where it had settled once that has passed.
 */
export class AdaptiveConcurrency {
  private current: number;
  private flying = 0;
  private completed = 0;
  private windowStart: number;
  private isWindowFull = true;
  /** The limit and rate that stand until a better one is found. */
  private settled: { readonly limit: number; readonly rate: number } | undefined;
  private isTryingMore = true;
  private isThrottled = false;
  private throttledAt = -Infinity;
  private settledAt = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly most = MOST,
  ) {
    this.windowStart = now();
    this.current = Math.min(START, most);
  }

  get limit(): number {
    return this.current;
  }

  get inFlight(): number {
    return this.flying;
  }

  /** Takes a place, waiting for one where all are taken. */
  async acquire(): Promise<void> {
    while (this.flying >= this.current) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.flying++;
  }

  /** Gives a place back. */
  release(): void {
    // Answers come in bursts; but a window in which half the places stayed free says nothing about the limit.
    if (this.flying * 2 < this.current) this.isWindowFull = false;
    this.flying--;
    this.completed++;
    const elapsed = this.now() - this.windowStart;
    if (elapsed >= WINDOW_MS && this.completed >= 2 * this.current) this.judge((this.completed / elapsed) * 1000);
    this.wake();
  }

  /** The server has said that it is too much (429, 503). */
  throttled(): void {
    const now = this.now();
    // One storm is one event: its answers come together.
    if (now - this.throttledAt < WINDOW_MS) return;
    this.throttledAt = now;
    this.isThrottled = true;
    this.current = Math.max(LEAST, Math.floor(this.current / 2));
    this.restartWindow();
  }

  private judge(rate: number): void {
    const now = this.now();
    const isFull = this.isWindowFull;
    this.restartWindow();
    if (this.isThrottled) this.recover(now);
    else if (isFull && this.isTryingMore) this.compare(rate, now);
    else if (isFull) {
      this.settled = { limit: this.current, rate };
      if (now - this.settledAt >= QUESTION_MS) this.tryMore(now);
    }
  }

  private compare(rate: number, now: number): void {
    if (this.settled === undefined || rate >= this.settled.rate * WORTH_IT) {
      this.settled = { limit: this.current, rate };
      this.tryMore(now);
    } else {
      this.current = this.settled.limit;
      this.settle(now);
    }
  }

  private tryMore(now: number): void {
    if (this.current >= this.most) {
      this.settle(now);
      return;
    }
    this.isTryingMore = true;
    this.current = Math.min(this.most, this.current * 2);
  }

  private settle(now: number): void {
    this.isTryingMore = false;
    this.settledAt = now;
  }

  /** Comes back to the limit that had settled, once a window has passed without a refusal. */
  private recover(now: number): void {
    if (now - this.throttledAt < WINDOW_MS) return;
    const goal = Math.min(this.settled?.limit ?? START, this.most);
    this.current = Math.min(goal, this.current * 2);
    this.isThrottled = this.current < goal;
  }

  private restartWindow(): void {
    this.windowStart = this.now();
    this.completed = 0;
    this.isWindowFull = true;
  }

  private wake(): void {
    for (let free = this.current - this.flying; free > 0; free--) this.waiting.shift()?.();
  }
}
