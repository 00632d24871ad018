/**
 * Hosts on kwok against what the Bare Metal Operator did with the same hosts in its test mode. Where METAL3_TESTBED_BMO
 * names its binary, of whatever release is known here, what is kept of it is compared with it anew, and with
 * METAL3_TESTBED_RECORD=1 written anew.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { operatorArguments, type BareMetalOperatorVersion } from '../../lib/components/baremetal-operator';
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
import { startProcess, stopProcess } from '../../src/simulators/background-process';
import type { HostScenario } from '../support/host-scenario';
import { hostScenarios } from '../support/host-scenarios';
import { withHold } from '../support/kwok-hold';
import { MissedError, runHostScenario, type Recording } from '../support/run-host-scenario';

const bmo = process.env.METAL3_TESTBED_BMO;
const isRecording = process.env.METAL3_TESTBED_RECORD === '1';
const only = new RegExp(process.env.METAL3_TESTBED_SCENARIOS ?? '');
/** How many operators there are at a time. */
const OPERATORS = Number(process.env.METAL3_TESTBED_OPERATORS ?? 12);

/** How many scenarios are run at a time on kwok. */
const LANES = 60;

/** What is kept of a release is what it does otherwise than the one before. */
const releases = ['v0.13.2', 'v0.14.0-rc.0'] as const satisfies readonly BareMetalOperatorVersion[];
type Release = (typeof releases)[number];
type Recordings = Readonly<Record<string, Recording>>;

const fixtureFile = (release: Release): string =>
  resolve(__dirname, `../../../test/fixtures/hosts-of-bmo-${release}.json`);
const ownRecordings = (release: Release): Recordings =>
  JSON.parse(readFileSync(fixtureFile(release), 'utf8')) as Recordings;

function recordings(release: Release): Recordings {
  const upTo = releases.slice(0, releases.indexOf(release) + 1);
  return Object.assign({}, ...upTo.map(ownRecordings)) as Recordings;
}

function keepRecordings(release: Release, recorded: Recordings): void {
  const before = release === releases[0] ? {} : recordings(releases[releases.indexOf(release) - 1] ?? releases[0]);
  const all = { ...(only.source === '(?:)' ? {} : ownRecordings(release)), ...recorded };
  const lines = hostScenarios.flatMap(({ name }) => {
    const steps = all[name];
    if (steps === undefined || isDeepStrictEqual(steps, before[name])) return [];
    return `  ${JSON.stringify(name)}: [\n${steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n')}\n  ]`;
  });
  writeFileSync(fixtureFile(release), `{\n${lines.join(',\n')}\n}\n`);
}

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
});

