import { setTimeout as delay } from 'node:timers/promises';
import { readMetrics } from './prometheus-text';
import type { Samples, WantedFamily } from './samples';

/** Something that has metrics. */
export interface MetricsTarget {
  readonly wanted: readonly WantedFamily[];
  /** The lines of its metrics as they are now. */
  lines(signal: AbortSignal): AsyncIterable<string>;
}

/** What became of a target's counters between two readings. */
export interface Interval {
  /** The later reading, in milliseconds on the clock of performance.now(). */
  readonly at: number;
  /** Between the two readings. */
  readonly seconds: number;
  /** The later reading. */
  readonly now: Samples;
  /** How much counters have grown. */
  readonly increase: Samples;
}

export interface ScraperOptions {
  readonly everyMs: number;
  /** Receives what happened since the reading before; a target that does not answer is read again when it is due. */
  readonly onInterval: (interval: Interval) => void;
  /** The last reading of another process, which the first one is compared with. @default none */
  readonly before?: Reading | undefined;
}

/** What a target's metrics were. */
export interface Reading {
  /** In milliseconds on the clock of performance.now(). */
  readonly at: number;
  readonly samples: Samples;
}

/** Reading takes at most one part in so many of the time, since it costs those who are read. */
const SHARE = 20;
/** A target that takes longer does not answer. */
const ANSWER_MS = 60_000;

/** Reads a target's metrics every so often, until it is stopped. */
export class Scraper {
  /** How often the target was read, and how often it did not answer. */
  readings = 0;
  failures = 0;
  private readonly abort = new AbortController();
  private readonly wake = new AbortController();
  /** The last reading. */
  before: Reading | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly target: MetricsTarget,
    private readonly options: ScraperOptions,
  ) {
    this.before = options.before;
  }

  /** Takes the first reading, which later ones are compared with. */
  async start(): Promise<void> {
    await this.read();
    this.running = this.loop();
  }

  /** Takes a last reading. */
  async stop(): Promise<void> {
    this.wake.abort();
    await this.running;
    await this.read();
  }

  /** Ends at once, without a last reading. */
  async cancel(): Promise<void> {
    this.abort.abort();
    this.wake.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    let tookMs = 0;
    while (!this.wake.signal.aborted) {
      const pauseMs = Math.max(this.options.everyMs - tookMs, tookMs * SHARE);
      await delay(pauseMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
      if (this.wake.signal.aborted) return;
      const start = performance.now();
      await this.read();
      tookMs = performance.now() - start;
    }
  }

  private async read(): Promise<void> {
    const signal = AbortSignal.any([this.abort.signal, AbortSignal.timeout(ANSWER_MS)]);
    let samples: Samples;
    try {
      samples = await readMetrics(this.target.lines(signal), this.target.wanted);
    } catch {
      this.failures++;
      return;
    }
    this.readings++;
    const at = performance.now();
    const { before } = this;
    this.before = { at, samples };
    if (before === undefined) return;
    this.options.onInterval({
      at,
      seconds: (at - before.at) / 1000,
      now: samples,
      increase: samples.increaseSince(before.samples),
    });
  }
}
