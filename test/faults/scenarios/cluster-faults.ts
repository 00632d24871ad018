/** Whole clusters that have faults: what becomes of them, beside what was really served meanwhile. */
import assert from 'node:assert/strict';
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { findLocalCluster, killProcess, startLocalCluster } from '../../../src/cluster/local/local-cluster';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';
import { slowDown } from '../../../src/scenario/faults/slow';
import { faultsInForce } from '../../../src/simulators/workload-api-process';
import { removeFault, writeFault } from '../../../src/simulators/workload-api/fault-files';
import { pause } from '../../../src/util/pause';
import { until } from '../../../src/util/until';
import {
  conditionsOf,
  KINDS,
  listed,
  unwell,
  type Conditioned,
  type KindName,
} from '../../support/clusters/conditions';
import { accessOf, Witness, type FaultLab } from './witness';

/** How long clusters may take until all is well after a fault: Cluster API looks at everything again after ten minutes. */
const WELL_MS = 700_000;
/** How much of the time a process stands still that is slow. */
const STOPPED_SHARE = 0.8;

/** One fault of the API of clusters, for some of them. */
export interface FaultRun {
  readonly name: string;
  readonly faults: readonly { readonly fault: WorkloadApiFault; readonly isFor?: (i: number) => boolean }[];
  readonly seconds: number;
  /** What is done while it lasts, and has to be seen before it ends. */
  readonly meanwhile?: () => Promise<unknown>;
  /** What is done once it has ended, where nobody would look again by himself. */
  readonly afterwards?: () => Promise<unknown>;
  /** Machines that come of that. */
  readonly more?: number;
}

/** The uids of all Clusters and Machines. */
async function uidsOf({ lab, namespace }: FaultLab): Promise<ReadonlySet<string>> {
  const all = await Promise.all((['Cluster', 'Machine'] as const).map((kind) => listed(lab.client, kind, namespace)));
  return new Set(all.flat().map(({ metadata }) => metadata.uid));
}

/** Has a manager look at an object, which it does by itself every ten minutes. */
export async function touch({ lab, namespace }: FaultLab, kind: KindName): Promise<void> {
  const [apiVersion, plural] = KINDS[kind];
  for (const { metadata } of await listed(lab.client, kind, namespace))
    await lab.client.request('PATCH', `${collectionPath(apiVersion, plural, namespace)}/${metadata.name}`, {
      body: { metadata: { annotations: { 'faults.test/at': String(Date.now()) } } },
      contentType: 'application/merge-patch+json',
    });
}

/** Waits until objects are as they should be. */
export async function seen(
  { lab, namespace }: FaultLab,
  kind: KindName,
  isThere: (objects: readonly Conditioned[]) => boolean,
  what: string,
): Promise<void> {
  // Where the API server is away, they are not as they should be.
  const found = await until(() => listed(lab.client, kind, namespace).then(isThere, () => false), {
    deadlineMs: 180_000,
    everyMs: 250,
  });
  assert.ok(found, `${what}: not seen while the fault lasted`);
}

/** What is not as it should be: also what cannot be looked at. */
async function problemsOf({ lab, namespace }: FaultLab): Promise<readonly string[]> {
  try {
    const machines = await listed(lab.client, 'Machine', namespace);
    const running = machines.filter(({ status }) => status?.phase === 'Running').length;
    const lines = await unwell(lab.client, namespace);
    return running === machines.length ? lines : [...lines, `${running} of ${machines.length} Machines run`];
  } catch (error) {
    return [String(error)];
  }
}

interface Watched {
  readonly name: string;
  /** Ends with the fault. */
  readonly during: () => Promise<unknown>;
  readonly more?: number;
  readonly areWatchesLate?: boolean;
}

/** Lets something happen, and asserts that nothing was said that was not so, and that all is well afterwards. @returns the counts */
async function watched(of: FaultLab, { name, during, more = 0, areWatchesLate = false }: Watched): Promise<string> {
  const before = await uidsOf(of);
  const witness = new Witness(of.lab, of.namespace, await accessOf(of));
  witness.areWatchesLate = areWatchesLate;
  const start = Date.now();
  let end: number;
  let lines: readonly string[] = [];
  try {
    await during();
    end = Date.now();
    const isWell = async () => (lines = await problemsOf(of)).length === 0;
    assert.ok(await until(isWell, { deadlineMs: WELL_MS, everyMs: 500 }), `${name}:\n${lines.join('\n')}`);
  } finally {
    await witness.stop();
  }
  const afterMs = Date.now() - end;
  const after = await uidsOf(of);
  const lost = [...before].filter((uid) => !after.has(uid)).length;
  assert.equal(lost, 0, `${name}: ${lost} Clusters and Machines are gone`);
  assert.equal(after.size, before.size + more, `${name}: there are others`);
  assert.deepEqual([...witness.wrong.values()], [], name);
  const { looks, unserved, probeNotTrue, nodesNotReady, machinesNotReady } = witness.seen;
  return (
    `${name}: ${of.clusters.length} clusters, ${seconds(end - start)} s; all well after ${seconds(afterMs)} s, 0 lost, ` +
    `0 reported ready that were not (${looks} looks: ${unserved} probes unserved, ${probeNotTrue} RemoteConnectionProbes ` +
    `not True, ${nodesNotReady} Nodes not ready, ${machinesNotReady} Machines' NodeReady not True)`
  );
}

