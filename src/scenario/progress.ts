/**
 * How far a scenario has come, written down all along where the next process finds it that carries it on, should this one
 * end: what has ended is not done again, and what is under way goes on with what it knows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import type { ResolvedStep } from '../../lib/scenario/resolved';
import type { StepRecord } from '../measure/step-record';
import type { Listener } from '../util/events';
import { isMap } from '../util/is-map';
import { stateOf, textOf } from '../util/object-state';
import type { Timeline } from '../watch/timeline';
import { StepMemory } from './step-memory';

/** Where it is written down. */
export interface ProgressStore {
  /** @returns undefined where nothing is written down, or nothing that is of use */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** What was seen and measured until now. */
export interface Seen {
  readonly timelines: readonly Timeline[];
  /** As the measurement has it. */
  readonly measured: unknown;
}

interface Saved extends Seen {
  readonly version: number;
  /** performance.timeOrigin of the process that wrote it. */
  readonly origin: number;
  readonly startedAt: string;
  readonly start: number;
  /** How often the scenario was carried on. */
  readonly resumes: number;
  /** What it began with; undefined while that is under way. */
  readonly brought?: readonly StepRecord[] | undefined;
  readonly ended: readonly StepRecord[];
  readonly begun: ReadonlyMap<string, ReturnType<StepMemory['known']>>;
}

const VERSION = 1;
/** How often it is written down besides the ends of steps, and the part of the time that this may take. */
const EVERY_MS = 5_000;
const SHARE = 20;
/** Of what is written down, those that are times of this process. */
const TIMES: ReadonlySet<string> = new Set(['start', 'end', 'at', 'seenAt', 'goneAt', 'asked']);

/** Of one run of a scenario. Without a place to write to it keeps all to itself. */
export class Progress {
  /** When the run began, whoever began it. */
  startedAt: Date;
  start: number;
  readonly resumes: number;
  /** What the run began with, where that has ended before. */
  readonly brought: readonly StepRecord[] | undefined;
  /** What was seen before; undefined for a run that begins. */
  readonly seen: Seen | undefined;
  private readonly ended: Map<string, StepRecord>;
  private readonly begun: Map<string, StepMemory>;
  private broughtNow: readonly StepRecord[] | undefined;
  private see: (() => Seen) | undefined;
  private current: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private readonly closed = new AbortController();
  private saving: Promise<void> | undefined;
  private tookMs = 0;
  private isWarned = false;

  /** @throws TestbedError (`cluster`) where it cannot be read */
  static async open(store: ProgressStore | undefined, listener?: Listener): Promise<Progress> {
    return new Progress(store, savedIn(await store?.read()), listener);
  }

  private constructor(
    private readonly store: ProgressStore | undefined,
    saved: Saved | undefined,
    private readonly listener: Listener | undefined,
  ) {
    this.startedAt = saved === undefined ? new Date() : new Date(saved.startedAt);
    this.start = saved?.start ?? performance.now();
    this.resumes = saved === undefined ? 0 : saved.resumes + 1;
    this.brought = this.broughtNow = saved?.brought;
    this.seen = saved;
    this.ended = new Map(saved?.ended.map((record) => [record.name, record]));
    const write = () => this.save();
    this.begun = new Map(
      [...(saved?.begun ?? [])].map(([name, { start, asked, notes }]) => [
        name,
        new StepMemory(start, asked, notes, write),
      ]),
    );
  }

  /** What became of a step that has ended before. */
  endOf({ name }: Pick<ResolvedStep, 'name'>): StepRecord | undefined {
    return this.ended.get(name);
  }

  /** A step begins, or goes on. */
  begin({ name }: Pick<ResolvedStep, 'name'>): StepMemory {
    const known = this.begun.get(name);
    if (known !== undefined) return known;
    const memory = new StepMemory(performance.now(), undefined, undefined, () => this.save());
    this.begun.set(name, memory);
    return memory;
  }

  /** A step has ended. Resolves once that is written down. */
  end(record: StepRecord): Promise<void> {
    this.begun.delete(record.name);
    this.ended.set(record.name, record);
    return this.save();
  }

  /** What the run begins with is there. */
  endBringing(records: readonly StepRecord[]): Promise<void> {
    this.broughtNow = records;
    return this.save();
  }

  /** The run begins, or goes on: it is written down from now on. @param see what is seen and measured by then */
  follow(see: () => Seen): Promise<void> {
    if (this.seen === undefined) [this.startedAt, this.start] = [new Date(), performance.now()];
    this.see = see;
    if (this.store !== undefined) this.saving = this.keepSaving();
    return this.save();
  }

  /** Writes down once more, and no more then. */
  async close(): Promise<void> {
    this.closed.abort();
    await this.saving;
    await this.save();
    this.see = undefined;
  }

  private async keepSaving(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      await delay(Math.max(EVERY_MS, this.tookMs * SHARE), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.save();
    }
  }

  /** Those that ask while it is written share the next time: what is written now may have been collected before. */
  private save(): Promise<void> {
    this.next ??= this.current.then(() => {
      this.next = undefined;
      return (this.current = this.write());
    });
    return this.next;
  }

  /** A run goes on where it cannot be written down: it is only begun anew then, should its process end. */
  private async write(): Promise<void> {
    const { store, see } = this;
    if (store === undefined || see === undefined) return;
    const begin = performance.now();
    const saved: Saved = {
      version: VERSION,
      origin: performance.timeOrigin,
      startedAt: this.startedAt.toISOString(),
      start: this.start,
      resumes: this.resumes,
      brought: this.broughtNow,
      ended: [...this.ended.values()],
      begun: new Map([...this.begun].map(([name, memory]) => [name, memory.known()])),
      ...see(),
    };
    try {
      await store.write(textOf(saved));
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      if (!this.isWarned) this.listener?.({ type: 'warning', task: 'progress', detail: error.message });
      this.isWarned = true;
    }
    this.tookMs = performance.now() - begin;
  }
}

function savedIn(text: string | undefined): Saved | undefined {
  if (text === undefined) return undefined;
  const origin = stateOf(text);
  if (!isMap(origin) || origin['version'] !== VERSION || typeof origin['origin'] !== 'number') return undefined;
  return stateOf(text, { fields: TIMES, shift: origin['origin'] - performance.timeOrigin }) as Saved;
}
