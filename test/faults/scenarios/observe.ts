/** Faults while hosts are watched. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Agent, request } from 'undici';
import { Applier } from '../../../src/apply/apply';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { HOSTS_PATH, hostPath, watchHosts } from '../../support/hosts';
import type { ObjectWatch } from '../../../src/watch/object-watch';
import { until } from '../../../src/util/until';
import { fleetOf, objectsOf } from '../support/hosts';
import type { Lab } from '../support/lab';
import { startHttpProxy } from '../support/http-proxy';
import { startTcpProxy } from '../support/tcp-proxy';

const STATES = ['registering', 'inspecting', 'preparing', 'available', 'provisioning', 'provisioned'];
/** A list is begun anew so often that the watch itself has to begin anew, and once more. */
const BREAKS = 7;
const DEADLINE = { deadlineMs: 60_000, everyMs: 20 };

async function setState(lab: Lab, name: string, state: string): Promise<void> {
  await lab.client.request('PATCH', `/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/${name}/status`, {
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        provisioning: { state, ID: '', image: { url: '' } },
        operationalStatus: 'OK',
        errorMessage: '',
        poweredOn: state === 'provisioned',
        hardwareProfile: '',
        errorCount: 0,
      },
    },
  });
}

/** The states that a watch has seen of each host, in order. */
function historyOf(watch: ObjectWatch, prefix: string): Record<string, string[]> {
  const lines = [...(watch.timelines?.all() ?? [])].filter(({ name }) => name.startsWith(`${prefix}-`));
  return Object.fromEntries(
    lines
      .map(({ name, transitions }) => [name, transitions.filter(({ field }) => field === 'state').map(({ to }) => to)])
      .sort(),
  ) as Record<string, string[]>;
}

/**
 * Connections of a watch are cut while hosts change, and etcd is compacted meanwhile. What it records is compared with
 * what the API server tells a watch from the beginning that nothing disturbs.
 */
export async function watchCut(lab: Lab, count: number, rounds: number): Promise<string> {
  const fleet = fleetOf('watched', count);
  await new Applier(lab.client).apply(objectsOf(fleet), { task: 'watched', set: { name: fleet.name } });
  const proxy = await startTcpProxy(lab.credentials);
  const disturbed = new KubernetesClient(proxy.credentials);
  const watch = watchHosts(disturbed, { timelines: true });
  const reference = watchHosts(lab.client, { timelines: true });
  try {
    await Promise.all([watch.start(), reference.start()]);
    let changes = 0;
    for (let round = 0; round < rounds; round++) {
      for (const host of fleet.hosts()) {
        await setState(lab, host.name, STATES[round % STATES.length] ?? '');
        changes++;
        // Once in each round for certain: by chance alone a short run is not cut at all, one time in twenty.
        if (changes % count === Math.ceil(count / 2) || Math.random() < 0.1) {
          proxy.setClosed(Math.random() < 0.5);
          proxy.cut();
        }
      }
      await compact(lab);
      proxy.setClosed(false);
    }
    const last = STATES[(rounds - 1) % STATES.length] ?? '';
    const seen = (each: ObjectWatch) =>
      [...each.all()].filter(({ name, state }) => name.startsWith(`${fleet.name}-`) && state === last).length;
    assert.ok(await until(() => seen(watch) === count && seen(reference) === count, DEADLINE), 'both watches catch up');
    assert.equal(reference.interruptions.relists, 0, 'the reference was not disturbed');
    assert.ok(watch.interruptions.resumes > 0, 'the watch was cut');
    const expected = historyOf(reference, fleet.name);
    assert.equal(Object.values(expected).flat().length, changes);
    assert.deepEqual(historyOf(watch, fleet.name), expected);
    return `watch cut ${watch.interruptions.resumes} times, etcd compacted ${rounds} times: 0 of ${changes} transitions lost or invented, ${watch.interruptions.relists} relists`;
  } finally {
    await Promise.all([watch.stop(), reference.stop()]);
    await disturbed.close();
    await proxy.stop();
  }
}

/**
 * The API server forgets where the watch was: it is started anew on a compacted etcd while the watch is away. Nothing
 * happens to the hosts in the meantime but one known step, which is all that may be recorded; and the list that is to find
 * it breaks off after its first page, again and again, of which a host has gone in between.
 */