const seconds = (ms: number) => (ms / 1000).toFixed(0);

/** Has faults in force while something is done. */
async function withFaults(
  of: FaultLab,
  { name, faults }: Pick<FaultRun, 'faults' | 'name'>,
  action: () => Promise<void>,
) {
  const { lab, namespace, clusters } = of;
  const { folder, readyUrl } = lab.workloadApi;
  const ids = faults.map(({ fault, isFor = () => true }, i) =>
    writeFault(folder, {
      fault,
      clusters: clusters.filter((_, at) => isFor(at)).map((each) => `${namespace}/${each}`),
      until: Date.now() + 600_000,
      seed: `${name} ${i}`,
    }),
  );
  try {
    assert.deepEqual([...((await faultsInForce(readyUrl)) ?? [])].sort(), [...ids].sort());
    await action();
  } finally {
    for (const id of ids) removeFault(folder, id);
    assert.deepEqual(await faultsInForce(readyUrl), []);
  }
}

/** Runs a fault of the API of clusters. @returns the counts */
export async function faultRun(of: FaultLab, run: FaultRun): Promise<string> {
  const { readyUrl } = of.lab.workloadApi;
  const struckBefore = await struck(readyUrl);
  const during = async () => {
    const start = Date.now();
    await withFaults(of, run, async () => {
      await run.meanwhile?.();
      await pause(Math.max(0, start + run.seconds * 1000 - Date.now()), undefined);
    });
    await run.afterwards?.();
  };
  const areWatchesLate = run.faults.some(({ fault }) => fault.slowWatch !== undefined);
  const counts = await watched(of, { name: run.name, during, more: run.more, areWatchesLate });
  return `${counts}, struck ${(await struck(readyUrl)) - struckBefore} times`;
}

async function struck(readyUrl: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', readyUrl))).text();
  return [...text.matchAll(/^workload_api_faults_injected_total\{.*\} (\d+)$/gm)].reduce(
    (n, [, x]) => n + Number(x),
    0,
  );
}

/** Processes of the management cluster, beside those of the lab. */
export const MANAGEMENT_PROCESSES = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
type ManagementProcess = (typeof MANAGEMENT_PROCESSES)[number];

function isOfManagement(name: string): name is ManagementProcess {
  return MANAGEMENT_PROCESSES.includes(name as ManagementProcess);
}

/** Workers fall silent while something is done, which has to be seen afterwards: who has nothing to do gets over anything. */
async function whileWorkersAreLost(of: FaultLab, name: string, action: () => Promise<void>): Promise<string> {
  const faults = [{ fault: { nodes: 'notReady', nodesOf: 'workers' } as const }];
  const areSeen = (all: readonly Conditioned[]) =>
    all.filter((each) => conditionsOf(each).get('NodeReady')?.status !== 'True').length >= of.clusters.length;
  const during = () =>
    withFaults(of, { name, faults }, async () => {
      await action();
      await seen(of, 'Machine', areSeen, 'a Machine of each cluster whose Node is lost');
    });
  return watched(of, { name, during });
}

/** Kills processes, one after the other, each for a while. @returns the counts */
export async function killRun(of: FaultLab, names: readonly string[], downSeconds: number): Promise<string> {
  const { lab } = of;
  return whileWorkersAreLost(of, `${names.join(', ')}: killed for ${downSeconds} s`, async () => {
    for (const name of names) {
      await (isOfManagement(name) ? killProcess(lab.managementDir, name) : lab.kill(name));
      await pause(downSeconds * 1000, undefined);
      await (isOfManagement(name) ? startLocalCluster({ stateDir: lab.managementDir }) : lab.restart(name));
    }
  });
}

/** Has processes stand still for most of the time, all at the same time. @returns the counts */
export async function slowRun(of: FaultLab, names: readonly string[], forSeconds: number): Promise<string> {
  const pids = await Promise.all(names.map((name) => pidOf(of.lab, name)));
  return whileWorkersAreLost(of, `${names.join(', ')}: stopped for ${STOPPED_SHARE * 100} % of the time`, () =>
    slowDown(pids, { stoppedShare: STOPPED_SHARE, forSeconds, signal: undefined }),
  );
}

async function pidOf(lab: FaultLab['lab'], name: string): Promise<number> {
  const management = await findLocalCluster(lab.managementDir);
  const pid = lab.processes.get(name)?.child.pid ?? management?.processes.find((each) => each.name === name)?.pid;
  assert.ok(pid !== undefined, `${name} does not run`);
  return pid;
}

/** Adds a worker to each MachineDeployment. */
export async function addWorkers({ lab, namespace }: FaultLab): Promise<void> {
  const [apiVersion, plural] = KINDS.MachineDeployment;
  for (const { metadata, spec } of await listed(lab.client, 'MachineDeployment', namespace))
    await lab.client.request('PATCH', `${collectionPath(apiVersion, plural, namespace)}/${metadata.name}`, {
      body: { spec: { replicas: Number(spec['replicas']) + 1 } },
      contentType: 'application/merge-patch+json',
    });
}
