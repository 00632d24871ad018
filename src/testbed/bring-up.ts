import type { BringUpOptions, LiveTestbed, Capabilities } from './live-testbed';
import { invalidInput } from '../../lib/errors';
import { WORKLOAD_API, workloadApiNamespace } from '../../lib/components/simulators/workload-api-address';
import { clusterManagers } from '../../lib/testbed/cluster-api';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { Applier } from '../apply/apply';
import { changeOfBuild, type SimulatorBuilds } from '../simulators/builds';
import { chooseSimulators, placeOf } from '../simulators/choose';
import { nameOfSimulator, type SimulatorKind } from '../simulators/names';
import type { SimulatorPlace } from '../simulators/simulators';
import { clusterId, adoptContext, requireSameCluster } from '../cluster/existing/existing-cluster';
import { guardCluster, guardOthersHosts } from '../cluster/existing/guard';
import { requireKind } from '../cluster/kind/kind-cluster';
import { kindLayout, readRecord } from '../cluster/kind/record';
import { refuseOtherTestbed, startOwnCluster, type ClusterChoice } from '../cluster/clusters';
import { install } from '../install/install';
import { installationOf, simulatorDeployments } from '../install/installation';
import { appliedBy, platformSteps, type PlatformStep } from '../install/steps';
import { migrateInventory } from '../install/migrate-inventory';
import { KubernetesClient } from '../kubernetes/client';
import { readKubeconfig } from '../kubernetes/kubeconfig';
import type { KubernetesObject } from '../kubernetes/objects';
import { startWorkloadApi } from '../managers/cluster-processes';
import { installBeside } from '../managers/install-beside';
import { findManagers, managersOf } from '../managers/manager-programs';
import { podMembers, processMembers, workloadApiMetrics, workloadApiPodMetrics } from '../managers/members';
import { requireFreeEndpoints } from '../managers/workload-endpoints';
import { CATALOG } from '../programs/catalog';
import { requireNamedPrograms } from '../programs/find';
import { lockPrograms, programsLock } from '../programs/programs-lock';
import { describedClusters } from './described';
import { readState, writeState, type TestbedState } from './state';
import { checkStateFolder, claimStateFolder, releaseUnused } from './state-folder';
import { setsOf, type TestbedSets } from './sets';

/**
 * Brings up all of a testbed but its hosts: cluster, platform, and what simulates the hosts. Running it again continues
 * what was interrupted.
 *
 * @param check told what will simulate the hosts and where, and may throw, before anything is started
 * @throws TestbedError: `invalid-input` for a description that cannot be here, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming what is still pending
 */
