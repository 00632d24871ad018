/** A simulator that the package does not know, behind the interface that all of them have. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { OpenDeployments } from '../../../src/simulators/in-cluster';
import { openSimulators, simulatorProblem } from '../../../src/simulators/open';
import { OpenProcesses, SimulatorProcesses } from '../../../src/simulators/processes';
import type { SimulatorSpec, Simulators } from '../../../src/simulators/simulators';
import { supervised } from '../../../src/simulators/supervise';
import { findSimulators } from '../../../src/simulators/process-folders';
import type { TestbedState } from '../../../src/testbed/state';
import { until } from '../../../src/util/until';
import { FakeApi } from '../install/fake-api';
import { atEnd, tempDir } from '../../support/temp-dir';

/** Answers on its address, and says in its metrics what its file of settings holds. */
const STAND_IN = `
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const [host, port] = process.argv[2].split(':');
const metrics = 'settings{size="' + readFileSync('simulator-settings.txt', 'utf8') + '"} 1\\n';
createServer((request, response) => response.end(request.url === '/metrics' ? metrics : 'ok')).listen(Number(port), host);
`;

function standIn(size: number): SimulatorSpec {
  return {
    kind: 'stand-in',
    form: {
      args: [],
      env: { SIZE: String(size) },
      at: ({ health }) => ({
        args: [health],
        env: { SIZE: String(size) },
        files: { 'simulator-settings.txt': String(size) },
        readyUrl: `http://${health}/live`,
        metricsUrl: `http://${health}/metrics`,
      }),
    },
  };
}

function setUp(t: TestContext, sizes: readonly number[]): { simulators: Simulators; stateDir: string } {
  const stateDir = tempDir(t);
  const program = join(stateDir, 'program');
  writeFileSync(program, `#!${process.execPath}\n${STAND_IN}`);
  chmodSync(program, 0o755);
  const kubeconfig = join(stateDir, 'kubeconfig');
  writeFileSync(kubeconfig, 'apiVersion: v1\n');
  const simulators = new SimulatorProcesses({
    kind: 'stand-in',
    kubeconfig,
    stateDir,
    programs: [{ file: program }],
    specs: sizes.map(standIn),
    members: sizes.map((size) => ({ name: `stand-in-${size}`, arguments: [], environment: {} })),
    version: () => Promise.resolve('v1'),
  });
  atEnd(t, () => simulators.stop());
  return { simulators, stateDir };
}

const pidsIn = (stateDir: string) => findSimulators(stateDir).map(({ simulator }) => simulator?.pid);
const metricsOf = async (simulators: Simulators, i: number) =>
  (await fetch(simulators.metrics(i).url() ?? assert.fail('it does not run'))).text();

describe('a simulator that the package does not know', () => {
  it('is started, found, measured, and stopped with its files', async (t) => {
    const { simulators, stateDir } = setUp(t, [3, 4]);
    assert.deepEqual(await simulators.problems(), ['no stand-in runs']);
    await simulators.start();
    assert.deepEqual(await simulators.problems(), []);
    assert.equal(await metricsOf(simulators, 0), 'settings{size="3"} 1\n');
    assert.equal(await metricsOf(simulators, 1), 'settings{size="4"} 1\n');
    const pids = pidsIn(stateDir);
    await simulators.start();
    assert.deepEqual(pidsIn(stateDir), pids, 'those that run are left alone');
    assert.equal(await simulators.stop({ delete: true }), true);
    assert.equal(existsSync(join(stateDir, 'simulators')), false);
    assert.equal(simulators.metrics(0).url(), undefined);
    assert.equal(await simulators.stop(), false);
  });

  it('is killed, one or all, and is back at work', async (t) => {
    const { simulators, stateDir } = setUp(t, [3, 4]);
    await simulators.start();
    const [first, second] = pidsIn(stateDir);
    await simulators.kill({ position: 1, downMs: 0, deadlineMs: 10_000 });
    const [still, other] = pidsIn(stateDir);
    assert.equal(still, first);
    assert.notEqual(other, second);
    await simulators.forget(undefined);
    assert.ok(!pidsIn(stateDir).some((pid) => pid === undefined || pid === first || pid === other));
    assert.deepEqual(await simulators.problems(), []);
  });

  it('goes on with another behaviour', async (t) => {
    const { simulators, stateDir } = setUp(t, [3]);
    await simulators.start();
    await simulators.change?.([standIn(9)]);
    assert.equal(await metricsOf(simulators, 0), 'settings{size="9"} 1\n');
    assert.equal(readFileSync(join(stateDir, 'simulators', '1', 'simulator-settings.txt'), 'utf8'), '9');
  });

  it('is looked after like any other: named where it ends by itself, and started again', async (t) => {
    const { simulators, stateDir } = setUp(t, [3]);
    await simulators.start();
    const [pid] = pidsIn(stateDir);
    const warnings: string[] = [];
    const listener = (event: { type: string; detail?: string }) =>
      void (event.type === 'warning' && warnings.push(event.detail ?? ''));
    await supervised({ stateDir, listener, revive: true }, async (signal) => {
      process.kill(pid ?? 0, 'SIGKILL');
      const isBack = () => warnings.length > 0;
      assert.ok(await until(isBack, { deadlineMs: 30_000, everyMs: 20, signal }));
    });
    assert.match(warnings[0] ?? '', /^stand-in has ended .* and was started again/);
    assert.notEqual(pidsIn(stateDir)[0], pid);
    assert.deepEqual(await simulators.problems(), []);
  });
});

describe('the simulators of a testbed that is there', () => {
  const state: TestbedState = { cluster: 'existing', kubeconfig: '/k', simulator: 'bmo' };

  it('are processes, or Deployments where the testbed wrote down that it has some', async (t) => {
    const { client } = await FakeApi.start(t);
    const dir = tempDir(t);
    const here = openSimulators(client, dir, state);
    assert.ok(here instanceof OpenProcesses);
    assert.equal(await simulatorProblem(here), 'no bmo runs');
    const operators = [{ namespace: 'bmo', name: 'manager' }];
    const there = openSimulators(client, dir, { ...state, operators });
    assert.ok(there instanceof OpenDeployments);
    assert.equal(await simulatorProblem(there), 'the Deployment bmo/manager is gone');
  });
});
