/** Faults while hosts are applied. Each returns what came of it, as a sentence with counts. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { fleetYaml } from '../../../lib/kinds/bare-metal-host/fleet-yaml';
import type { ApplyResult } from '../../../src/apply/options';
import { Applier } from '../../../src/apply/apply';
import { KubernetesClient } from '../../../src/kubernetes/client';
import type { Credentials } from '../../../src/kubernetes/kubeconfig';
import { until } from '../../../src/util/until';
import type { Lab } from '../support/lab';
import { countExact, fleetOf, objectsOf } from '../support/hosts';
import { startHttpProxy } from '../support/http-proxy';
import { startTcpProxy } from '../support/tcp-proxy';

/** Applies a fleet, and breaks something once a share of it has been applied. */
async function applyWhile(
  credentials: Credentials,
  name: string,
  count: number,
  at: number,
  fault: () => Promise<void>,
): Promise<ApplyResult> {
  const client = new KubernetesClient(credentials);
  let faulted: Promise<void> | undefined;
  let done = 0;
  const failed = new AbortController();
  try {
    const result = await new Applier(client).apply(objectsOf(fleetOf(name, count)), {
      task: name,
      set: { name },
      retryMs: 120_000,
      signal: failed.signal,
      listener: (event) => {
        if (event.type !== 'progress' || faulted !== undefined || (event.done ?? 0) < 2 * count * at) return;
        done = event.done ?? 0;
        faulted = fault().catch((error: unknown) => failed.abort(error));
      },
    });
    // Not by retries: where the process is back soon, requests have only waited.
    assert.ok(faulted !== undefined && done < 2 * count, 'the fault came before the end');
    await faulted;
    return result;
  } finally {
    await client.close();
  }
}

/** A process of the cluster is killed and started again. */
export async function clusterProcessKilled(lab: Lab, which: 'etcd' | 'kube-apiserver', count: number): Promise<string> {
  const fleet = fleetOf(which === 'etcd' ? 'etcd-killed' : 'api-killed', count);
  const { retries } = await applyWhile(lab.credentials, fleet.name, count, 0.3, async () => {
    lab.kill(which);
    await lab.restart();
  });
  const exact = await countExact(lab.client, fleet);
  assert.equal(exact, count);
  return `${which} killed and restarted: ${exact} of ${count} hosts converged, ${retries} retries`;
}

/** All connections are reset, again and again, at random moments. */
export async function connectionsReset(lab: Lab, count: number): Promise<string> {
  const fleet = fleetOf('reset', count);
  const proxy = await startTcpProxy(lab.credentials);
  let cuts = 0;
  let timer: NodeJS.Timeout | undefined;
  const cutLater = () => {
    timer = setTimeout(
      () => {
        cuts += proxy.cut();
        cutLater();
      },
      50 + Math.random() * 400,
    );
  };
  try {
    const client = new KubernetesClient(proxy.credentials);
    cutLater();
    const { retries } = await new Applier(client).apply(objectsOf(fleet), {
      task: 'reset',
      set: { name: fleet.name },
      retryMs: 120_000,
    });
    clearTimeout(timer);
    await client.close();
    const exact = await countExact(lab.client, fleet);
    assert.equal(exact, count);
    assert.ok(cuts > 0, 'connections were cut');
    return `${cuts} connections reset at random: ${exact} of ${count} hosts converged, ${retries} retries`;
  } finally {
    clearTimeout(timer);
    await proxy.stop();
  }
}

