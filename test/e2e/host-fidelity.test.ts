/**
 * Hosts on kwok against what the Bare Metal Operator did with the same hosts in its test mode. Where METAL3_TESTBED_BMO
 * names its binary, what is kept of it is compared with it anew, and with METAL3_TESTBED_RECORD=1 written anew.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { operatorArguments } from '../../lib/components/baremetal-operator';
import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import { hostStages } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { allObjects, installationOf } from '../../src/install/installation';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { withoutPods } from '../../src/install/without-pods';
import { findProgram } from '../../src/programs/find';
import { kwokSimulator } from '../../src/simulators/kwok';
import { bmoSimulator } from '../../src/simulators/bmo';
import { operatorForm } from '../../lib/components/baremetal-operator/process';
import { startSimulator, stopSimulator } from '../../src/simulators/simulator';
import { hostScenarios, type HostScenario } from '../support/host-scenarios';
import { MissedError, runHostScenario, type Recording } from '../support/run-host-scenario';

const bmo = process.env.METAL3_TESTBED_BMO;
const isRecording = process.env.METAL3_TESTBED_RECORD === '1';
const only = new RegExp(process.env.METAL3_TESTBED_SCENARIOS ?? '');
const fixtureFile = resolve(__dirname, '../../../test/fixtures/hosts-of-bmo-v0.13.2.json');
const recordings = (): Record<string, Recording> =>
  JSON.parse(readFileSync(fixtureFile, 'utf8')) as Record<string, Recording>;

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-fidelity-'));
const clusterDir = join(dir, 'cluster');
const scenarios = hostScenarios.filter(({ name }) => only.test(name));
let kubeconfig = '';
let client: KubernetesClient;
let namespaces = 0;

before(async () => {
  const cluster = await startLocalCluster({ stateDir: clusterDir });
  kubeconfig = cluster.connection.kubeconfig;
  // A watch for each scenario, all at once.
  client = new KubernetesClient(await readKubeconfig(kubeconfig), { connections: 8 });
  await new Applier(client).applyAll(withoutPods(allObjects(installationOf(resolveTestbed({ hostSets: [] })))), {
    task: 'platform',
  });
});

after(async () => {
  await client.close();
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

/** Runs one; where a state in the middle was missed, again. */
async function runOne(scenario: HostScenario, prefix: string, options: Parameters<typeof runHostScenario>[3]) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runHostScenario(client, `${prefix}-${++namespaces}`, scenario, options);
    } catch (error) {
      if (!(error instanceof MissedError) || attempt === 5) throw error;
    }
  }
}

describe('hosts on kwok', { timeout: 300_000 }, () => {
  const stateDir = join(dir, 'kwok');
  /** Long enough for each state to be caught, each scenario being one among many. */
  const stages: HostStagesProps = {
    registeringMilliseconds: 700,
    inspectingMilliseconds: 700,
    preparingMilliseconds: 50,
    provisioningMilliseconds: 700,
    deprovisioningMilliseconds: 700,
    poweringMilliseconds: 50,
    workers: 4,
  };
  const started = new Map<string, Promise<Recording>>();

  before(async () => {
    const program = (await findProgram('kwok')).file;
    await startSimulator({ ...kwokSimulator(hostStages(stages)), kubeconfig, stateDir, program });
    if (bmo !== undefined && isRecording) return;
    const expected = recordings();
    for (const scenario of scenarios) {
      const { name, differs } = scenario;
      const options = { quietMs: 1_500, patienceMs: 60_000, expected: expected[name] ?? [] };
      const pending = runOne(scenario, 'kwok', differs === undefined ? options : { quietMs: 10_000 });
      pending.catch(() => undefined);
      started.set(scenario.name, pending);
    }
  });

  after(() => stopSimulator(stateDir));

  for (const { name, differs } of scenarios) {
    it(`behave as the operator's: ${name}`, { skip: bmo !== undefined && isRecording && 'recording' }, async () => {
      const recording = await (started.get(name) ?? assert.fail('was not run'));
      if (differs === undefined) return assert.deepEqual(recording, recordings()[name], name);
      assert.notDeepEqual(recording, recordings()[name], `it does not differ any more: ${differs}`);
      assert.equal(recording.at(-1)?.end, undefined, 'it is still there');
    });
  }
});

describe(
  'hosts of the Bare Metal Operator',
  { skip: bmo === undefined && 'METAL3_TESTBED_BMO names no binary' },
  () => {
    it('behave as they are known to', { timeout: 3_600_000 }, async () => {
      const queue = [...scenarios];
      const recorded = new Map<string, Recording>();
      const failures: Error[] = [];
      // All hosts of one operator in test mode share one machine: each scenario has an operator of its own.
      const worker = async (index: number) => {
        for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
          for (let attempt = 1; ; attempt++) {
            const namespace = `bmo-${index}-${++namespaces}`;
            const stateDir = join(dir, namespace);
            const { args, env } = operatorArguments({
              ...{ version: 'v0.13.2', testMode: true, webhook: false, leaderElection: false },
              ...{ watchedNamespaces: [namespace], kubeApiQps: 500, kubeApiBurst: 500 },
            });
            const start = async () => {
              await stopSimulator(stateDir);
              await startSimulator({
                ...bmoSimulator(operatorForm({ args, env })),
                kubeconfig,
                stateDir,
                program: bmo ?? '',
              });
            };
            await start();
            try {
              const options = { quietMs: 15_000, refresh: start };
              recorded.set(scenario.name, await runHostScenario(client, namespace, scenario, options));
              break;
            } catch (error) {
              if (error instanceof MissedError && attempt < 3) continue;
              failures.push(new Error(`${scenario.name}: ${(error as Error).message}`, { cause: error }));
              break;
            } finally {
              await stopSimulator(stateDir);
            }
          }
        }
      };
      await Promise.all(Array.from({ length: 12 }, (_, index) => worker(index)));
      if (isRecording) {
        const known = only.source === '(?:)' ? {} : recordings();
        const all = { ...known, ...Object.fromEntries(recorded) };
        const inOrder = hostScenarios.flatMap(({ name }) => (all[name] ? [[name, all[name]] as const] : []));
        const lines = inOrder.map(([name, steps]) => {
          const written = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n');
          return `  ${JSON.stringify(name)}: [\n${written}\n  ]`;
        });
        writeFileSync(fixtureFile, `{\n${lines.join(',\n')}\n}\n`);
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
      if (isRecording) return;
      for (const { name } of scenarios) assert.deepEqual(recorded.get(name), recordings()[name], name);
    });
  },
);
