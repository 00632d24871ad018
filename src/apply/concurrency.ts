/** How many requests are in flight at least. */
const LEAST = 4;
/**
 * What two connections carry: a server on the same machine takes a twelfth more with 128 in flight than with 64, and no
 * more with 256. From a few hundred on, the API server's queues reject.
 */
const MOST = 128;
/** What is refused comes together; a limit is believed once no refusal came for this long, in milliseconds. */
const WINDOW_MS = 500;
/** A limit that was too much is tried again this often, since what the server can take changes. */
const QUESTION_MS = 5_000;

/**
 * Finds how many requests in flight the API server takes: as many as its connections carry, half of them whenever it says
 * that it is too much, and twice as many again after a while without. Where growing is what was too much, it settles below
 * that, and asks again now and then.
 */
export class AdaptiveConcurrency {
  private current: number;
  private flying = 0;
  private refusedAt = -Infinity;
  private changedAt = -Infinity;
  /** The limit above which requests were refused as soon as they were sent, and since when that is known. */
  private ceiling = { limit: Infinity, at: -Infinity };
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly most = MOST,
  ) {
    this.current = most;
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
    this.flying--;
    if (this.current < this.most) this.grow();
    for (let free = this.current - this.flying; free > 0; free--) this.waiting.shift()?.();
  }

  /** The server has said that it is too much (429, 503), or nothing at all. */
  refused(): void {
    const now = this.now();
    // One storm is one event.
    if (now - this.refusedAt < WINDOW_MS) return;
    const before = this.current;
    this.current = Math.min(before, Math.max(LEAST, Math.floor(before / 2)));
    // It had been well with half of it.
    if (now - this.changedAt < 2 * WINDOW_MS && this.changedAt > this.refusedAt)
      this.ceiling = { limit: this.current, at: now };
    this.refusedAt = now;
  }

  private grow(): void {
    const now = this.now();
    if (now - Math.max(this.refusedAt, this.changedAt) < WINDOW_MS) return;
    const ceiling = now - this.ceiling.at < QUESTION_MS ? this.ceiling.limit : this.most;
    const next = Math.min(this.current * 2, this.most, ceiling);
    if (next <= this.current) return;
    this.current = next;
    this.changedAt = now;
  }
}