/** The process that applies is killed at random moments, and run again until it comes through. */
export async function processKilled(lab: Lab, count: number, kills: number): Promise<string> {
  const fleet = fleetOf('process-killed', count);
  const file = join(lab.dir, 'process-killed.yaml');
  writeFileSync(file, [...fleetYaml(fleet)].join(''));
  const start = () => startApply(lab, file, fleet.name);
  let killed = 0;
  for (let i = 0; i < kills; i++) {
    const before = await hostsThere(lab);
    const child = start();
    const goal = before + 1 + Math.random() * ((2 * count) / (kills + 1) / 3);
    const ended = once(child, 'exit');
    // A moment in the middle of its writing, however fast the machine is.
    await until(async () => child.exitCode !== null || (await hostsThere(lab)) >= goal, {
      deadlineMs: 60_000,
      everyMs: 5,
    });
    if (child.exitCode === null && child.kill('SIGKILL')) killed++;
    await ended;
  }
  const last = start();
  const [code] = (await once(last, 'exit')) as [number];
  assert.equal(code, 0);
  const exact = await countExact(lab.client, fleet);
  assert.equal(exact, count);
  assert.ok(killed > 0, 'it was killed while it worked');
  return `process killed ${killed} times and run again: ${exact} of ${count} hosts exactly as described`;
}

/** What a process may hold that applies some thousand objects, in MiB: it needs 130. */
const MOST_MEMORY = 400;

/** The process that applies is interrupted in the middle, as by Ctrl-C: it ends soon, in as much memory as before. */
export async function processInterrupted(lab: Lab, count: number, times: number): Promise<string> {
  const file = join(lab.dir, 'interrupted.yaml');
  let peak = 0;
  for (let i = 0; i < times; i++) {
    const fleet = fleetOf(`interrupted-${i}`, count);
    writeFileSync(file, [...fleetYaml(fleet)].join(''));
    const before = await hostsThere(lab);
    const child = startApply(lab, file, fleet.name);
    const memory = setInterval(() => (peak = Math.max(peak, peakOf(child))), 20);
    try {
      const ended = once(child, 'exit') as Promise<[number | null]>;
      const goal = before + 1 + Math.random() * (count / 2);
      await until(async () => (await hostsThere(lab)) >= goal, { deadlineMs: 60_000, everyMs: 5 });
      child.kill('SIGINT');
      await until(() => child.exitCode !== null || peak > MOST_MEMORY, { deadlineMs: 30_000, everyMs: 5 });
      assert.ok(peak <= MOST_MEMORY, `it held ${Math.round(peak)} MiB after it was interrupted`);
      assert.deepEqual(await ended, [130, null]);
    } finally {
      clearInterval(memory);
      child.kill('SIGKILL');
    }
  }
  return `process interrupted ${times} times: ${times} times it ended with 130, in ${Math.round(peak)} MiB at most`;
}

