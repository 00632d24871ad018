import { operatorArguments } from '../lib/baremetal-operator';
import { invalidInput, TestbedError } from '../lib/errors';
import type { Fleet } from '../lib/baremetal-host/fleet';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../lib/testbed';
import { Applier } from './apply/apply';
import { startLocalCluster } from './cluster/local/local-cluster';
import type { Listener } from './events';
import { KubernetesClient } from './kubernetes/client';
import { readKubeconfig } from './kubernetes/kubeconfig';
import { HostWatch, type ObservedHost } from './observe/host-watch';
import { describeLate } from './observe/late-hosts';
import { platformObjects, withoutPods } from './platform';
import { findProgram, lookForProgram } from './programs/find';
import { startSimulators } from './simulators';
import { writeState } from './state';

export type SimulatorKind = 'bmo' | 'kwok';

export interface UpOptions {
  readonly stateDir: string;
  /**
   * Who plays the hosts: a Bare Metal Operator in test mode, or kwok.
   * @default - bmo where its binary is given or on PATH, otherwise kwok
   */
  readonly simulator?: SimulatorKind;
  /** File of the Bare Metal Operator's binary. */
  readonly bmoBinary?: string;
  /** How long the hosts may take, in milliseconds, from when all are written. */
  readonly timeoutMs: number;
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
 * Brings a testbed to life on an embedded control plane, and returns when its hosts are where they come to rest. Running
 * it again continues what was interrupted, and changes nothing where all is as described.
 *
 * @throws TestbedError: `invalid-input` for the description, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming the hosts that are late
 */
export async function up(props: TestbedProps, options: UpOptions): Promise<UpResult> {
  const { listener, signal, stateDir } = options;
  const testbed = resolveTestbed(props);
  const platform = withoutPods(platformObjects({ ...props, hostSets: [] }));
  const program = await chooseSimulator(options);
  const simulators = simulatorsOf(testbed, program);
  const cluster = await startLocalCluster({ stateDir, ...pass({ listener, signal }) });
  const { kubeconfig } = cluster.connection;
  writeState(stateDir, { cluster: 'local', kubeconfig, simulator: program.kind });

  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  const watch = new HostWatch(client);
  try {
    const applier = new Applier(client);
    const common = pass({ listener, signal, forceConflicts: options.forceConflicts });
    await applier.applyAll([...platform, ...namespaceObjects(testbed)], { task: 'platform', ...common });
    await startSimulators({ ...simulators, kubeconfig, stateDir, ...pass({ listener, signal }) });
    await watch.start();
    const mayFail = program.kind === 'kwok' && (props.simulator?.failures?.length ?? 0) > 0;
    const start = performance.now();
    const total = testbed.fleets.reduce((sum, { count }) => sum + count, 0);
    // Written and watched at the same time: the first hosts are available before the last ones exist.
    const stopShowing = showHosts(watch, total, listener);
    try {
      await applier.applyGroups(groupsOf(testbed.fleets), { task: 'apply', ...common });
      await untilAtRest(testbed.fleets, watch, mayFail, options);
    } finally {
      stopShowing();
    }
    const seconds = (performance.now() - start) / 1000;
    listener?.({ type: 'done', task: 'hosts', detail: describeCounts(watch.counts()), seconds });
    return { kubeconfig, simulator: program.kind, hosts: watch.size, states: watch.counts(), seconds };
  } finally {
    await watch.stop();
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
  if (testbed.operators.length === 0)
    throw invalidInput(
      'operators is empty, so that nobody takes care of the hosts: describe one, or use --simulator kwok',
    );
  // A process has no pod to hold the lease, and nobody to share it with.
  const operators = testbed.operators.map((operator) =>
    operatorArguments({ ...operator, webhook: false, leaderElection: false }),
  );
  return { kind: 'bmo' as const, program: program.file, operators };
}

function namespaceObjects({ namespaces }: ResolvedTestbed) {
  return namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
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
  watch: HostWatch,
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
    `${missing.length} hosts did not come to rest within ${options.timeoutMs / 1000} s: ${describeLate(missing)}; 'metal3-testbed wait' waits on, and 'metal3-testbed up' goes on from here`,
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
