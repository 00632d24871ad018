/** Faults of clusters as steps, done to the real process that answers for their API, without a management cluster. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import type { StepKinds } from '../../../lib/scenario/steps';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { processFolder } from '../../../src/managers/ports';
import { isStopped } from '../../../src/process/identity';
import { killManager, slowManager } from '../../../src/scenario/faults/managers';
import { endFaults, workloadApiFault } from '../../../src/scenario/faults/workload-api';
import type { ScenarioRun } from '../../../src/scenario/scenario-run';
import { findProcess, startProcess, stopProcess } from '../../../src/simulators/background-process';
import { writeFault } from '../../../src/simulators/workload-api/fault-files';
import { WORKLOAD_API, workloadApiForm } from '../../../src/simulators/workload-api-process';
import { until } from '../../../src/util/until';
import { atEnd, tempDir } from '../../support/temp-dir';

const WAIT = { deadlineMs: 60_000, everyMs: 10 };
/** Of nobody: the process waits for a management cluster, and does all else meanwhile. */
const KUBECONFIG = JSON.stringify({
  'current-context': 'c',
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'u', user: {} }],
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
});

async function setUp(t: TestContext) {
  const stateDir = tempDir(t);
  const kubeconfig = join(stateDir, 'kubeconfig');
  writeFileSync(kubeconfig, KUBECONFIG);
  const folder = processFolder(stateDir, WORKLOAD_API);
  atEnd(t, () => stopProcess(folder, { graceMs: 0 }, WORKLOAD_API));
  const form = workloadApiForm();
  const { readyUrl } = await startProcess({
    kind: WORKLOAD_API,
    name: WORKLOAD_API,
    stateDir: folder,
    kubeconfig,
    program: process.execPath,
    form: {
      ...form,
      at: (place) => {
        const call = form.at(place);
        return { ...call, readyUrl: call.metricsUrl };
      },
    },
  });
  const testbed = resolveTestbed({ clusterSets: [{ count: 4 }] });
  const run = (signal?: AbortSignal) =>
    ({ stateDir, live: { testbed, cluster: 'local' }, signal }) as unknown as ScenarioRun;
  const step = <K extends keyof StepKinds>(kind: K, props: StepKinds[K]) =>
    ({ kind, props, name: 'a step', path: '', timeoutMs: 60_000 }) as unknown as ResolvedStep<K>;
  const inForce = async () =>
    (await (await fetch(new URL('/faults', readyUrl))).json()) as readonly { fault: object; clusters: number }[];
  const files = () => readdirSync(folder).filter((name) => name.startsWith('workload-api-fault-'));
  const pid = () => findProcess(folder, WORKLOAD_API)?.pid;
  return { folder, run, step, inForce, files, pid };
}

describe('steps that are faults of clusters', () => {
  it('are in force from their beginning to their end, for the clusters that are selected', async (t) => {
    const { run, step, inForce, files } = await setUp(t);
    const start = performance.now();
    const fault = step('workloadApiFault', { unreachable: 'refused', share: 0.5, forSeconds: 1 });
    const done = workloadApiFault(fault, run());
    let seen: readonly object[] = [];
    assert.ok(await until(async () => (seen = await inForce()).length > 0, WAIT));
    assert.partialDeepStrictEqual(seen, [{ fault: { unreachable: 'refused' }, clusters: 2 }]);
    await done;
    assert.ok(performance.now() - start >= 990);
    assert.deepEqual(await inForce(), []);
    assert.deepEqual(files(), []);
  });

  it('end with the run, and those of a run that was killed before the next one', async (t) => {
    const { folder, run, step, inForce, files } = await setUp(t);
    const interrupt = new AbortController();
    const fault = step('workloadApiFault', { errors: [503], forSeconds: 3_600 });
    const done = workloadApiFault(fault, run(interrupt.signal));
    assert.ok(await until(async () => (await inForce()).length === 1, WAIT));
    interrupt.abort(new Error('enough'));
    await assert.rejects(done, /enough/);
    assert.deepEqual(await inForce(), []);
    writeFault(folder, { fault: { errors: [503] }, clusters: ['a/a'], until: Date.now() + 3_600_000, seed: '' });
    assert.equal((await inForce()).length, 1);
    await endFaults(run());
    assert.deepEqual([await inForce(), files()], [[], []]);
  });

  it('go on where the process is killed, which is another one then', async (t) => {
    const { folder, run, step, inForce, pid } = await setUp(t);
    writeFault(folder, { fault: { resets: true }, clusters: ['a/a'], until: Date.now() + 3_600_000, seed: '' });
    const before = pid();
    await killManager(step('killManager', { manager: 'workloadApi', downSeconds: 0.1 }), run());
    assert.ok(before !== undefined && pid() !== undefined && pid() !== before);
    assert.equal((await inForce()).length, 1);
  });

  it('start a process again where the run is interrupted while it is away', async (t) => {
    const { run, step, pid } = await setUp(t);
    const interrupt = new AbortController();
    const kill = step('killManager', { manager: 'workloadApi', downSeconds: 3_600 });
    const done = killManager(kill, run(interrupt.signal));
    assert.ok(await until(() => pid() === undefined, WAIT));
    interrupt.abort(new Error('enough'));
    await assert.rejects(done, /enough/);
    assert.notEqual(pid(), undefined);
  });

  it('hold a process up, and let it go on', { skip: process.platform !== 'linux' && 'reads /proc' }, async (t) => {
    const { run, step, inForce, pid } = await setUp(t);
    const slow = (forSeconds: number) => step('slowManager', { manager: 'workloadApi', stoppedShare: 0.9, forSeconds });
    // As long as it takes to be seen, on however busy a machine.
    const interrupt = new AbortController();
    const held = slowManager(slow(60), run(interrupt.signal));
    const standsStill = () => / T /.test(readFileSync(`/proc/${pid()!}/stat`, 'utf8'));
    const wasSeen = await until(standsStill, { deadlineMs: 30_000, everyMs: 5 });
    interrupt.abort(new Error('enough'));
    await assert.rejects(held, /enough/);
    assert.ok(wasSeen, 'it has never stood still');
    assert.equal(await isStopped(pid()!), false);
    await slowManager(slow(0.3), run());
    assert.equal(await isStopped(pid()!), false);
    assert.deepEqual(await inForce(), []);
  });
});
