import { operatorArguments } from '../lib/baremetal-operator';
import { invalidInput } from '../lib/errors';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../lib/resolve-testbed';
import { Applier } from './apply/apply';
import { clusterId, adoptContext, requireSameCluster } from './cluster/existing/existing-cluster';
import { guardCluster } from './cluster/existing/guard';
import { requireKind } from './cluster/kind/kind-cluster';
import { refuseOtherTestbed, startOwnCluster, type ClusterChoice } from './clusters';
import type { Listener } from './events';
import { install } from './install/install';
import { allObjects, installationOf } from './install/installation';
import { planInventory, readInventory, writeInventory } from './install/inventory';
import { KubernetesClient } from './kubernetes/client';
import { readKubeconfig } from './kubernetes/kubeconfig';
import type { KubernetesObject, NamespacedName } from './kubernetes/objects';
import { withoutPods } from './platform';
import { findProgram, lookForProgram } from './programs/find';
import { startSimulators, type SimulatorsProps } from './simulators';
import { readState, writeState, type TestbedState } from './state';
import { pass } from './util/pass';

export type SimulatorKind = 'bmo' | 'kwok';

export interface BringUpOptions {
  readonly stateDir: string;
  /** @default - an embedded control plane on this machine */
  readonly cluster?: ClusterChoice;
  /**
   * Who plays the hosts: a Bare Metal Operator in test mode, or kwok.
   * @default - on a cluster with pods bmo, in the cluster; elsewhere bmo where its binary is given or on PATH, otherwise
   * kwok
   */
  readonly simulator?: SimulatorKind;
  /** File of the Bare Metal Operator's binary, which then runs on this machine whatever the cluster. */
  readonly bmoBinary?: string;
  /**
   * How long each step of an install on a cluster with pods may take, in milliseconds.
   * @default 300000
   */
  readonly installTimeoutMs?: number;
  /** Whether fields that somebody else owns are taken over. */
  readonly forceConflicts?: boolean;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
}

/** A testbed that is up, but for its hosts. */
export interface LiveTestbed {
  readonly testbed: ResolvedTestbed;
  readonly cluster: ClusterChoice['kind'];
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  readonly applier: Applier;
  readonly simulator: SimulatorKind;
  /** How the players on this machine are started; undefined where operators in the cluster play the hosts. */
  readonly players: SimulatorsProps | undefined;
  /** The operators' Deployments, where they run in the cluster. */
  readonly deployments: readonly NamespacedName[];
  close(): Promise<void>;
}

/** What decides what can be done to a testbed. */
export type Means = Pick<LiveTestbed, 'cluster' | 'simulator'>;

/** The ApplySet of the hosts that a description has. */
export const HOST_SET = 'testbed-hosts';

/**
 * Brings up all of a testbed but its hosts: cluster, platform, and whoever plays the hosts. Running it again continues
 * what was interrupted.
 *
 * @param check told who will play the hosts and where, and may throw, before anything is started
 * @throws TestbedError: `invalid-input` for the description, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming what is late
 */
