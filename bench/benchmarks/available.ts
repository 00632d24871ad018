import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestbedProps } from '../../lib';
import { down } from '../../src/testbed/down';
import { lookForProgram } from '../../src/programs/find';
import { metricValue } from '../../src/report/metrics';
import type { Report } from '../../src/report/report';
import { runScenario } from '../../src/scenario/run-scenario';
import { inProcess, toResult } from '../measure';
import type { Benchmark, BenchmarkResult } from '../benchmark';

/** How many hosts: BENCH_AVAILABLE=100,1000,5000,10000 for the whole table, which takes half an hour. */
const COUNTS = (process.env['BENCH_AVAILABLE'] ?? '1000').split(',').map(Number);
/** With BMO's own defaults hosts take as long each however many there are, so that more of them tell nothing more. */
const DEFAULT_COUNT = 1_000;
const TIMEOUT_SECONDS = 3_600;

/** As BMO is without being told anything: 20 requests a second, 2 to 8 hosts at a time by CPUs, all in one namespace. */
const bmoDefaults = (count: number): TestbedProps => ({
  operators: [{ kubeApiQps: 20, kubeApiBurst: 30, concurrency: Math.min(8, Math.max(2, availableParallelism())) }],
  hostSets: [{ count, namespace: 'default' }],
});

export const available: Benchmark = {
  name: 'available',
  results: ['available-default', 'available-kwok'],
  description: "hosts to available, by a Bare Metal Operator with its own defaults, with the package's, and by kwok",
  async run() {
    const bmo = await lookForProgram('baremetal-operator', {});
    const results: BenchmarkResult[] = [];
    if ('program' in bmo) {
      const usual = await enroll('available-default', DEFAULT_COUNT, bmoDefaults(DEFAULT_COUNT), 'bmo');
      results.push(usual.result);
      for (const count of COUNTS) {
        const { result, perSecond } = await enroll('available', count, { hostSets: [{ count }] }, 'bmo');
        const times = `${(perSecond / usual.perSecond).toFixed(1)} x available-default`;
        results.push({ ...result, note: `${times}; ${result.note ?? ''}` });
      }
    } else {
      process.stderr.write('available: left out, there is no baremetal-operator (METAL3_TESTBED_BAREMETAL_OPERATOR)\n');
    }
    for (const count of COUNTS) {
      results.push((await enroll('available-kwok', count, { hostSets: [{ count }] }, 'kwok')).result);
    }
    return results;
  },
};

async function enroll(
  name: string,
  count: number,
  props: TestbedProps,
  simulator: 'bmo' | 'kwok',
): Promise<{ readonly result: BenchmarkResult; readonly perSecond: number }> {
  const stateDir = mkdtempSync(join(tmpdir(), 'metal3-testbed-bench-'));
  const scenario = { name: 'enroll', steps: [{ enroll: {} }], timeoutSeconds: TIMEOUT_SECONDS };
  let report: Report | undefined;
  try {
    const usage = await inProcess(async () => {
      report = await runScenario({ ...props, scenario }, { stateDir, simulator });
    });
    const value = (metric: string, quantile?: string) => (report && metricValue(report, metric, { quantile })) ?? 0;
    const perSecond = value('step_objects_per_second');
    const p50 = value('step_object_seconds', '0.5').toFixed(1);
    const p99 = value('step_object_seconds', '0.99').toFixed(1);
    const cpu = value('controller_manager_cpu_seconds').toFixed(1);
    const memory = (value('controller_manager_memory_bytes_max') / 1e6).toFixed(0);
    const controllers = `controller manager ${cpu} s of CPU, ${memory} MB`;
    const times = `${(perSecond * 60).toFixed(0)} hosts a minute, p50 ${p50} s, p99 ${p99} s`;
    const note = `${times}; ${controllers}; ${mostCostly(report)}`;
    const seconds = count / perSecond;
    return { result: toResult(name, count, { ...usage, seconds }, note), perSecond };
  } finally {
    await down(stateDir, { delete: true });
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** The requests that the API server spent most time on. */
function mostCostly(report: Report | undefined): string {
  const sums = (report?.metrics ?? []).filter(({ name }) => name === 'api_server_request_seconds_sum');
  const total = sums.reduce((sum, { value }) => sum + value, 0);
  return [...sums]
    .sort((a, b) => b.value - a.value)
    .slice(0, 3)
    .map(({ labels, value }) => `${labels['request']} ${((100 * value) / total).toFixed(0)} %`)
    .join(', ');
}
