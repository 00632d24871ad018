import { operatorArguments } from '../lib/baremetal-operator';
import { invalidInput, TestbedError } from '../lib/errors';
import type { Fleet } from '../lib/baremetal-host/fleet';
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
import type { KubernetesObject } from './kubernetes/objects';
import { HostWatch, type ObservedHost } from './observe/host-watch';
import { describeLate } from './observe/wait-for-hosts';
import { withoutPods } from './platform';
import { findProgram, lookForProgram } from './programs/find';
import { startSimulators } from './simulators';
import { readState, writeState, type TestbedState } from './state';

export type SimulatorKind = 'bmo' | 'kwok';

export interface UpOptions {
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
  /** How long the hosts may take, in milliseconds, from when all are written. */
  readonly timeoutMs: number;
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

export interface UpResult {
  readonly kubeconfig: string;
  readonly simulator: SimulatorKind;
  readonly hosts: number;
  readonly states: Readonly<Record<string, number>>;
  /** From when the first host was written to when the last came to rest. */
  readonly seconds: number;
}

/**
 * Brings a testbed to life, and returns when its hosts are where they come to rest. Running it again continues what was
 * interrupted, and changes nothing where all is as described.
 *
 * @throws TestbedError: `invalid-input` for the description, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming what, or which hosts, are late
 */
export async function up(props: TestbedProps, options: UpOptions): Promise<UpResult> {
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
  const objects = inCluster ? allObjects(installation) : withoutPods(allObjects(installation));
  const operators = installation.operators.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata);
  const state = {
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
  const watch = new HostWatch(client);
  try {
    const applier = new Applier(client);
    const common = pass({ listener, signal, forceConflicts: options.forceConflicts });
    if (simulators === undefined) {
      await install(client, applier, installation, { ...common, ...pass({ timeoutMs: options.installTimeoutMs }) });
    } else {
      await applier.applyAll(objects, { task: 'platform', ...common });
      await startSimulators({ ...simulators, kubeconfig, stateDir, ...pass({ listener, signal }) });
    }
    await watch.start();
    const mayFail = simulator === 'kwok' && (props.simulator?.failures?.length ?? 0) > 0;
    const start = performance.now();
    const total = testbed.fleets.reduce((sum, { count }) => sum + count, 0);
    // Written and watched at the same time: the first hosts are available before the last ones exist.
    const stopShowing = showHosts(watch, total, listener);
    try {
      // The hosts are a set of their own: those of an earlier description that this one no longer has are deleted, which
      // the simulator has to be there for. That may be all of them.
      const hosts = { set: { name: HOST_SET }, prune: true, pruneAll: true };
      await applier.applyGroups(groupsOf(testbed.fleets), { task: 'apply', ...hosts, ...common });
      await untilAtRest(testbed.fleets, { watch, client }, mayFail, options);
    } finally {
      stopShowing();
    }
    const seconds = (performance.now() - start) / 1000;
    listener?.({ type: 'done', task: 'hosts', detail: describeCounts(watch.counts()), seconds });
    return { kubeconfig, simulator, hosts: watch.size, states: watch.counts(), seconds };
  } finally {
    await watch.stop();
    await client.close();
  }
}

/** The ApplySet of the hosts that a description has. */
const HOST_SET = 'testbed-hosts';

/** Makes sure that a cluster is one for tests, and writes down what will be put there, before anything is. */
async function moveIn(
  cluster: Extract<ClusterChoice, { kind: 'existing' }>,
  testbed: ResolvedTestbed,
  objects: readonly KubernetesObject[],
  state: Omit<TestbedState, 'kubeconfig'>,
  { stateDir }: UpOptions,
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
async function chooseSimulator(options: UpOptions): Promise<SimulatorProgram> {
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

function* groupsOf(fleets: readonly Fleet[]): Generator<readonly object[]> {
  for (const fleet of fleets) for (const host of fleet.hosts()) yield fleet.objectsOf(host);
}

/** Tells the listener how the hosts fare, a few times a second. @returns how to end it */
function showHosts(watch: HostWatch, total: number, listener: Listener | undefined): () => void {
  if (listener === undefined) return () => undefined;
  const show = () => {
    let done = 0;
    for (const { isAtRest } of watch.all()) if (isAtRest) done++;
    listener({ type: 'progress', task: 'hosts', done, total, unit: 'hosts', detail: describeCounts(watch.counts()) });
  };
  listener({ type: 'start', task: 'hosts' });
  const timer = setInterval(show, 250);
  return () => clearInterval(timer);
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state || 'new'}`)
    .join(', ');
}

/** @param mayFail whether the description asks for hosts that fail, which then rest where they fail */
async function untilAtRest(
  fleets: readonly Fleet[],
  { watch, client }: { readonly watch: HostWatch; readonly client: KubernetesClient },
  mayFail: boolean,
  options: UpOptions,
): Promise<void> {
  // One late host is waited for at a time, from the first on, so that all changes together cost one look at each host. A
  // host may leave its state again behind that look: it is done only when a look at all of them finds none.
  let late = lateHosts(fleets, watch, mayFail);
  let waitingFor: HostKey | undefined;
  const isAtRest = () => {
    if (waitingFor !== undefined && isLate(watch, waitingFor, mayFail)) return false;
    waitingFor = late.next().value;
    if (waitingFor !== undefined) return false;
    late = lateHosts(fleets, watch, mayFail);
    waitingFor = late.next().value;
    return waitingFor === undefined;
  };
  const arrived = await watch.until(isAtRest, { deadlineMs: options.timeoutMs, ...pass({ signal: options.signal }) });
  if (arrived) return;
  const missing = [...lateHosts(fleets, watch, mayFail)].map(
    (key) => watch.get(key.namespace, key.name) ?? { ...MISSING, ...key },
  );
  throw new TestbedError(
    'timeout',
    `${missing.length} hosts did not come to rest within ${options.timeoutMs / 1000} s; late are:\n${await describeLate(client, missing)}\n'metal3-testbed wait' waits on, and 'metal3-testbed up' goes on from here`,
  );
}

interface HostKey {
  readonly namespace: string;
  readonly name: string;
}

function isLate(watch: HostWatch, { namespace, name }: HostKey, mayFail: boolean): boolean {
  const host = watch.get(namespace, name);
  return host === undefined || !(host.isAtRest || (mayFail && host.errorType !== ''));
}

function* lateHosts(fleets: readonly Fleet[], watch: HostWatch, mayFail: boolean): Generator<HostKey, undefined> {
  for (const fleet of fleets) {
    for (const { namespace, name } of fleet.hosts())
      if (isLate(watch, { namespace, name }, mayFail)) yield { namespace, name };
  }
}

const MISSING: Omit<ObservedHost, keyof HostKey> = {
  uid: '',
  conditions: {},
  state: '',
  operationalStatus: '',
  errorType: '',
  errorMessage: '',
  poweredOn: false,
  isDeleting: false,
  isAtRest: false,
};

/** Only what is defined, for options that must be absent rather than undefined. */
function pass<T extends object>(object: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
