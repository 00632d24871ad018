/** Programs in the place of managers, as processes that take care of clusters. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { clusterApiSpec } from '../../../lib/components/cluster-api/spec';
import { processForm } from '../../../lib/components/cluster-api-provider/arguments';
import { PortTakenError } from '../../../src/cluster/local/ports';
import { certificateFiles, ensureCertificates } from '../../../src/cluster/local/certificates';
import { clusterProcessProblems, findClusterProcesses } from '../../../src/managers/cluster-processes';
import { claimPorts, processFolder } from '../../../src/managers/ports';
import { startProcess, type ProcessProps } from '../../../src/simulators/background-process';
import { CLUSTER_PROCESSES, stopProcesses } from '../../../src/simulators/process-folders';
import { supervised } from '../../../src/simulators/supervise';
import { until } from '../../../src/util/until';
import { standInManager } from '../../support/stand-in-manager';
import { atEnd, tempDir } from '../../support/temp-dir';

const NAMES = ['cluster-api', 'metal3-provider'];

async function setUp(t: TestContext): Promise<{ stateDir: string; props: (name: string) => Promise<ProcessProps> }> {
  const stateDir = join(tempDir(t), 'state');
  const pki = join(stateDir, 'pki');
  await ensureCertificates(pki);
  const kubeconfig = join(stateDir, 'kubeconfig');
  writeFileSync(kubeconfig, 'apiVersion: v1\n');
  const program = standInManager(tempDir(t), clusterApiSpec);
  atEnd(t, () => stopProcesses(stateDir, CLUSTER_PROCESSES));
  const certDir = join(certificateFiles(pki).webhooks.cert, '..');
  const props = async (name: string): Promise<ProcessProps> => ({
    ...{ kind: name, name, stateDir: processFolder(stateDir, name), program, kubeconfig, certDir },
    form: processForm(clusterApiSpec, [], {}),
    ports: (await claimPorts(stateDir, [{ name, hasWebhooks: true }])).get(name),
  });
  return { stateDir, props };
}

const pidsIn = (stateDir: string) => findClusterProcesses(stateDir).map(({ running }) => running?.pid);

describe('processes that take care of clusters', () => {
  it('are started, found, missed where they should be and are not, and stopped with their files', async (t) => {
    const { stateDir, props } = await setUp(t);
    assert.deepEqual(findClusterProcesses(stateDir), []);
    const missed = await clusterProcessProblems(stateDir, NAMES);
    assert.deepEqual(
      missed.map((problem) => problem.replace(/ \(.*/, '')),
      NAMES.map((name) => `no ${name} runs`),
    );
    for (const name of NAMES) await startProcess(await props(name));
    assert.deepEqual(
      findClusterProcesses(stateDir).map(({ name, running }) => [name, running?.kind]),
      NAMES.map((name) => [name, name]),
    );
    assert.deepEqual(await clusterProcessProblems(stateDir, NAMES), []);
    const pids = pidsIn(stateDir);
    for (const name of NAMES) assert.equal((await startProcess(await props(name))).found, true);
    assert.deepEqual(pidsIn(stateDir), pids);
    assert.equal(await stopProcesses(stateDir, CLUSTER_PROCESSES, { delete: true }), true);
    assert.deepEqual(readdirSync(stateDir).sort(), ['kubeconfig', 'pki']);
    assert.equal(await stopProcesses(stateDir, CLUSTER_PROCESSES, { delete: true }), false);
  });

  it('keep what somebody else has put beside their files', async (t) => {
    const { stateDir, props } = await setUp(t);
    await startProcess(await props('cluster-api'));
    const notes = join(processFolder(stateDir, 'cluster-api'), 'notes.txt');
    writeFileSync(notes, '');
    await stopProcesses(stateDir, CLUSTER_PROCESSES, { delete: true });
    assert.ok(existsSync(notes));
    assert.deepEqual(readdirSync(join(notes, '..')), ['notes.txt']);
  });

  it('are looked after: one that ends is started again, at the ports that objects name, and said', async (t) => {
    const { stateDir, props } = await setUp(t);
    for (const name of NAMES) await startProcess(await props(name));
    const before = findClusterProcesses(stateDir)[0]?.running;
    const warnings: string[] = [];
    const listener = (event: { type: string; task: string; detail?: string }) =>
      void (event.type === 'warning' && warnings.push(`${event.task}: ${event.detail}`));
    await supervised({ stateDir, listener, revive: true }, async (signal) => {
      process.kill(before?.pid ?? 0, 'SIGKILL');
      assert.ok(await until(() => warnings.length > 0, { deadlineMs: 30_000, everyMs: 20, signal }));
    });
    assert.match(warnings[0] ?? '', /^cluster-api: cluster-api has ended .* and was started again/);
    const after = findClusterProcesses(stateDir)[0]?.running;
    assert.notEqual(after?.pid, before?.pid);
    assert.deepEqual(after?.ports, before?.ports);
    assert.deepEqual(await clusterProcessProblems(stateDir, NAMES), []);
  });

  it('say that a port is taken, so that another is chosen, and leave nothing behind', async (t) => {
    const { stateDir, props } = await setUp(t);
    const given = await props('cluster-api');
    const server = createServer().listen(given.ports?.webhook ?? 0, '127.0.0.3');
    await once(server, 'listening');
    atEnd(t, () => new Promise<void>((done) => server.close(() => done())));
    await assert.rejects(startProcess(given), (error: unknown) => {
      assert.ok(error instanceof PortTakenError);
      assert.match(
        error.message,
        /^cluster-api cannot listen: .* has one of its ports .*'metal3-testbed up', which chooses/,
      );
      return true;
    });
    assert.deepEqual(pidsIn(stateDir), [undefined]);
    await startProcess(await props('cluster-api'));
    assert.notEqual(findClusterProcesses(stateDir)[0]?.running?.ports?.webhook, given.ports?.webhook);
  });
});
