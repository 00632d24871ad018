/** How many requests are in flight at least and at most. More than the most, and the API server's queues reject. */
const LEAST = 4;
const MOST = 128;
const START = 16;
/** A higher limit is kept where it brings at least this much more. */
const WORTH_IT = 1.1;
/** How long a rate is measured before it is believed, in milliseconds. */
const WINDOW_MS = 250;
/** A limit that has settled is questioned this often, since what the server can take changes. */
const QUESTION_MS = 3_000;

/**
 * Finds how many requests in flight the API server answers fastest: doubles them while that brings more a second,
 * settles where it does not (and asks again now and then, in both directions), halves them when the server says that it is too much, and comes back to where it had
 * settled once that has passed.
 */
export class AdaptiveConcurrency {
  private current = START;
  private flying = 0;
  private completed = 0;
  private windowStart: number;
  private windowIsFull = true;
  /** The limit and rate that stand until a better one is found. */
  private settled: { readonly limit: number; readonly rate: number } | undefined;
  private trying: 'more' | 'fewer' | 'nothing' = 'more';
  private tried: 'more' | 'fewer' = 'more';
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
    // A window in which places stayed free says nothing about the limit.
    if (this.flying < this.current) this.windowIsFull = false;
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
    const isFull = this.windowIsFull;
    this.restartWindow();
    if (this.isThrottled) {
      this.recover(now);
      return;
    }
    if (!isFull) return;
    const { settled } = this;
    // Fewer in flight are as good where the rate stays; more have to bring more.
    const isBetter =
      settled === undefined ||
      (this.current > settled.limit ? rate >= settled.rate * WORTH_IT : rate * WORTH_IT >= settled.rate);
    if (this.trying === 'nothing') {
      this.settled = { limit: this.current, rate };
      if (now - this.settledAt >= QUESTION_MS) this.question();
    } else if (isBetter) {
      this.settled = { limit: this.current, rate };
      this.question(this.trying);
    } else {
      this.current = settled.limit;
      this.trying = 'nothing';
      this.settledAt = now;
    }
  }

  /** Tries another limit: the one asked for, else more and fewer in turn. */
  private question(direction: 'more' | 'fewer' = this.tried === 'more' ? 'fewer' : 'more'): void {
    this.tried = this.trying = direction;
    const next =
      direction === 'more' ? Math.min(this.most, this.current * 2) : Math.max(LEAST, Math.floor(this.current / 2));
    if (next === this.current) {
      this.trying = 'nothing';
      this.settledAt = this.now();
    }
    this.current = next;
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
    this.windowIsFull = true;
  }

  private wake(): void {
    for (let free = this.current - this.flying; free > 0; free--) this.waiting.shift()?.();
  }
}
