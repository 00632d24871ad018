/** What the processes of a testbed take of this machine, as Linux tells it; nothing elsewhere. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metric } from './metric';
import type { Points } from './rates';

/** A process, by what reports call it. */
export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
}

interface Usage {
  readonly cpuSeconds: number;
  readonly bytes: number;
}

/** Linux tells CPU time in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** Each of them, and all together: what a run needs of a machine. */
export class ProcessRecord {
  private readonly before = new Map<
    string,
    { readonly pid: number; readonly cpuSeconds: number; readonly at: number }
  >();
  private readonly cpuSeconds = new Map<string, number>();
  private readonly peak = new Map<string, number>();
  private readonly cpu = new Map<string, Points>();
  private readonly memory = new Map<string, Points>();
  private peakOfAll = 0;

  /** @param at in milliseconds on the clock of performance.now() */
  add(processes: readonly NamedProcess[], at: number, usageOf: (pid: number) => Usage | undefined = readUsage): void {
    let all = 0;
    for (const { name, pid } of processes) {
      const usage = usageOf(pid);
      if (usage === undefined) continue;
      all += usage.bytes;
      this.peak.set(name, Math.max(this.peak.get(name) ?? 0, usage.bytes));
      pointsOf(this.memory, name).push({ at, value: usage.bytes });
      const before = this.before.get(name);
      this.before.set(name, { pid, cpuSeconds: usage.cpuSeconds, at });
      // What it took before the run is nothing of it; one that was started meanwhile began with nothing.
      if (before === undefined) {
        this.cpuSeconds.set(name, 0);
        continue;
      }
      // In a pod, each has the same number.
      const isSame = before.pid === pid && usage.cpuSeconds >= before.cpuSeconds;
      const took = usage.cpuSeconds - (isSame ? before.cpuSeconds : 0);
      this.cpuSeconds.set(name, (this.cpuSeconds.get(name) ?? 0) + took);
      if (at > before.at) pointsOf(this.cpu, name).push({ at, value: took / ((at - before.at) / 1000) });
    }
    this.peakOfAll = Math.max(this.peakOfAll, all);
  }

  metrics(): readonly Metric[] {
    if (this.cpuSeconds.size === 0) return [];
    const all = [...this.cpuSeconds.values()].reduce((sum, seconds) => sum + seconds, 0);
    return [
      ...[...this.cpuSeconds].map(([process, seconds]) =>
        metric('process_cpu_seconds', { process }, 'seconds', seconds, 'lower'),
      ),
      metric('processes_cpu_seconds', {}, 'seconds', all, 'lower'),
      ...[...this.peak].map(([process, bytes]) =>
        metric('process_memory_bytes_max', { process }, 'bytes', bytes, 'lower'),
      ),
      metric('processes_memory_bytes_max', {}, 'bytes', this.peakOfAll, 'lower'),
    ];
  }

  /** Each is `what: process`. */
  series(): readonly MeasuredSeries[] {
    const group = 'process';
    return [
      ...[...this.cpu].map(([name, points]): MeasuredSeries => ({
        group,
        name: `CPU: ${name}`,
        unit: 'cores',
        points,
      })),
      ...[...this.memory].map(([name, points]): MeasuredSeries => ({
        group,
        name: `memory: ${name}`,
        unit: 'bytes',
        points,
      })),
    ];
  }
}

function pointsOf(map: Map<string, Points>, name: string): Points {
  let points = map.get(name);
  if (points === undefined) map.set(name, (points = []));
  return points;
}

/** @returns undefined for a process that is gone, and where there is no /proc */
export function readUsage(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuSeconds: (user + system) / TICKS_PER_SECOND, bytes: Number(kib ?? 0) * KIB };
  } catch {
    return undefined;
  }
}

export interface SamplingOptions {
  readonly everyMs: number;
  /** Those that there are now. */
  readonly processes: () => readonly NamedProcess[];
}

/** Looks at processes every so often, until it is stopped. */
export class ProcessSampler {
  readonly record = new ProcessRecord();
  private readonly ended = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: SamplingOptions) {}

  start(): void {
    this.look();
    this.running = this.loop();
  }

  /** Takes a last look. */
  async stop(): Promise<void> {
    if (this.ended.signal.aborted) return;
    this.ended.abort();
    await this.running;
    this.look();
  }

  private async loop(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      await delay(this.options.everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.look();
    }
  }

  private look(): void {
    this.record.add(this.options.processes(), performance.now());
  }
}
