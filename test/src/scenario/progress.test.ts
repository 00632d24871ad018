import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { ApiServerRecord } from '../../../src/measure/api-server-record';
import { ManagerRecord } from '../../../src/measure/manager-record';
import { OperatorRecord } from '../../../src/measure/operator-record';
import { ProcessRecord } from '../../../src/measure/process-record';
import { Samples } from '../../../src/measure/metrics/samples';
import type { ArrivalsRun } from '../../../src/scenario/arrivals';
import { changeObjects } from '../../../src/scenario/change-objects';
import { churned, type Fates } from '../../../src/scenario/churned';
import { execute } from '../../../src/scenario/execute';
import { Progress, type ProgressStore } from '../../../src/scenario/progress';
import { NO_OBJECTS } from '../../../src/scenario/scenario-run';
import { restoreState, stateOf, textOf } from '../../../src/util/object-state';
import type { WatchedObjects } from '../../../src/watch/object-watch';

const NOTHING_SEEN = { timelines: [], measured: undefined };

function memoryStore(): ProgressStore & { text: string | undefined } {
  const store: ProgressStore & { text: string | undefined } = {
    text: undefined,
    read: () => Promise.resolve(store.text),
    write: (text) => Promise.resolve(void (store.text = text)),
  };
  return store;
}

async function opened(store: ProgressStore): Promise<Progress> {
  const progress = await Progress.open(store);
  await progress.follow(() => NOTHING_SEEN);
  return progress;
}

const scenario = (...steps: readonly ScenarioStep[]) =>
  resolveScenario({ steps }, { fleets: [new Fleet({ count: 3, namespace: 'n' })] }).root;

/** Its process ends here. */
const killed = new RangeError('killed');

describe('a scenario that is carried on', () => {
  it('does again what had begun, and nothing that had ended', async (t) => {
    const store = memoryStore();
    const root = scenario({ enroll: {} }, { parallel: [{ provision: {} }, { rest: { seconds: 1 } }] }, { delete: {} });
    const done = { ...NO_OBJECTS, kind: 'BareMetalHost', objects: 3, done: 3 };
    const first: string[] = [];
    const progress = await opened(store);
    t.after(() => progress.close());
    const dies = execute(
      root,
      (step, memory) => {
        first.push(step.name);
        if (step.name !== 'provision') return Promise.resolve(done);
        memory.asked.set('n/a', memory.start + 1);
        return memory.kept().then(() => Promise.reject(killed));
      },
      { progress },
    );
    await assert.rejects(dies, killed);
    const second: string[] = [];
    const next = await opened(store);
    t.after(() => next.close());
    const { records, failure } = await execute(
      root,
      (step, memory) => {
        second.push(step.name);
        if (step.name === 'provision') assert.deepEqual([...memory.asked], [['n/a', memory.start + 1]]);
        return Promise.resolve({ ...done, asked: memory.asked });
      },
      { progress: next },
    );
    assert.deepEqual(first, ['enroll', 'provision', 'rest']);
    assert.deepEqual(second, ['provision', 'delete']);
    assert.equal(failure, undefined);
    assert.equal(next.resumes, 1);
    assert.deepEqual(records.map(({ name, objects, done: there }) => [name, objects, there]).sort(), [
      ['delete', 3, 3],
      ['enroll', 3, 3],
      ['provision', 3, 3],
      ['rest', 3, 3],
    ]);
    const [enroll, provision] = records;
    assert.ok(enroll!.end <= provision!.start && provision!.start < provision!.end, 'steps keep their times');
    assert.equal(next.start, progress.start);
  });

  it('takes times of a process whose clock began at another time for what they are', async () => {
    const store = memoryStore();
    const progress = await opened(store);
    await progress.close();
    const saved = JSON.parse(store.text!) as { origin: number };
    store.text = JSON.stringify({ ...saved, origin: saved.origin - 60_000 });
    const next = await Progress.open(store);
    assert.ok(Math.abs(next.start - (progress.start - 60_000)) < 1, `${next.start} after ${progress.start}`);
  });

  it('begins anew where what is written down is of another version, and goes on where it cannot be', async () => {
    const store = memoryStore();
    store.text = '{"version":0,"origin":0}';
    assert.equal((await Progress.open(store)).seen, undefined);
    const root = scenario({ enroll: {} });
    const nowhere = await opened({ read: () => Promise.resolve(undefined), write: () => Promise.resolve() });
    const { records } = await execute(root, () => Promise.resolve(NO_OBJECTS), { progress: nowhere });
    assert.equal(records.length, 1);
    await nowhere.close();
  });
});