after(async () => {
  await client.close();
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

async function installApi(version: Release): Promise<void> {
  const installation = installationOf(resolveTestbed({ hostSets: [], operators: [{ version }] }));
  await new Applier(client).applyAll(withoutPods(allObjects(installation)), { task: 'platform' });
}

for (const release of releases) {
  const stateDir = join(dir, `kwok-${release}`);
  /** Long enough for each state to be seen, each scenario being one among many. */
  const stages: HostStagesProps = {
    registeringMilliseconds: 100,
    inspectingMilliseconds: 100,
    preparingMilliseconds: 50,
    provisioningMilliseconds: 100,
    deprovisioningMilliseconds: 100,
    poweringMilliseconds: 50,
    workers: 2,
  };
  const skip = bmo !== undefined && 'the operator itself is looked at';

  describe(`hosts on kwok as those of ${release}`, { timeout: 900_000, skip }, () => {
    const started = new Map<string, Promise<Recording>>();
    const expected = recordings(release);
    const run = scenarios.filter(({ name }) => release === releases[0] || name in ownRecordings(release));

    before(async () => {
      await installApi(release);
      const program = (await findProgram('kwok')).file;
      const simulator = kwokSimulator(withHold(hostStages(stages, release)));
      await startProcess({ ...simulator, kubeconfig, stateDir, program });
      const lanes = Array.from({ length: LANES }, () => Promise.resolve<unknown>(undefined));
      for (const [i, scenario] of run.entries()) {
        const what = scenario.differs
          ? { expectedTraces: scenario.differs.traces }
          : { expected: expected[scenario.name] ?? [] };
        const options = { quietMs: 700, patienceMs: 60_000, canHold: true, ...what };
        const namespace = `kwok-${++namespaces}`;
        const pending = (lanes[i % LANES] ?? Promise.resolve()).then(() =>
          runHostScenario(client, namespace, scenario, options),
        );
        lanes[i % LANES] = pending.catch(() => undefined);
        started.set(scenario.name, pending);
      }
    });

    after(() => stopProcess(stateDir));

    for (const { name, differs } of run) {
      it(`behave as the operator's: ${name}`, async () => {
        const recording = await (started.get(name) ?? assert.fail('was not run'));
        if (differs === undefined) return assert.deepEqual(recording, expected[name], name);
        assert.notDeepEqual(recording, expected[name], `it does not differ any more: ${differs.because}`);
        const traces = recording.map(({ trace }) => trace);
        assert.deepEqual(traces, differs.traces, name);
      });
    }
  });
}

describe(
  'hosts of the Bare Metal Operator',
  { skip: bmo === undefined && 'METAL3_TESTBED_BMO names no binary' },
  () => {
    it('behave as they are known to', { timeout: 3_600_000 }, async () => {
      const help = spawnSync(bmo ?? '', ['--help'], { encoding: 'utf8', timeout: 10_000 }).stderr;
      const release = releases[help.includes('-provisioner ') ? 1 : 0];
      await installApi(release);
      const expected = recordings(release);
      const queue = [...scenarios];
      const recorded = new Map<string, Recording>();
      const failures: Error[] = [];
      // All hosts of one operator in test mode share one machine: each scenario has an operator of its own.
      const runOne = async (scenario: HostScenario): Promise<Recording> => {
        const namespace = `bmo-${++namespaces}`;
        const stateDir = join(dir, namespace);
        const { args, env } = operatorArguments({
          version: release,
          testMode: true,
          webhook: false,
          leaderElection: false,
          watchedNamespaces: [namespace],
          kubeApiQps: 500,
          kubeApiBurst: 500,
        });
        const start = async () => {
          await stopProcess(stateDir);
          const simulator = bmoSimulator(operatorForm({ args, env }));
          await startProcess({ ...simulator, kubeconfig, stateDir, program: bmo ?? '' });
        };
        await start();
        try {
          // What a release does is most often what the one before does, too.
          const known =
            (isRecording && release === releases[0]) || scenario.differs ? undefined : expected[scenario.name];
          return await runHostScenario(client, namespace, scenario, {
            quietMs: known === undefined ? 15_000 : 3_000,
            patienceMs: isRecording ? 15_000 : 45_000,
            expected: known,
            refresh: start,
          });
        } finally {
          await stopProcess(stateDir);
        }
      };
      const worker = async () => {
        for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
          const { name, differs } = scenario;
          for (let attempt = 1; ; attempt++) {
            try {
              const recording = await runOne(scenario);
              recorded.set(name, recording);
              // How often it goes round is a matter of time.
              if (!isRecording && differs === undefined) assert.deepEqual(recording, expected[name], name);
            } catch (error) {
              // A state in the middle is over sooner on some runs, and may be missed.
              if (attempt < 3 && (error instanceof MissedError || !isRecording)) continue;
              failures.push(new Error(`${name}: ${(error as Error).message}`, { cause: error }));
            }
            break;
          }
        }
      };
      await Promise.all(Array.from({ length: OPERATORS }, worker));
      if (isRecording) keepRecordings(release, Object.fromEntries(recorded));
      if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
    });
  },
);