export async function bringUp(
  testbed: ResolvedTestbed,
  options: BringUpOptions,
  check?: (capabilities: Capabilities) => void,
): Promise<LiveTestbed> {
  const { listener, signal, stateDir, cluster = { kind: 'local' } } = options;
  const installation = installationOf(testbed);
  const place = placeOf(testbed, options);
  // What pods do elsewhere, processes do beside a cluster without them.
  const described = cluster.kind === 'local' ? managersOf(installation) : [];
  checkStateFolder(stateDir);
  refuseOtherTestbed(stateDir, cluster.kind, place === 'cluster');
  if (cluster.kind === 'kind') await requireKind(cluster, signal);
  if (cluster.kind === 'local') {
    const manager = cluster.controllerManager === false ? [] : (['kube-controller-manager'] as const);
    await requireNamedPrograms(['etcd', 'kube-apiserver', ...manager], signal);
  }
  await requireFreeEndpoints(stateDir, clustersOf(testbed), options.beside);
  const last = readState(stateDir);
  const before = simulatedBefore(last);
  const lockFile = programsLock(stateDir, options.lockFile);
  const chosen = await chooseSimulators({ testbed, installation, options, lockFile, before });
  const simulator = chosen.kind;
  requireSameSimulator(stateDir, last, simulator, place);
  check?.({
    cluster: cluster.kind,
    simulator,
    workloadApi: testbed.workloadApi === undefined ? 'process' : 'cluster',
  });
  // What follows may take minutes.
  const managers = await findManagers(described, { lockFile, before: last?.managers, listener, signal });
  const prepared = await chosen.prepare();
  const { builds } = prepared;
  if (before !== undefined) acceptBuilds(before, { simulator, builds }, options);
  const steps = platformSteps(installation, place);
  const state: Omit<TestbedState, 'kubeconfig'> = {
    cluster: cluster.kind,
    simulator,
    builds,
    operators: place === 'cluster' ? simulatorDeployments(installation) : undefined,
    managers: managers.length === 0 ? undefined : managers.map(({ build }) => build),
    workloadApi:
      (testbed.workloadApi === undefined && clusterManagers(testbed.clusterApi).includes('workloadApi')) || undefined,
    workloadApiPods: testbed.workloadApi && {
      namespace: workloadApiNamespace(testbed.workloadApi),
      name: WORKLOAD_API,
    },
  };

  const sets = setsOf(cluster.kind, claimStateFolder(stateDir));
  await lockPrograms(lockFile, [...prepared.programs, ...managers.map(({ program }) => program)]);
  // On a cluster of its own a testbed may bring what it finds to what is described.
  const existing = cluster.kind === 'existing' ? 'refuse' : 'update';

  let kubeconfig: string;
  if (cluster.kind === 'existing' && options.installed !== undefined) {
    kubeconfig = await adoptContext(stateDir, cluster.kubeconfig, cluster.context);
    writeState(stateDir, { ...state, kubeconfig, context: cluster.context });
  } else if (cluster.kind === 'existing') {
    const objects = appliedBy(steps);
    kubeconfig = await moveIn(cluster, { testbed, objects, state, sets }, options).catch((error: unknown) => {
      releaseUnused(stateDir);
      throw error;
    });
  } else {
    const timeoutMs = options.installTimeoutMs;
    kubeconfig = await startOwnCluster(cluster, { stateDir, lockFile, listener, signal, timeoutMs });
    writeState(stateDir, { ...state, kubeconfig });
  }

  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    const applier = new Applier(client);
    if (cluster.kind !== 'existing') {
      // What somebody has applied to a cluster of the testbed's own is there to be simulated.
      const isOwn = cluster.kind === 'local' || readRecord(kindLayout(stateDir))?.adopted !== true;
      const takeOver = isOwn || options.takeOverHosts === true;
      await guardOthersHosts(client, { hosts: sets.hosts, takeOver, listener });
    }
    const { forceConflicts, installTimeoutMs: timeoutMs } = options;
    const platform = { set: sets.platform, existing, forceConflicts } as const;
    const at = { stateDir, kubeconfig, listener, signal };
    const carryOut = (each: readonly PlatformStep[]) =>
      install(client, applier, each, { ...platform, timeoutMs, listener, signal });
    if (options.installed !== undefined)
      listener?.({ type: 'done', task: 'platform', seconds: 0, detail: 'there already' });
    else if (managers.length === 0) await carryOut(steps);
    else await installBeside({ installation, managers, at }, carryOut);
    if (state.workloadApi) await startWorkloadApi(at);
    const simulators = prepared.at({ client, kubeconfig, stateDir });
    await simulators.start();
    return {
      testbed,
      cluster: cluster.kind,
      kubeconfig,
      client,
      applier,
      simulator,
      builds,
      sets,
      existing,
      simulators,
      managers: cluster.kind === 'local' ? processMembers(stateDir, managers) : podMembers(client, installation),
      workloadApi: state.workloadApi
        ? workloadApiMetrics(stateDir)
        : state.workloadApiPods && workloadApiPodMetrics(client, state.workloadApiPods),
      metricsReader: options.installed?.metricsReader,
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function* clustersOf({ clusterSets }: ResolvedTestbed) {
  for (const set of clusterSets) yield* set.clusters();
}

/**
 * Of two simulators in the cluster each would take the other's hosts.
 *
 * @throws TestbedError (`invalid-input`)
 */
function requireSameSimulator(
  stateDir: string,
  last: TestbedState | undefined,
  simulator: SimulatorKind,
  place: SimulatorPlace,
): void {
  if (place !== 'cluster' || last?.operators === undefined || last.simulator === simulator) return;
  throw invalidInput(
    `the hosts of the testbed in ${stateDir} are simulated by ${nameOfSimulator(last.simulator)} in the cluster, not ${nameOfSimulator(simulator)}: run 'metal3-testbed down --delete' first, or give another --state-dir`,
  );
}

/** What simulated the hosts of a testbed the last time, on this machine; undefined where it is new. */
function simulatedBefore(state: TestbedState | undefined): SimulatorBuilds | undefined {
  if (state === undefined || state.operators !== undefined) return undefined;
  return { simulator: state.simulator, builds: state.builds ?? [] };
}

/**
 * Says that another build than the last time simulates the hosts.
 *
 * @throws TestbedError (`invalid-input`) where it is another operator, and nobody has asked for it
 */
function acceptBuilds(
  before: SimulatorBuilds,
  now: SimulatorBuilds,
  { bmoBinary, simulator, listener }: BringUpOptions,
): void {
  const change = changeOfBuild(before, now);
  if (change === undefined) return;
  const isNamed = bmoBinary !== undefined || Boolean(process.env[CATALOG['baremetal-operator'].variable]);
  if (now.simulator === 'bmo' && simulator === undefined && !isNamed)
    throw invalidInput(`${change}: pass --simulator bmo to go on with it, or name the other with --bmo-binary`);
  listener?.({ type: 'warning', task: 'simulator', detail: change });
}

/** What a testbed is about to put onto a cluster. */
interface Move {
  readonly testbed: ResolvedTestbed;
  readonly objects: readonly KubernetesObject[];
  readonly state: Omit<TestbedState, 'kubeconfig'>;
  readonly sets: TestbedSets;
}

/** Makes sure that a cluster is one for tests, and writes down which it is, before anything is put there. */
async function moveIn(
  cluster: Extract<ClusterChoice, { kind: 'existing' }>,
  { testbed, objects, state, sets }: Move,
  { stateDir, takeOverHosts = false, listener, signal }: BringUpOptions,
): Promise<string> {
  const { context, confirmed } = cluster;
  const client = new KubernetesClient(await readKubeconfig(cluster.kubeconfig, context));
  try {
    await requireSameCluster(client, readState(stateDir)?.clusterId);
    await migrateInventory(client, stateDir, sets, signal);
    const { fleets } = testbed;
    const clusters = describedClusters(testbed.clusterSets);
    await guardCluster(client, {
      context,
      confirmed,
      fleets,
      clusters,
      platform: objects,
      sets,
      takeOverHosts,
      listener,
    });
    const kubeconfig = await adoptContext(stateDir, cluster.kubeconfig, context);
    writeState(stateDir, { ...state, kubeconfig, context, clusterId: await clusterId(client) });
    return kubeconfig;
  } finally {
    await client.close();
  }
}