export async function watchExpired(lab: Lab, count: number): Promise<string> {
  // Of all hosts the first: they are on the first page, and the last of them on the second.
  const fleet = fleetOf('a-expired', count);
  await new Applier(lab.client).apply(objectsOf(fleet), { task: fleet.name, set: { name: fleet.name } });
  for (const { name } of fleet.hosts()) await setState(lab, name, 'inspecting');
  const gone = fleet.hostAt(fleet.firstIndex).name;
  const proxy = await startHttpProxy(lab.credentials, lab.dir);
  const client = new KubernetesClient(proxy.credentials);
  const watch = watchHosts(client, { timelines: true, pageSize: count - 1 });
  try {
    await watch.start();
    proxy.refuse((path) => (path.includes('watch=true') ? 503 : undefined));
    proxy.cut();
    for (const { name } of fleet.hosts()) await setState(lab, name, 'available');
    await compact(lab);
    lab.kill('kube-apiserver');
    await lab.restart();
    // Pushes the watch cache of the new API server beyond where the watch was.
    await lab.client.request('GET', HOSTS_PATH, { query: { limit: 1 }, retryMs: 60_000 });
    let brokenOff = 0;
    proxy.refuse(async (path) => {
      if (!path.includes('continue=') || brokenOff++ >= BREAKS) return undefined;
      // Has come with the first page, and does not come again.
      if (brokenOff === BREAKS) await lab.client.request('DELETE', hostPath('default', gone));
      return 410;
    });
    const there = () =>
      [...watch.all()].filter(({ name, state }) => name.startsWith(`${fleet.name}-`) && state === 'available').length;
    const isGone = () => watch.get('default', gone) === undefined;
    assert.ok(
      await until(() => isGone() && there() === count - 1, DEADLINE),
      'the watch comes back, without what has gone',
    );
    assert.ok(watch.interruptions.relists > 1, 'the place was forgotten (410), and so it was when the list broke off');
    assert.ok(brokenOff > BREAKS, 'the list broke off, and was begun anew');
    for (const states of Object.values(historyOf(watch, fleet.name)))
      assert.deepEqual(states, ['inspecting', 'available']);
    const marked = [...(watch.timelines?.all() ?? [])]
      .filter(({ name }) => name.startsWith(`${fleet.name}-`))
      .flatMap(({ transitions }) => transitions.filter(({ field, to }) => field === 'state' && to === 'available'));
    assert.ok(
      marked.every(({ isAfterGap }) => isAfterGap),
      'steps over a gap say so',
    );
    return `watch expired (410) ${watch.interruptions.relists} times: 0 of ${count} transitions lost, 0 invented`;
  } finally {
    await watch.stop();
    await client.close();
    await proxy.stop();
  }
}

/** The wall clock jumps an hour ahead and a day back while a host changes. */
export async function clockMoved(t: TestContext, lab: Lab): Promise<string> {
  const fleet = fleetOf('clock', 1);
  await new Applier(lab.client).apply(objectsOf(fleet), { task: 'clock', set: { name: fleet.name } });
  const watch = watchHosts(lab.client, { timelines: true });
  const realNow = Date.now;
  const moves: number[] = [];
  await watch.start();
  try {
    for (const [i, offset] of [0, 3_600_000, -86_400_000].entries()) {
      t.mock.method(Date, 'now', () => realNow() + offset);
      const state = STATES[i] ?? '';
      await setState(lab, 'clock-1', state);
      assert.ok(await watch.until(() => watch.get('default', 'clock-1')?.state === state, DEADLINE));
      moves.push(performance.now());
      t.mock.restoreAll();
    }
  } finally {
    await watch.stop();
  }
  const times = (watch.timelines?.get('default/clock-1')?.transitions ?? [])
    .filter(({ field }) => field === 'state')
    .map(({ at }) => at);
  assert.equal(times.length, 3);
  const recorded = (times[2] ?? 0) - (times[0] ?? 0);
  const real = (moves[2] ?? 0) - (moves[0] ?? 0);
  assert.ok(recorded > 0 && Math.abs(recorded - real) < 500, `recorded ${recorded} ms of ${real} ms`);
  return `wall clock moved by +1 h and -1 d: 3 of 3 transitions in order, ${recorded.toFixed(0)} ms recorded of ${real.toFixed(0)} ms`;
}

/** Makes etcd forget everything but the present. */
async function compact(lab: Lab): Promise<void> {
  const { ports } = JSON.parse(readFileSync(join(lab.dir, 'cluster.json'), 'utf8')) as { ports: { etcd: number } };
  const file = (name: string) => readFileSync(join(lab.dir, 'pki', name));
  const agent = new Agent({
    connect: { ca: file('ca.crt'), cert: file('etcd-client.crt'), key: file('etcd-client.key') },
  });
  const call = async (path: string, body: object) => {
    const answer = await request(`https://127.0.0.1:${ports.etcd}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      dispatcher: agent,
    });
    return JSON.parse(await answer.body.text()) as { header?: { revision?: string }; error?: string };
  };
  try {
    const { header } = await call('/v3/kv/range', { key: Buffer.from('/').toString('base64'), count_only: true });
    const { error } = await call('/v3/kv/compaction', { revision: header?.revision, physical: true });
    assert.ok(error === undefined || error.includes('has been compacted'), error);
  } finally {
    await agent.destroy();
  }
}
