import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readUsage } from '../src/measure/process-record';
import type { BenchmarkResult } from './benchmark';

/** What one process took. */
export interface Usage {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakRssMB: number;
}

/** Runs a compiled script of this repository in a process of its own; its output goes nowhere. */
export function measureNode(script: string, args: readonly string[]): Promise<Usage> {
  return measure(process.execPath, ['--require', join(__dirname, 'usage.js'), join(__dirname, '..', script), ...args]);
}

/** Runs a program that writes its usage as JSON, and maybe more, to file descriptor 3 before it ends. */
export async function measure<More = unknown>(
  file: string,
  args: readonly string[],
): Promise<Usage & { /** From the start of the process to its end. */ readonly wallSeconds: number } & More> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  let usage = '';
  (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => (usage += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
  const wallSeconds = (performance.now() - start) / 1000;
  return { seconds: wallSeconds, wallSeconds, ...(JSON.parse(usage) as Omit<Usage, 'seconds'> & More) };
}

/** Runs any program, and looks at what it uses while it runs, as Linux tells it. */
export async function measureProgram(
  file: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Usage> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd, env: { ...process.env, ...env } });
  let cpuMs = 0;
  let peakRssMB = 0;
  const look = () => {
    try {
      cpuMs = cpuMsOf(child.pid!);
      peakRssMB = Math.max(peakRssMB, peakRssMBOf(child.pid!));
    } catch {
      // It has ended in between.
    }
  };
  const timer = setInterval(look, 50);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, cpuMs, peakRssMB };
}

/** CPU time of a process until now, as Linux tells it. */
export function cpuMsOf(pid: number): number {
  const usage = readUsage(pid);
  if (usage === undefined) throw new Error(`process ${pid} is gone`);
  return usage.cpuSeconds * 1000;
}

/** Peak resident memory of a process until now, as Linux tells it. */
export function peakRssMBOf(pid: number): number {
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(peak ?? 0) / 1024;
}

/** Measures what this process itself does, which has other memory besides. */
export async function inProcess(work: () => void | Promise<void>): Promise<Usage> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - start) / 1000,
    cpuMs: (user + system) / 1000,
    peakRssMB: process.memoryUsage.rss() / 2 ** 20,
  };
}

/** Runs several things in turn, so that all of them meet the machine in the same moods; the median of each. */
export async function interleaved<K extends string>(
  runs: Readonly<Record<K, () => Promise<Usage>>>,
  times: number,
): Promise<Record<K, Usage>> {
  const names = Object.keys(runs) as K[];
  const usages = new Map<K, Usage[]>(names.map((name) => [name, []]));
  // A different one first each time: what runs second may meet what the first has left to do.
  const round = (i: number) => [...names.slice(i % names.length), ...names.slice(0, i % names.length)];
  for (let i = 0; i < times; i++) for (const name of round(i)) usages.get(name)?.push(await runs[name]());
  return Object.fromEntries(names.map((name) => [name, middle(usages.get(name) ?? [])] as const)) as Record<K, Usage>;
}

/** The one that took neither long nor short. @param usages at least one */
export function middle(usages: readonly Usage[]): Usage {
  return [...usages].sort((a, b) => a.seconds - b.seconds)[Math.floor(usages.length / 2)]!;
}

export function toResult(name: string, count: number, usage: Usage, note?: string): BenchmarkResult {
  return {
    name,
    count,
    perSecond: count / usage.seconds,
    peakRssMB: usage.peakRssMB,
    cpuMsPerItem: usage.cpuMs / count,
    note,
  };
}