describe('a step that is carried on', () => {
  const targets = ['a', 'b', 'c'].map((name) => ({ namespace: 'n', name }));
  const kind = bareMetalHostKind;

  /** Hosts of which each is provisioned once it is asked, with the names of those that were. */
  function runOf(provisioned: readonly string[]) {
    const asked: string[] = [];
    const get = (namespace: string, name: string): ObservedHost => ({
      ...kind.unseen(namespace, name),
      state: provisioned.includes(name) || asked.includes(name) ? 'provisioned' : 'available',
    });
    const until = (condition: () => boolean) => Promise.resolve(condition());
    const watch: WatchedObjects<ObservedHost> = { kind, get, until, counts: () => ({}) };
    const request = <T>(_: string, path: string) => {
      asked.push(path.slice(-1));
      return Promise.resolve({ items: [] } as T);
    };
    const run: ArrivalsRun = { watches: [watch], live: { client: { request } } };
    return { run, asked };
  }

  it('asks those again that had been asked and are not there, and counts from when they were', async () => {
    const progress = await opened(memoryStore());
    const memory = progress.begin({ name: 'provision' });
    memory.asked.set('n/a', 1).set('n/b', 2);
    const { run, asked } = runOf(['a']);
    const outcome = await changeObjects(
      { name: 'provision', timeoutMs: 1_000, mayFail: false },
      targets,
      {
        kind,
        patch: {},
        goal: undefined,
        isThere: (host) => host?.state === 'provisioned',
      },
      { ...run, memory },
    );
    assert.deepEqual(asked, ['b', 'c']);
    assert.deepEqual([outcome.objects, outcome.done], [3, 3]);
    assert.deepEqual([outcome.asked.get('n/a'), outcome.asked.get('n/b')], [1, 2]);
    await progress.close();
  });

  it('goes on with the round of a churn that was interrupted, and counts those before', async () => {
    const store = memoryStore();
    const churn = { share: 1 / 3, everySeconds: 0.2, forSeconds: 1 };
    const replaced: string[] = [];
    const replace = (some: readonly string[], { pending }: Fates) => {
      // It does not come back in the first process.
      if (replaced.length === 0) pending.add('n/a');
      replaced.push(...some);
      return Promise.resolve({ done: some.length, late: [], retries: 0 });
    };
    const progress = await opened(store);
    const memory = progress.begin({ name: 'churn' });
    const dies = churned(['a', 'b', 'c'], churn, { signal: undefined, memory }, (some, fates) =>
      some.includes('b') ? memory.kept().then(() => Promise.reject(killed)) : replace(some, fates),
    );
    await assert.rejects(dies, killed);
    const next = await opened(store);
    const again = next.begin({ name: 'churn' });
    const outcome = await churned(['a', 'b', 'c'], churn, { signal: undefined, memory: again }, replace);
    assert.deepEqual(replaced.slice(0, 2), ['a', 'b']);
    assert.deepEqual([outcome.objects, outcome.done], [replaced.length, replaced.length]);
    assert.deepEqual([...outcome.pending], ['n/a']);
    await Promise.all([progress.close(), next.close()]);
  });
});

describe('what was measured of a scenario that is carried on', () => {
  const samples = (requests: number) => {
    const all = new Samples();
    all.add('apiserver_request_total', { verb: 'LIST', resource: 'pods', subresource: '', code: '200' }, requests);
    all.add('rest_client_requests_total', { code: '200', method: 'GET', host: 'management' }, requests);
    all.add('controller_runtime_reconcile_total', { controller: 'c', result: 'success' }, requests);
    all.add('process_cpu_seconds_total', {}, requests / 10);
    all.add('process_resident_memory_bytes', {}, 1000 - requests);
    return all;
  };

  it('is the same as of one that was not', () => {
    const records = () => [new ApiServerRecord(), new OperatorRecord('o', undefined), new ManagerRecord('m')];
    const [one, first, second] = [records(), records(), records()];
    const intervals = [1, 2, 3, 4].map((at) => {
      const now = samples(at * at);
      return { at: at * 1000, seconds: 1, now, increase: now.increaseSince(samples((at - 1) ** 2)) };
    });
    for (const record of one) for (const interval of intervals) record.add(interval);
    for (const [i, record] of first.entries()) {
      for (const interval of intervals.slice(0, 2)) record.add(interval);
      restoreState(second[i]!, stateOf(textOf(record)));
      for (const interval of intervals.slice(2)) second[i]!.add(interval);
    }
    assert.deepEqual(
      second.map((record) => record.metrics()),
      one.map((record) => record.metrics()),
    );
    assert.ok(one.every((record) => record.metrics().length > 1));
  });

  it('counts a process anew that has the number of the one before', () => {
    const record = new ProcessRecord();
    const used = (cpuSeconds: number) => () => ({ cpuSeconds, bytes: 1 });
    record.add([{ name: 'run', pid: 1 }], 0, used(5));
    record.add([{ name: 'run', pid: 1 }], 1, used(7));
    record.add([{ name: 'run', pid: 1 }], 2, used(1));
    const cpu = record.metrics().find(({ name }) => name === 'process_cpu_seconds');
    assert.equal(cpu?.value, 3);
  });
});