/** @returns the most memory that a process has held, in MiB; 0 for one that is gone */
function peakOf({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function startApply(lab: Lab, file: string, set: string): ChildProcess {
  const main = join(__dirname, '..', '..', '..', 'src', 'cli', 'main.js');
  const stateDir = join(lab.dir, 'applied');
  const args = ['apply', file, '--kubeconfig', lab.kubeconfig, '--set', set, '--state-dir', stateDir];
  return spawn(process.execPath, [main, ...args], { stdio: 'ignore' });
}

/** How many hosts there are in the default namespace, but for one. */
async function hostsThere(lab: Lab): Promise<number> {
  const path = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';
  const { metadata } = await lab.client.request<{ metadata: { remainingItemCount?: number } }>('GET', path, {
    query: { limit: 1 },
  });
  return metadata.remainingItemCount ?? 0;
}

/**
 * The API server refuses everything for a while.
 *
 * @param recoversWithinMs how soon the former rate has to be there again. A short storm has too little after it to tell,
 * on a machine that does other things besides.
 */
export async function throttled(
  lab: Lab,
  count: number,
  stormMs: number,
  recoversWithinMs = Infinity,
): Promise<string> {
  const fleet = fleetOf('throttled', count);
  const proxy = await startHttpProxy(lab.credentials, lab.dir);
  const client = new KubernetesClient(proxy.credentials);
  const samples: { readonly at: number; readonly done: number }[] = [];
  const sampler = setInterval(() => samples.push({ at: performance.now(), done: proxy.succeeded() }), 50);
  let storm = { from: 0, to: 0 };
  let result: ApplyResult | undefined;
  try {
    const running = new Applier(client)
      .apply(objectsOf(fleet), { task: 'throttled', set: { name: fleet.name }, retryMs: 120_000 })
      .then((done) => (result = done));
    // As the storm begins with a third done, the rates before and after are of like work.
    await Promise.race([
      running,
      until(() => proxy.succeeded() >= (2 * count) / 3, { deadlineMs: 120_000, everyMs: 20 }),
    ]);
    assert.equal(result, undefined, 'the storm came before the end');
    proxy.refuse(() => 429);
    const from = performance.now();
    await until(() => performance.now() - from >= stormMs, { deadlineMs: stormMs * 2, everyMs: 20 });
    proxy.refuse(() => undefined);
    storm = { from, to: performance.now() };
    const { retries } = await running;
    const exact = await countExact(lab.client, fleet);
    assert.equal(exact, count);
    assert.ok(proxy.refused() > 0);
    const rate = (start: number, end: number) => {
      const within = samples.filter(({ at }) => at >= start && at <= end);
      const [first, last] = [within[0], within.at(-1)];
      return first && last && last.at > first.at ? ((last.done - first.done) / (last.at - first.at)) * 1000 : 0;
    };
    const before = rate(storm.from - 3_000, storm.from);
    // Until the last object, or it would count time in which there was nothing to do.
    const end = samples.find(({ done }) => done >= proxy.succeeded() - 1)?.at ?? performance.now();
    let recovered: number | undefined;
    for (let at = storm.to; at < end && recovered === undefined; at += 100) {
      if (rate(at, Math.min(end, at + 750)) >= before * 0.8) recovered = at - storm.to;
    }
    assert.ok(
      recoversWithinMs === Infinity || (recovered !== undefined && recovered < recoversWithinMs),
      `former rate (${before.toFixed(0)}/s) not reached within ${recoversWithinMs} ms`,
    );
    const again = recovered === undefined ? 'no more' : `again after ${(recovered / 1000).toFixed(1)} s`;
    return `${proxy.refused()} refusals (429) in ${stormMs / 1000} s: 0 failures, ${exact} of ${count} hosts converged, ${retries} retries, former rate of ${before.toFixed(0)} objects/s ${again}`;
  } finally {
    clearInterval(sampler);
    await client.close();
    await proxy.stop();
  }
}

/** etcd has no room left by its own quota. @param lab with a small one */
export async function storageFull(lab: Lab, count: number): Promise<string> {
  const message = await failsToApply(lab, fleetOf('full', count));
  assert.match(message, /etcd is full/);
  assert.match(message, /run this again/);
  return `etcd full: ${message.slice(0, 70)}…`;
}

/** The disk of etcd has no room left, so that etcd ends. @param lab on a small file system of its own */
export async function diskFull(lab: Lab, count: number): Promise<string> {
  const fleet = fleetOf('disk', count);
  const filler = join(lab.dir, 'filler');
  const { bavail, bsize } = statfsSync(lab.dir);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 2 * 1024 ** 2));
  const message = await failsToApply(lab, fleet);
  assert.match(message, /does not answer .* check that its etcd runs and has free disk space|etcd is full/);
  rmSync(filler);
  await lab.restart();
  await new Applier(lab.client).apply(objectsOf(fleet), { task: 'disk', set: { name: fleet.name } });
  const exact = await countExact(lab.client, fleet);
  assert.equal(exact, count);
  return `disk full: ${message.slice(message.indexOf('does not'), 200)}…; with room again ${exact} of ${count} hosts converged`;
}

/** Applies more than there is room for. @returns the error's message */
async function failsToApply(lab: Lab, fleet: Fleet): Promise<string> {
  const padding = 'x'.repeat(50_000);
  function* heavy() {
    for (const object of objectsOf(fleet)) {
      yield { ...object, metadata: { ...object.metadata, annotations: { padding } } };
    }
  }
  const results: ApplyResult[] = [];
  const error = await new Applier(lab.client)
    .apply(heavy(), { task: 'full', set: { name: fleet.name }, retryMs: 20_000 })
    .then(
      (result) => {
        results.push(result);
        return undefined;
      },
      (thrown: Error) => thrown,
    );
  assert.deepEqual(results, [], 'nothing is reported as done');
  return error?.message ?? '';
}
