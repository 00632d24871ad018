/**
 * A Kubernetes API server on this machine: etcd, kube-apiserver and kube-controller-manager as background processes on
 * loopback.
 */
import { existsSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../../lib/errors';
import type { Operation } from '../../util/events';
import { daemonStatus, findDaemon, stopDaemon } from '../../process/daemon';
import { isStopped, standsStill } from '../../process/identity';
import { tailOf } from '../../process/log-tail';
import { findProgram, lookForProgram, type Program } from '../../programs/find';
import { lockPrograms, PROGRAMS_LOCK, programsLock } from '../../programs/programs-lock';
import { withLock } from '../../util/lock';
import { removeIfEmpty } from '../../util/remove-if-empty';
import { removeOwn } from '../../util/remove-own';
import { until } from '../../util/until';
import type { ClusterConnection } from '../connection';
import { writeKubeconfig } from '../write-kubeconfig';
import { apiServerUrl, controllerManagerUrl } from './arguments';
import type { Certificates } from './certificates';
import { certificateFiles, ensureCertificates, tokenOf } from './certificates';
import {
  CONTROLLER_MANAGER,
  startControllerManager,
  stopControllerManager,
  whyControllerManagerSilent,
} from './controller-manager';
import { damageOfFiles, damagedData } from './etcd-data';
import { asMendable } from './file-errors';
import { HealthProbe, type Missing } from './health';
import { API_SERVER, ETCD, FAILED_START_GRACE_MS, launch } from './launch';
import { checkPorts, choosePort, choosePorts, PortTakenError } from './ports';
import type { Ports, StateLayout } from './state';
import { readPorts, stateLayout, writePorts } from './state';

/** What a local cluster is started with. */
export interface LocalClusterProps extends Operation {
  /** Folder for its data, certificates and logs; made (0700) where it is missing. */
  readonly stateDir: string;
  /** @default the port of the last start where it is free, else a free one */
  readonly apiServerPort?: number;
  /** @default the port of the last start where it is free, else a free one */
  readonly etcdPort?: number;
  /**
   * `programs.lock.json`, for programs that are taken from images.
   * @default in the folder of the cluster
   */
  readonly lockFile?: string | undefined;
  /** Files of the programs. @default found by `findProgram` */
  readonly programs?: {
    readonly etcd?: string;
    readonly kubeApiserver?: string;
    readonly kubeControllerManager?: string;
  };
  /**
   * Whether kube-controller-manager runs, with two of its controllers: what a deleted object owned is deleted, and so is what
   * a deleted namespace holds, and the namespace. Where it cannot be had there is a warning, and it is done without.
   * @default as at the last start, else true
   */
  readonly controllerManager?: boolean;
  /** Flags put after our own, so that they win. @default none */
  readonly apiServerArguments?: readonly string[];
  /** Flags put after our own, so that they win. @default none */
  readonly etcdArguments?: readonly string[];
  /**
   * GOGC of kube-apiserver, the Go garbage collector's percentage. Beside 100, 400 saves a tenth to a fifth of its CPU
   * and takes up to 2.5 times the memory; its memory is limited (GOMEMLIMIT) to a third of the machine's all the same.
   * @default 400
   */
  readonly apiServerGogc?: number;
  /** Whether etcd waits for the disk at each write, so that a power cut loses nothing. @default false */
  readonly durable?: boolean;
  /** How long the API server may take to become ready. @default 120 */
  readonly timeoutSeconds?: number;
}

/** A local cluster, as it is now. */
export interface LocalCluster {
  readonly stateDir: string;
  readonly connection: ClusterConnection;
  /** `degraded`: etcd or kube-apiserver is missing, or the API server is not ready. */
  readonly status: 'running' | 'stopped' | 'degraded';
  /** Whether its processes are at work, and time may make the API server ready: it is busy, or starts. */
  readonly isBusy: boolean;
  /** Why it is not running; empty where it is. */
  readonly reasons: readonly string[];
  /** What of it does not work while the API server does: one sentence each. */
  readonly problems: readonly string[];
  /** Whether it has a controller manager, be it at work or not. */
  readonly controllerManager: boolean;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly logFile: string }[];
}