export async function bringUp(
  props: TestbedProps,
  options: BringUpOptions,
  check?: (means: Means) => void,
): Promise<LiveTestbed> {
  const { listener, signal, stateDir, cluster = { kind: 'local' } } = options;
  const testbed = resolveTestbed(props);
  const installation = installationOf(props);
  const inCluster =
    cluster.kind !== 'local' && (options.simulator ?? 'bmo') === 'bmo' && options.bmoBinary === undefined;
  refuseOtherTestbed(stateDir, cluster.kind, inCluster);
  if (inCluster) requireOperators(testbed);
  if (cluster.kind === 'kind') await requireKind(cluster, signal);
  const simulators = inCluster ? undefined : simulatorsOf(testbed, await chooseSimulator(options));
  const simulator = simulators?.kind ?? 'bmo';
  check?.({ cluster: cluster.kind, simulator });
  const objects = inCluster ? allObjects(installation) : withoutPods(allObjects(installation));
  const operators = installation.operators.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata);
  const state: Omit<TestbedState, 'kubeconfig'> = {
    cluster: cluster.kind,
    simulator,
    ...(inCluster && { operators: operators.map(({ namespace = '', name }) => ({ namespace, name })) }),
  };

  let kubeconfig: string;
  if (cluster.kind === 'existing') {
    kubeconfig = await moveIn(cluster, testbed, objects, state, options);
  } else {
    const timeoutMs = options.installTimeoutMs;
    kubeconfig = await startOwnCluster(cluster, { stateDir, ...pass({ listener, signal, timeoutMs }) });
    writeState(stateDir, { ...state, kubeconfig });
  }

  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    const applier = new Applier(client);
    const common = pass({ listener, signal, forceConflicts: options.forceConflicts });
    const players = simulators && { ...simulators, kubeconfig, stateDir, ...pass({ listener, signal }) };
    if (players === undefined) {
      await install(client, applier, installation, { ...common, ...pass({ timeoutMs: options.installTimeoutMs }) });
    } else {
      await applier.applyAll(objects, { task: 'platform', ...common });
      await startSimulators(players);
    }
    return {
      ...{ testbed, cluster: cluster.kind, kubeconfig, client, applier, simulator, players },
      deployments: state.operators ?? [],
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** Makes sure that a cluster is one for tests, and writes down what will be put there, before anything is. */
async function moveIn(
  cluster: Extract<ClusterChoice, { kind: 'existing' }>,
  testbed: ResolvedTestbed,
  objects: readonly KubernetesObject[],
  state: Omit<TestbedState, 'kubeconfig'>,
  { stateDir }: BringUpOptions,
): Promise<string> {
  const { context, confirmed } = cluster;
  const { fleets } = testbed;
  const client = new KubernetesClient(await readKubeconfig(cluster.kubeconfig, context));
  try {
    await requireSameCluster(client, readState(stateDir)?.clusterId);
    await guardCluster(client, { context, confirmed, fleets });
    const hostNamespaces = [...new Set(fleets.flatMap((fleet) => fleet.namespaces()))];
    const hostSet = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: HOST_SET, namespace: 'default' } };
    const inventory = await planInventory(client, [...objects, hostSet], hostNamespaces, readInventory(stateDir));
    const kubeconfig = await adoptContext(stateDir, cluster.kubeconfig, context);
    writeInventory(stateDir, inventory);
    writeState(stateDir, { ...state, kubeconfig, context, clusterId: await clusterId(client) });
    return kubeconfig;
  } finally {
    await client.close();
  }
}

interface SimulatorProgram {
  readonly kind: SimulatorKind;
  readonly file: string;
}

/** Found before anything is started: a missing program is an error that leaves nothing behind. */
async function chooseSimulator(options: BringUpOptions): Promise<SimulatorProgram> {
  const { bmoBinary, simulator, listener, signal } = options;
  if (bmoBinary !== undefined && simulator === 'kwok') {
    throw invalidInput('--bmo-binary is given with --simulator kwok: leave one of them out');
  }
  const search = pass({ listener, signal });
  if (bmoBinary !== undefined || simulator === 'bmo') {
    return {
      kind: 'bmo',
      file: (await findProgram('baremetal-operator', { ...search, ...pass({ file: bmoBinary }) })).file,
    };
  }
  const operator = simulator === undefined ? await lookForProgram('baremetal-operator', search) : undefined;
  if (operator !== undefined && 'program' in operator) return { kind: 'bmo', file: operator.program.file };
  return { kind: 'kwok', file: (await findProgram('kwok', search)).file };
}

/** One BMO process for each operator of the description, called as its Deployment would be; or one kwok for all. */
function simulatorsOf(testbed: ResolvedTestbed, program: SimulatorProgram) {
  if (program.kind === 'kwok') return { kind: 'kwok' as const, program: program.file, stages: testbed.stages };
  requireOperators(testbed);
  // A process has no pod to hold the lease, and nobody to share it with.
  const operators = testbed.operators.map((operator) =>
    operatorArguments({ ...operator, webhook: false, leaderElection: false }),
  );
  return { kind: 'bmo' as const, program: program.file, operators };
}

function requireOperators(testbed: ResolvedTestbed): void {
  if (testbed.operators.length > 0) return;
  throw invalidInput(
    'operators is empty, so that nobody takes care of the hosts: describe one, or use --simulator kwok',
  );
}
