/** Several writers of one set at a time. Each returns what came of it, as a sentence with counts. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaseName } from '../../../src/apply/set-lease';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { ignoreNotFound } from '../../../src/kubernetes/ignore-not-found';
import { pagesOf } from '../../../src/kubernetes/pages';
import { until } from '../../../src/util/until';
import { cli, root, type CliResult } from '../../support/cli';
import type { Lab } from '../support/lab';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const MAIN = join(root, 'build', 'src', 'cli', 'main.js');

/** Names of ConfigMaps, from and up to an index. */
const named = (set: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${set}-m${from + i}`);

/** Writes a manifest of ConfigMaps. @returns its file */
function manifest(lab: Lab, names: readonly string[], content: string): string {
  const file = join(lab.dir, `${content}-${names[0]}.json`);
  const items = names.map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { content } }));
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return file;
}

/** What is there of a set: `name=content`, in order. */
async function contentOf(lab: Lab, set: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { items } of pagesOf<KubernetesObject>(lab.client, CONFIG_MAPS))
    for (const { metadata, data } of items)
      if (metadata.name.startsWith(`${set}-m`))
        found.push(`${metadata.name}=${(data as { content?: string } | undefined)?.content}`);
  return found.sort();
}

const described = (names: readonly string[], content: string) => names.map((name) => `${name}=${content}`).sort();

function argumentsOf(lab: Lab, set: string, command: readonly string[]): string[] {
  const [name = '', ...rest] = command;
  const stateDir = join(lab.dir, 'applied');
  return [name, ...rest, '--set', set, '--kubeconfig', lab.kubeconfig, '--state-dir', stateDir];
}

const run = (lab: Lab, set: string, command: readonly string[]): Promise<CliResult> =>
  cli(argumentsOf(lab, set, command));

/** Nobody has failed for anything but that the other one was at work. */
function requireOrderly(results: readonly CliResult[]): void {
  for (const { code, stderr } of results)
    assert.ok(code === 0 || /is being written by .*process \d+ on /.test(stderr), `exit ${code}: ${stderr}`);
}

/** Two descriptions that overlap are applied at once, again and again: one of them is there in the end, whole. */
export async function twoDescriptions(lab: Lab, rounds: number): Promise<string> {
  const set = 'tw';
  const [a, b] = [named(set, 0, 150), named(set, 100, 250)];
  const files = [manifest(lab, a, 'a'), manifest(lab, b, 'b')];
  const ends = { a: 0, b: 0 };
  for (let round = 0; round < rounds; round++) {
    const results = await Promise.all(
      files.map((file) => run(lab, set, ['apply', file, '--prune', '--force-conflicts'])),
    );
    requireOrderly(results);
    const found = await contentOf(lab, set);
    const isA = found.join() === described(a, 'a').join();
    if (!isA) assert.deepEqual(found, described(b, 'b'), `round ${round}: neither description is there`);
    ends[isA ? 'a' : 'b']++;
  }
  await requireNoLease(lab, set);
  return `two descriptions of one set at once: ${rounds} of ${rounds} rounds ended with one of them whole (${ends.a} and ${ends.b} times)`;
}

/** A description is applied while another one prunes: what is left is what one after the other leaves. */
export async function applyBesidePrune(lab: Lab, rounds: number): Promise<string> {
  const set = 'pr';
  const [a, b] = [named(set, 0, 60), named(set, 40, 100)];
  const [fileA, fileB] = [manifest(lab, a, 'x'), manifest(lab, b, 'x')];
  const both = described(named(set, 40, 60), 'x').join();
  for (let round = 0; round < rounds; round++) {
    assert.equal((await run(lab, set, ['apply', fileA, '--prune'])).code, 0);
    requireOrderly(await Promise.all([run(lab, set, ['apply', fileB, '--prune']), run(lab, set, ['prune', fileA])]));
    const found = (await contentOf(lab, set)).join();
    assert.ok([both, described(b, 'x').join()].includes(found), `round ${round}: ${found}`);
  }
  return `apply beside prune: ${rounds} of ${rounds} rounds left what one after the other leaves`;
}

/** A writer is killed in the middle; the next one does not wait for long, and leaves its own description whole. */
export async function holderKilled(lab: Lab, rounds: number): Promise<string> {
  const set = 'hk';
  const [a, b] = [named(set, 0, 400), named(set, 300, 350)];
  const [fileA, fileB] = [manifest(lab, a, 'a'), manifest(lab, b, 'b')];
  let longest = 0;
  for (let round = 0; round < rounds; round++) {
    const child = start(lab, set, ['apply', fileA, '--prune', '--force-conflicts']);
    await untilWritten(lab, set, 1 + Math.random() * 200);
    await end(child, 'SIGKILL');
    const from = performance.now();
    const { code, stderr } = await run(lab, set, ['apply', fileB, '--prune', '--force-conflicts']);
    longest = Math.max(longest, performance.now() - from);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await contentOf(lab, set), described(b, 'b'));
  }
  assert.ok(longest < 14_000, `the Lease of a dead process was respected for ${longest} ms`);
  await requireNoLease(lab, set);
  return `writer killed ${rounds} times: the next one came through each time, in ${(longest / 1000).toFixed(1)} s at most`;
}

/** A writer is stopped for so long that another takes over; going on, it writes and deletes nothing any more. */
export async function holderStopped(lab: Lab, rounds: number): Promise<string> {
  const set = 'hs';
  const [a, b] = [named(set, 0, 600), named(set, 500, 700)];
  const [fileA, fileB] = [manifest(lab, a, 'a'), manifest(lab, b, 'b')];
  for (let round = 0; round < rounds; round++) {
    assert.equal((await run(lab, set, ['apply', fileB, '--prune', '--force-conflicts'])).code, 0);
    const child = start(lab, set, ['apply', fileA, '--prune', '--force-conflicts']);
    try {
      await untilWritten(lab, set, 210 + Math.random() * 300);
      child.kill('SIGSTOP');
      const { code, stderr } = await run(lab, set, ['apply', fileB, '--prune', '--force-conflicts']);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /the set hs is being written by/);
      assert.deepEqual(await contentOf(lab, set), described(b, 'b'));
      const said = textOf(child);
      const ended = once(child, 'close');
      child.kill('SIGCONT');
      const [exit] = (await ended) as [number];
      assert.equal(exit, 5, said());
      assert.match(said(), /another run took over the set hs/);
      assert.deepEqual(await contentOf(lab, set), described(b, 'b'), `round ${round}: a stopped writer wrote on`);
    } finally {
      if (child.exitCode === null) await end(child, 'SIGKILL');
    }
  }
  return `writer stopped and overtaken ${rounds} times: nothing was written by it afterwards`;
}

function start(lab: Lab, set: string, command: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...argumentsOf(lab, set, command)], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function textOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
  return () => text;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Waits for a moment in the middle of the writing. */
async function untilWritten(lab: Lab, set: string, count: number): Promise<void> {
  const isWritten = async () => (await contentOf(lab, set)).length >= count;
  assert.ok(await until(isWritten, { deadlineMs: 60_000, everyMs: 5 }), 'the writer writes');
}

/** A run that has ended leaves nothing behind but its set. */
async function requireNoLease(lab: Lab, set: string): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/default/leases/${leaseName(set)}`;
  assert.equal(await ignoreNotFound(lab.client.request('GET', path)), undefined);
  for (const content of ['a', 'b']) rmSync(join(lab.dir, `${content}-${set}-m0.json`), { force: true });
}
