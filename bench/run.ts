/**
 * `npm run bench [-- BENCHMARK…]`: runs the benchmarks after one another, prints a table and writes bench/latest.json. Absolute
 * metrics differ between machines and hours; ratios between benchmarks of one run are what counts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../src/cli/printers/table';
import { machineNow } from '../src/scenario/environment';
import type { Benchmark, BenchmarkResult } from './benchmark';
import { apply } from './benchmarks/apply';
import { available } from './benchmarks/available';
import { clusters } from './benchmarks/clusters';
import { generate } from './benchmarks/generate';
import { pulumiFleet, pulumiResources } from './benchmarks/pulumi';
import { storage } from './benchmarks/storage';
import { synth } from './benchmarks/synth';
import { watch } from './benchmarks/watch';
import { watchClusters } from './benchmarks/watch-clusters';
import { workloadApi } from './benchmarks/workload-api';

const BENCHMARKS: readonly Benchmark[] = [
  generate,
  synth,
  storage,
  apply,
  watch,
  watchClusters,
  available,
  pulumiResources,
  pulumiFleet,
  workloadApi,
  clusters,
];

const namesOf = ({ name, results = [] }: Benchmark): readonly string[] => [name, ...results];

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((name) => !BENCHMARKS.some((benchmark) => namesOf(benchmark).includes(name)));
  if (unknown.length > 0)
    throw new Error(`unknown benchmark ${unknown.join(', ')}: use some of ${BENCHMARKS.flatMap(namesOf).join(', ')}`);
  const machine = { ...machineNow(), node: process.version };
  const benchmarks: BenchmarkResult[] = [];
  for (const benchmark of BENCHMARKS.filter(
    (each) => asked.length === 0 || namesOf(each).some((name) => asked.includes(name)),
  )) {
    process.stderr.write(`${benchmark.name}: ${benchmark.description}\n`);
    benchmarks.push(...(await benchmark.run(benchmarks)).map(rounded));
  }
  writeFileSync(
    join(__dirname, '..', '..', 'bench', 'latest.json'),
    `${JSON.stringify({ machine, benchmarks }, undefined, 2)}\n`,
  );
  const rows = benchmarks.map(({ name, count, perSecond, peakRssMB, cpuMsPerItem, note }) => [
    name,
    count.toLocaleString('en'),
    perSecond.toLocaleString('en'),
    String(peakRssMB),
    String(cpuMsPerItem),
    note ?? '',
  ]);
  process.stdout.write(`${table(['BENCHMARK', 'COUNT', 'PER SECOND', 'PEAK MB', 'CPU MS/ITEM', 'NOTE'], rows)}\n`);
}

/** Three digits are more than any of these numbers is good for. */
function rounded(result: BenchmarkResult): BenchmarkResult {
  const short = (value: number) => Number(value.toPrecision(3));
  return {
    ...result,
    perSecond: short(result.perSecond),
    peakRssMB: short(result.peakRssMB),
    cpuMsPerItem: short(result.cpuMsPerItem),
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