/** The name of the kubeconfig's context. */
const CONTEXT = 'metal3-testbed';
/** etcd lays out two log files of 64 MB before it answers; with less than this a start would die half-way. */
const FREE_MIB_NEEDED = 256;
/** Its own default of 100 spends up to a quarter of its CPU on garbage. */
const API_SERVER_GOGC = 400;
/** How long a cluster may take to come back, in milliseconds. */
const RESTART_MS = 120_000;
/** How often ports are chosen anew where another process took one in between. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a cluster, with the data of its last run where there is some; finds it where it runs already. What is left
 * of a start that failed are logs: no process, no half-written file.
 *
 * Of controllers there are two, and with `controllerManager: false` none: a deleted namespace stays `Terminating` then until
 * somebody finalizes it. Deployments make no pods.
 *
 * @throws TestbedError (invalid-input) for a port that is none, or another than that of the running cluster
 * @throws TestbedError (environment) for a missing program, a port in use, a process that dies, a full disk
 * @throws TestbedError (timeout) where it does not become ready, or another start or stop goes on beyond that time
 * @throws the signal's reason once it is aborted
 */
export async function startLocalCluster(props: LocalClusterProps): Promise<LocalCluster> {
  checkPorts({ apiServer: props.apiServerPort, etcd: props.etcdPort });
  const layout = stateLayout(resolve(props.stateDir));
  const { listener, signal } = props;
  const timeoutMs = (props.timeoutSeconds ?? 120) * 1000;
  const startedAt = performance.now();
  signal?.throwIfAborted();
  try {
    listener?.({ type: 'start', task: 'control plane', detail: layout.dir });
    // Fetching programs may take minutes, so it comes before the lock; for a cluster that runs none are needed.
    const found = await findLocalCluster(layout.dir);
    const given = found?.status === 'running' ? undefined : await findPrograms(props);
    const manager = await findControllerManager(props, found);
    const programs = { given, manager: manager?.file };
    const start = async () => {
      const started = await startLocked(props, layout, programs, timeoutMs);
      const taken = [given?.etcd, given?.kubeApiserver, manager].filter((program) => program !== undefined);
      await lockPrograms(programsLock(layout.dir, props.lockFile), taken);
      return started;
    };
    const cluster = await withLock(layout.lock, start, {
      waitMs: timeoutMs,
      onWait: (pid) =>
        listener?.({
          type: 'progress',
          task: 'control plane',
          detail: `waiting for process ${pid}, which is working on it`,
        }),
      signal,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    listener?.({ type: 'done', task: 'control plane', detail: cluster.connection.server, seconds });
    return cluster;
  } catch (error) {
    throw asMendable(error, layout.dir);
  }
}

/** The cluster that a state folder holds, running or not; undefined where it holds none. */
export async function findLocalCluster(stateDir: string): Promise<LocalCluster | undefined> {
  const layout = stateLayout(resolve(stateDir));
  const ports = readPorts(layout);
  if (ports === undefined) return undefined;
  const { controllerManager } = ports;
  const daemons = processesOf(ports).map((name) => ({ name, daemon: findDaemon(layout.run, name) }));
  const processes = daemons.flatMap(({ name, daemon }) =>
    daemon ? [{ name, pid: daemon.pid, logFile: daemon.logFile }] : [],
  );
  const certificates = certificateFiles(layout.pki);
  const reasons = (await Promise.all([ETCD, API_SERVER].map((name) => whyNotAtWork(layout, name)))).filter(
    (reason) => reason !== undefined,
  );
  let isBusy = false;
  if (reasons.length === 0) {
    const missing = await whatIsMissing(ports, certificates);
    if (missing !== undefined) reasons.push(missing.what);
    isBusy = missing?.mayPass ?? false;
  }
  const serves = daemons.some(({ name, daemon }) => daemon !== undefined && name !== CONTROLLER_MANAGER);
  const status = reasons.length === 0 ? 'running' : serves ? 'degraded' : 'stopped';
  const problems: string[] = [];
  if (controllerManager !== undefined && status !== 'stopped') {
    const problem =
      (await whyNotAtWork(layout, CONTROLLER_MANAGER)) ??
      (await whyControllerManagerSilent(controllerManager, certificates));
    if (problem !== undefined) problems.push(problem);
  }
  const connection = {
    kind: 'local',
    name: CONTEXT,
    kubeconfig: layout.kubeconfig,
    server: apiServerUrl(ports),
  } as const;
  const has = { controllerManager: controllerManager !== undefined };
  return { stateDir: layout.dir, connection, status, isBusy, reasons, problems, ...has, processes };
}

/**
 * As {@link findLocalCluster}, once the API server is not too busy to say that it is ready: a restart would make it wait for all
 * that its clients then ask of it.
 *
 * @param timeoutMs after which it is taken as it is
 */
async function findOnceIdle(
  stateDir: string,
  { listener, signal }: Operation,
  timeoutMs: number,
): Promise<LocalCluster | undefined> {
  let found: LocalCluster | undefined;
  let told: string | undefined;
  await until(
    async () => {
      found = await findLocalCluster(stateDir);
      if (!found?.isBusy) return true;
      const detail = `waiting for it: ${found.reasons.join('; ')}`;
      if (detail !== told) listener?.({ type: 'progress', task: 'control plane', detail });
      told = detail;
      return false;
    },
    { deadlineMs: timeoutMs, everyMs: 200, signal },
  );
  return found;
}

/** A process of a local cluster. */
export type ProcessName = typeof ETCD | typeof API_SERVER | typeof CONTROLLER_MANAGER;

/** The processes that the cluster of a state folder has, whether they run or not; none where there is no cluster. */
export function clusterProcesses(stateDir: string): readonly ProcessName[] {
  const ports = readPorts(stateLayout(stateDir));
  return ports === undefined ? [] : processesOf(ports);
}

/** Where the controller manager of a state folder shows its metrics; undefined where there is none. */
export function controllerManagerMetricsUrl(stateDir: string): string | undefined {
  const port = readPorts(stateLayout(stateDir))?.controllerManager;
  return port === undefined ? undefined : `${controllerManagerUrl(port)}/metrics`;
}

function processesOf({ controllerManager }: Ports): readonly ProcessName[] {
  return [ETCD, API_SERVER, ...(controllerManager === undefined ? [] : ([CONTROLLER_MANAGER] as const))];
}

/** @returns undefined for a process that runs and does not stand still */
async function whyNotAtWork(layout: StateLayout, name: string): Promise<string | undefined> {
  const { state, pid, ending, logFile } = daemonStatus(layout.run, name);
  if (state === 'none' || pid === undefined) return `${name} does not run; its log: ${logFile}`;
  if (state === 'running') return (await isStopped(pid)) ? standsStill(name, pid) : undefined;
  const tail = await tailOf(logFile, 1);
  return `${name} does not run; its log: ${logFile}; it exited unexpectedly${ending === undefined ? '' : ` (${ending})`}${tail === '' ? '' : `, and said last: ${tail}`}`;
}

/**
 * Starts a cluster again of which one process has ended.
 *
 * @returns whether it had; not where it runs, or was stopped on purpose
 * @throws TestbedError as {@link startLocalCluster} does
 */
export async function restartLocalCluster(
  stateDir: string,
  name: ProcessName,
  options: Pick<LocalClusterProps, 'listener' | 'signal'> = {},
): Promise<boolean> {
  const layout = stateLayout(resolve(stateDir));
  const timeoutMs = RESTART_MS;
  const again = async () => {
    if (daemonStatus(layout.run, name).state !== 'ended') return false;
    await startLocked({ stateDir, ...options }, layout, {}, timeoutMs);
    return true;
  };
  return withLock(layout.lock, again, { waitMs: timeoutMs, signal: options.signal });
}

/** Kills one process of a cluster without warning. Nobody takes it for a mishap. @returns whether it ran */
export async function killProcess(stateDir: string, name: ProcessName): Promise<boolean> {
  return stopDaemon(stateLayout(resolve(stateDir)).run, name, { graceMs: 0 });
}

/** How a cluster is stopped. */
export interface StopLocalClusterOptions extends Operation {
  /** Whether its data, certificates and logs go as well. @default false */
  readonly delete?: boolean;
  /** How long each process may take to end by itself, in milliseconds. @default 15000 */
  readonly graceMs?: number;
}

/**
 * Stops a cluster. Fine where none runs, and where there never was one. Files of others in the folder stay.
 *
 * @returns whether anything ran
 * @throws TestbedError (environment) where a process cannot be stopped
 */
export async function stopLocalCluster(stateDir: string, options: StopLocalClusterOptions = {}): Promise<boolean> {
  const layout = stateLayout(resolve(stateDir));
  if (!existsSync(layout.dir)) return false;
  const { listener, signal } = options;
  const startedAt = performance.now();
  try {
    const stopped = await withLock(
      layout.lock,
      async () => {
        const any = await stopAll(layout, options.graceMs);
        if (options.delete) remove(layout);
        return any;
      },
      {
        onWait: (pid) =>
          listener?.({
            type: 'progress',
            task: 'control plane',
            detail: `waiting for process ${pid}, which is working on it`,
          }),
        signal,
      },
    );
    if (options.delete) removeIfEmpty(layout.dir);
    const detail = options.delete ? 'stopped and deleted' : 'stopped';
    listener?.({ type: 'done', task: 'control plane', detail, seconds: (performance.now() - startedAt) / 1000 });
    return stopped;
  } catch (error) {
    throw asMendable(error, layout.dir);
  }
}

type Programs = { readonly etcd: Program; readonly kubeApiserver: Program };

/** What was found before the lock was taken, since that may take minutes. */
interface Found {
  /** Undefined where etcd and kube-apiserver are not to be started. */
  readonly given?: Programs | undefined;
  /** File of kube-controller-manager; undefined where it is not to be started, or has not been looked for. */
  readonly manager?: string | undefined;
}

async function findPrograms(props: LocalClusterProps): Promise<Programs> {
  const { programs, listener, signal } = props;
  const lockFile = programsLock(resolve(props.stateDir), props.lockFile);
  const etcd = await findProgram('etcd', { file: programs?.etcd, lockFile, listener, signal });
  const kubeApiserver = await findProgram('kube-apiserver', {
    file: programs?.kubeApiserver,
    lockFile,
    listener,
    signal,
  });
  return { etcd, kubeApiserver };
}

/** @returns undefined where none is to be started, or cannot be had */
async function findControllerManager(
  props: LocalClusterProps,
  found: LocalCluster | undefined,
): Promise<Program | undefined> {
  const { programs, listener, signal } = props;
  const isAtWork = found?.status === 'running' && found.controllerManager && found.problems.length === 0;
  if (isAtWork || !wantsControllerManager(props, found?.controllerManager)) return undefined;
  const lockFile = programsLock(resolve(props.stateDir), props.lockFile);
  const looked = await lookForProgram(CONTROLLER_MANAGER, {
    file: programs?.kubeControllerManager,
    lockFile,
    listener,
    signal,
  });
  if ('program' in looked) return looked.program;
  listener?.({
    type: 'warning',
    task: 'control plane',
    detail: `${CONTROLLER_MANAGER} cannot be had, so deleted namespaces stay Terminating, and what deleted objects owned stays; --without-controller-manager does without it and without looking for it (tried ${looked.tried.join('; ')})`,
  });
  return undefined;
}

/** @param hasOne whether there was one at the last start; undefined where there was no start */
function wantsControllerManager({ controllerManager }: LocalClusterProps, hasOne: boolean | undefined): boolean {
  return controllerManager ?? hasOne ?? true;
}

async function startLocked(
  props: LocalClusterProps,
  layout: StateLayout,
  found: Found,
  timeoutMs: number,
): Promise<LocalCluster> {
  const last = readPorts(layout);
  const hadData = existsSync(layout.data);
  const isWanted = wantsControllerManager(props, last && last.controllerManager !== undefined);
  const running = last && (await mendRunning(props, layout, last, timeoutMs));
  const manager = { isWanted, file: found.manager };
  if (running) {
    const isMended = running.controllerManager;
    return tendControllerManager(props, running, { ...manager, isMended }, timeoutMs);
  }
  await stopAll(layout);
  try {
    const started = await startBoth(props, layout, { last, isWanted, given: found.given }, timeoutMs);
    return await tendControllerManager(props, started, { ...manager, isMended: false }, timeoutMs);
  } catch (error) {
    await stopAll(layout, FAILED_START_GRACE_MS);
    // The data of a start that never answered is half laid out, and would only be in the way of the next.
    if (!hadData) rmSync(layout.data, { recursive: true, force: true });
    if (last === undefined)
      for (const path of [layout.record, layout.kubeconfig, layout.pki]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Starts, mends or stops the controller manager of a cluster that runs, as it is wanted.
 *
 * The options say whether it was there before, and the file of the program, where it was looked for.
 */
async function tendControllerManager(
  props: LocalClusterProps,
  cluster: LocalCluster,
  {
    isWanted,
    isMended,
    file,
  }: { readonly isWanted: boolean; readonly isMended: boolean; readonly file?: string | undefined },
  timeoutMs: number,
): Promise<LocalCluster> {
  const { listener, signal } = props;
  const { stateDir, problems } = cluster;
  const layout = stateLayout(stateDir);
  const { controllerManager: before, ...others } = readPorts(layout) ?? gone(stateDir);
  if (isWanted && before !== undefined && problems.length === 0) return cluster;
  await stopControllerManager(layout);
  const program = isWanted ? (file ?? (await findControllerManager(props, cluster))?.file) : undefined;
  if (program === undefined) {
    writePorts(layout, others);
    return findRunning(stateDir, props);
  }
  if (isMended) {
    const detail = `restarting ${CONTROLLER_MANAGER}: ${problems.join('; ')}`;
    listener?.({ type: 'warning', task: 'control plane', detail });
  }
  const taken = Object.values(others);
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(attempt === 1 ? before : undefined, (each) => !taken.includes(each));
    // Before it is started, so that it is looked for from then on.
    writePorts(layout, { ...others, controllerManager: port });
    try {
      await startControllerManager({
        layout,
        certificates: certificateFiles(layout.pki),
        file: program,
        timeoutMs,
        signal,
        ports: { ...others, controllerManager: port },
      });
      return await findRunning(stateDir, props);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function findRunning(stateDir: string, operation: Operation): Promise<LocalCluster> {
  const cluster = (await findOnceIdle(stateDir, operation, RESTART_MS)) ?? gone(stateDir);
  if (cluster.status === 'running') return cluster;
  throw new TestbedError('environment', `the cluster became ready and then failed: ${cluster.reasons.join('; ')}`);
}

function gone(stateDir: string): never {
  throw new TestbedError('environment', `the cluster became ready, and then ${stateDir} was gone`);
}

/** What a start begins with. */
interface Start {
  readonly last: Ports | undefined;
  readonly isWanted: boolean;
  readonly given: Programs | undefined;
}

/** Starts etcd and kube-apiserver. */
async function startBoth(
  props: LocalClusterProps,
  layout: StateLayout,
  { last, isWanted, given }: Start,
  timeoutMs: number,
): Promise<LocalCluster> {
  const { listener, signal } = props;
  const programs = given ?? (await findPrograms(props));
  await refuseFullDisk(layout.dir);
  const hadData = existsSync(layout.data);
  const damage = hadData ? damageOfFiles(layout.data) : undefined;
  if (damage !== undefined) throw damagedData(layout.data, damage);
  const { files } = await ensureCertificates(layout.pki);
  const wanted = { apiServer: props.apiServerPort, etcd: props.etcdPort, controllerManager: isWanted };
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(wanted, last);
    writePorts(layout, ports);
    writeKubeconfig(layout.kubeconfig, kubeconfigProps(ports, files));
    try {
      await launch({
        layout,
        ports,
        certificates: files,
        timeoutMs,
        hadData,
        listener,
        signal,
        etcdFile: programs.etcd.file,
        apiServerFile: programs.kubeApiserver.file,
        etcdArguments: props.etcdArguments ?? [],
        apiServerArguments: props.apiServerArguments ?? [],
        apiServerGogc: props.apiServerGogc ?? API_SERVER_GOGC,
        durable: props.durable ?? false,
      });
      return await findRunning(layout.dir, props);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
      const detail = 'another process took a port just chosen; choosing others';
      listener?.({ type: 'warning', task: 'control plane', detail });
    }
  }
}

/**
 * Gives a cluster whose processes run what it may have lost since: certificates near their end, its kubeconfig. Both
 * processes read their certificates anew for each connection, so they need not be started again for that.
 *
 * @returns undefined where it has to be started
 */
async function mendRunning(
  props: LocalClusterProps,
  layout: StateLayout,
  ports: Ports,
  timeoutMs: number,
): Promise<LocalCluster | undefined> {
  const before = await findOnceIdle(layout.dir, props, timeoutMs);
  if (before === undefined || before.status === 'stopped') return undefined;
  if (before.status === 'running') refuseOtherPorts(props, ports);
  if ([ETCD, API_SERVER].every((name) => before.processes.some((process) => process.name === name))) {
    const { files, issued } = await ensureCertificates(layout.pki);
    writeKubeconfig(layout.kubeconfig, kubeconfigProps(ports, files));
    const now = await findOnceIdle(layout.dir, props, timeoutMs);
    if (now?.status === 'running' && !issued.includes('ca') && !issued.includes('tokens')) return now;
  }
  const why = before.reasons.length > 0 ? before.reasons.join('; ') : 'its CA or its token had to be created again';
  props.listener?.({ type: 'warning', task: 'control plane', detail: `restarting it: ${why}` });
  return undefined;
}

function kubeconfigProps(ports: Ports, certificates: Certificates) {
  const token = tokenOf(certificates, 'admin') ?? '';
  return { server: apiServerUrl(ports), name: CONTEXT, caFile: certificates.ca.cert, token };
}

function refuseOtherPorts(props: LocalClusterProps, running: Ports): void {
  for (const [name, asked, has] of [
    ['kube-apiserver', props.apiServerPort, running.apiServer],
    ['etcd', props.etcdPort, running.etcd],
  ] as const) {
    if (asked !== undefined && asked !== has) {
      throw invalidInput(
        `${name} runs already, on port ${has}, and cannot move to ${asked}; stop the cluster first, or leave the port out`,
      );
    }
  }
}

async function refuseFullDisk(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const freeMib = Math.floor((bavail * bsize) / 1024 ** 2);
  if (freeMib < FREE_MIB_NEEDED) {
    throw new TestbedError(
      'environment',
      `${dir} has ${freeMib} MiB free, and etcd needs ${FREE_MIB_NEEDED} MiB to start; free some space, or choose another state folder`,
    );
  }
}

async function whatIsMissing(ports: Ports, certificates: Certificates): Promise<Missing | undefined> {
  try {
    const probe = await HealthProbe.open(ports, certificates);
    try {
      return await probe.whatIsMissing();
    } finally {
      await probe.close();
    }
  } catch (error) {
    return { what: `its certificates cannot be read: ${(error as Error).message}`, mayPass: false };
  }
}

/**
 * Clients first, so that none sees its server go: kube-controller-manager, then kube-apiserver. Where etcd has gone before,
 * they would wait for it in vain, with nothing to save.
 */
async function stopAll(layout: StateLayout, graceMs?: number): Promise<boolean> {
  const options = graceMs === undefined ? {} : { graceMs };
  const orphaned = findDaemon(layout.run, ETCD) === undefined;
  const clientOptions = orphaned ? { graceMs: 0 } : options;
  const manager = await stopControllerManager(layout, clientOptions);
  const apiServer = await stopDaemon(layout.run, API_SERVER, clientOptions);
  const etcd = await stopDaemon(layout.run, ETCD, options);
  return manager || apiServer || etcd;
}

/**
 * Removes what is ours. Somebody may have named a folder that is not a cluster's (`/`, even, which has a `run` as well):
 * without the record of a start nothing goes but the logs of starts that failed.
 */
function remove(layout: StateLayout): void {
  if (readPorts(layout) === undefined) {
    for (const name of [ETCD, API_SERVER, CONTROLLER_MANAGER]) {
      for (const suffix of ['.log', '.log.1', '.pid']) rmSync(join(layout.run, name + suffix), { force: true });
    }
    if (existsSync(layout.run)) removeIfEmpty(layout.run);
    return;
  }
  removeOwn(layout.data, /^(member|\.touch)$/);
  removeOwn(join(layout.pki, 'webhooks'), /^tls\./);
  removeOwn(layout.pki, /\.(crt|key|csv|kubeconfig|partial)$/);
  removeOwn(layout.run, /^(etcd|kube-apiserver|kube-controller-manager)\./);
  for (const path of [layout.kubeconfig, layout.record, join(layout.dir, PROGRAMS_LOCK)]) rmSync(path, { force: true });
}
