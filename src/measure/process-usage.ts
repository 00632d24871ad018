import type { Interval } from './metrics/scraper';
import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metric } from './metric';

/** What a process took, as Prometheus' client libraries tell it. */
export class ProcessUsage {
  private cpuSeconds = 0;
  private peakBytes: number | undefined;
  private readonly cpu: { at: number; value: number }[] = [];
  private readonly memory: { at: number; value: number }[] = [];

  add({ at, seconds, now, increase }: Interval): void {
    const cpu = increase.sum('process_cpu_seconds_total');
    if (cpu !== undefined) {
      this.cpuSeconds += cpu;
      this.cpu.push({ at, value: cpu / seconds });
    }
    const bytes = now.sum('process_resident_memory_bytes');
    if (bytes === undefined) return;
    this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
    this.memory.push({ at, value: bytes });
  }

  /** @param prefix such as `operator` */
  metrics(prefix: string, labels: Metric['labels']): readonly Metric[] {
    return [
      metric(`${prefix}_cpu_seconds`, labels, 'seconds', this.cpuSeconds, 'lower'),
      ...(this.peakBytes === undefined
        ? []
        : [metric(`${prefix}_memory_bytes_max`, labels, 'bytes', this.peakBytes, 'lower')]),
    ];
  }

  series(group: MeasuredSeries['group'], suffix: string): readonly MeasuredSeries[] {
    return [
      { group, name: `CPU${suffix}`, unit: 'cores', points: this.cpu },
      { group, name: `memory${suffix}`, unit: 'bytes', points: this.memory },
    ];
  }
}
