/** A Kubernetes API server on this machine: etcd and kube-apiserver as two background processes on loopback. */
import { existsSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../../lib/errors';
import type { Listener } from '../../util/events';
import { daemonStatus, findDaemon, stopDaemon } from '../../process/daemon';
import { isStopped, standsStill } from '../../process/identity';
import { tailOf } from '../../process/log-tail';
import { findProgram } from '../../programs/find';
import { withLock } from '../../util/lock';
import { removeIfEmpty } from '../../util/remove-if-empty';
import { removeOwn } from '../../util/remove-own';
import type { ClusterConnection } from '../connection';
import { writeKubeconfig } from '../write-kubeconfig';
import { apiServerUrl } from './arguments';
import type { Certificates } from './certificates';
import { adminToken, certificateFiles, ensureCertificates } from './certificates';
import { damageOfFiles, damagedData } from './etcd-data';
import { asMendable } from './file-errors';
import { HealthProbe } from './health';
import { API_SERVER, ETCD, PortTakenError, launch } from './launch';
import { checkPorts, choosePorts } from './ports';
import type { Ports, StateLayout } from './state';
import { readPorts, stateLayout, writePorts } from './state';

/** What a local cluster is started with. */
export interface LocalClusterProps {
  /** Folder for its data, certificates and logs; made (0700) where it is missing. */
  readonly stateDir: string;
  /** @default the port of the last start where it is free, else a free one */
  readonly apiServerPort?: number;
  /** @default the port of the last start where it is free, else a free one */
  readonly etcdPort?: number;
  /** Files of the programs. @default found by `findProgram` */
  readonly programs?: { readonly etcd?: string; readonly kubeApiserver?: string };
  /** Flags put after our own, so that they win. @default none */
  readonly apiServerArguments?: readonly string[];
  /** Flags put after our own, so that they win. @default none */
  readonly etcdArguments?: readonly string[];
  /**
   * GOGC of kube-apiserver, the Go garbage collector's percentage. Beside 100, 400 saves a tenth to a fifth of its CPU
   * and takes up to 2.5 times the memory; its memory is limited (GOMEMLIMIT) to half of the machine's all the same.
   * @default 400
   */
  readonly apiServerGogc?: number;
  /** Whether etcd waits for the disk at each write, so that a power cut loses nothing. @default false */
  readonly durable?: boolean;
  /** How long the API server may take to become ready. @default 120 */
  readonly timeoutSeconds?: number;
  /** @default none */
  readonly listener?: Listener;
  /** Aborting stops what was started. @default none */
  readonly signal?: AbortSignal;
}

/** A local cluster, as it is now. */
export interface LocalCluster {
  readonly stateDir: string;
  readonly connection: ClusterConnection;
  /** `degraded`: one of the two processes is missing, or the API server is not ready. */
  readonly status: 'running' | 'stopped' | 'degraded';
  /** Why it is not running; empty where it is. */
  readonly reasons: readonly string[];
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
 * No controller manager runs: a deleted namespace stays `Terminating` until somebody finalizes it, and Deployments
 * make no pods.
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
    const programs = found?.status === 'running' ? undefined : await findPrograms(props);
    const cluster = await withLock(layout.lock, () => startLocked(props, layout, programs, timeoutMs), {
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
  const daemons = [ETCD, API_SERVER].map((name) => ({ name, daemon: findDaemon(layout.run, name) }));
  const processes = daemons.flatMap(({ name, daemon }) =>
    daemon ? [{ name, pid: daemon.pid, logFile: daemon.logFile }] : [],
  );
  const reasons = (await Promise.all(daemons.map(({ name }) => whyNotAtWork(layout, name)))).filter(
    (reason) => reason !== undefined,
  );
  if (reasons.length === 0) {
    const missing = await whatIsMissing(ports, certificateFiles(layout.pki));
    if (missing !== undefined) reasons.push(missing);
  }
  const status = reasons.length === 0 ? 'running' : processes.length === 0 ? 'stopped' : 'degraded';
  const connection = {
    kind: 'local',
    name: CONTEXT,
    kubeconfig: layout.kubeconfig,
    server: apiServerUrl(ports),
  } as const;
  return { stateDir: layout.dir, connection, status, reasons, processes };
}

/** The processes of a local cluster. */
export const PROCESSES = [ETCD, API_SERVER] as const;

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
  name: (typeof PROCESSES)[number],
  options: Pick<LocalClusterProps, 'listener' | 'signal'> = {},
): Promise<boolean> {
  const layout = stateLayout(resolve(stateDir));
  const timeoutMs = RESTART_MS;
  const again = async () => {
    if (daemonStatus(layout.run, name).state !== 'ended') return false;
    await startLocked({ stateDir, ...options }, layout, undefined, timeoutMs);
    return true;
  };
  return withLock(layout.lock, again, { waitMs: timeoutMs, signal: options.signal });
}

/** Kills one process of a cluster without warning. Nobody takes it for a mishap. @returns whether it ran */
export async function killProcess(stateDir: string, name: (typeof PROCESSES)[number]): Promise<boolean> {
  return stopDaemon(stateLayout(resolve(stateDir)).run, name, { graceMs: 0 });
}

/** How a cluster is stopped. */
export interface StopLocalClusterOptions {
  /** Whether its data, certificates and logs go as well. @default false */
  readonly delete?: boolean;
  /** How long each process may take to end by itself, in milliseconds. @default 15000 */
  readonly graceMs?: number;
  /** @default none */
  readonly listener?: Listener;
  /** @default none */
  readonly signal?: AbortSignal;
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
        const any = await stopBoth(layout, options.graceMs);
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

type Programs = { readonly etcd: string; readonly kubeApiserver: string };

async function findPrograms({ programs, listener, signal }: LocalClusterProps): Promise<Programs> {
  const etcd = await findProgram('etcd', { file: programs?.etcd, listener, signal });
  const apiServer = await findProgram('kube-apiserver', { file: programs?.kubeApiserver, listener, signal });
  return { etcd: etcd.file, kubeApiserver: apiServer.file };
}

async function startLocked(
  props: LocalClusterProps,
  layout: StateLayout,
  given: Programs | undefined,
  timeoutMs: number,
): Promise<LocalCluster> {
  const { listener, signal } = props;
  const last = readPorts(layout);
  const running = last && (await mendRunning(props, layout, last));
  if (running) return running;
  await stopBoth(layout);
  const programs = given ?? (await findPrograms(props));
  await refuseFullDisk(layout.dir);

  const hadRecord = last !== undefined;
  const hadData = existsSync(layout.data);
  const damage = hadData ? damageOfFiles(layout.data) : undefined;
  if (damage !== undefined) throw damagedData(layout.data, damage);
  try {
    const { files } = await ensureCertificates(layout.pki);
    for (let attempt = 1; ; attempt++) {
      const ports = await choosePorts({ apiServer: props.apiServerPort, etcd: props.etcdPort }, last);
      writePorts(layout, ports);
      writeKubeconfig(layout.kubeconfig, kubeconfigProps(ports, files));
      try {
        await launch({
          ...{ layout, ports, certificates: files, timeoutMs, hadData, listener, signal },
          etcdFile: programs.etcd,
          apiServerFile: programs.kubeApiserver,
          etcdArguments: props.etcdArguments ?? [],
          apiServerArguments: props.apiServerArguments ?? [],
          apiServerGogc: props.apiServerGogc ?? API_SERVER_GOGC,
          durable: props.durable ?? false,
        });
        break;
      } catch (error) {
        if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
        listener?.({
          type: 'warning',
          task: 'control plane',
          detail: 'another process took a port just chosen; choosing others',
        });
      }
    }
  } catch (error) {
    // The data of a start that never answered is half laid out, and would only be in the way of the next.
    if (!hadData) rmSync(layout.data, { recursive: true, force: true });
    if (!hadRecord)
      for (const path of [layout.record, layout.kubeconfig, layout.pki]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
  const cluster = await findLocalCluster(layout.dir);
  if (cluster?.status !== 'running') {
    throw new TestbedError(
      'environment',
      `the cluster became ready and then failed: ${cluster?.reasons.join('; ') ?? `${layout.dir} is gone`}`,
    );
  }
  return cluster;
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
): Promise<LocalCluster | undefined> {
  const before = await findLocalCluster(layout.dir);
  if (before === undefined || before.status === 'stopped') return undefined;
  if (before.status === 'running') refuseOtherPorts(props, ports);
  if (before.processes.length === 2) {
    const { files, issued } = await ensureCertificates(layout.pki);
    writeKubeconfig(layout.kubeconfig, kubeconfigProps(ports, files));
    const now = await findLocalCluster(layout.dir);
    if (now?.status === 'running' && !issued.includes('ca') && !issued.includes('tokens')) return now;
  }
  const why = before.reasons.length > 0 ? before.reasons.join('; ') : 'its CA or its token had to be created again';
  props.listener?.({ type: 'warning', task: 'control plane', detail: `restarting it: ${why}` });
  return undefined;
}

function kubeconfigProps(ports: Ports, certificates: Certificates) {
  const token = adminToken(certificates) ?? '';
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

async function whatIsMissing(ports: Ports, certificates: Certificates): Promise<string | undefined> {
  try {
    const probe = await HealthProbe.open(ports, certificates);
    try {
      return await probe.whatIsMissing();
    } finally {
      await probe.close();
    }
  } catch (error) {
    return `its certificates cannot be read: ${(error as Error).message}`;
  }
}

/**
 * kube-apiserver first, so that it never sees etcd go. Where etcd has gone before, it would wait for it in vain, with
 * nothing to save.
 */
async function stopBoth(layout: StateLayout, graceMs?: number): Promise<boolean> {
  const options = graceMs === undefined ? {} : { graceMs };
  const orphaned = findDaemon(layout.run, ETCD) === undefined;
  const apiServer = await stopDaemon(layout.run, API_SERVER, orphaned ? { graceMs: 0 } : options);
  const etcd = await stopDaemon(layout.run, ETCD, options);
  return apiServer || etcd;
}

/**
 * Removes what is ours. Somebody may have named a folder that is not a cluster's (`/`, even, which has a `run` as well):
 * without the record of a start nothing goes but the logs of starts that failed.
 */
function remove(layout: StateLayout): void {
  if (readPorts(layout) === undefined) {
    for (const name of [ETCD, API_SERVER]) {
      for (const suffix of ['.log', '.log.1', '.pid']) rmSync(join(layout.run, name + suffix), { force: true });
    }
    if (existsSync(layout.run)) removeIfEmpty(layout.run);
    return;
  }
  removeOwn(layout.data, /^(member|\.touch)$/);
  removeOwn(layout.pki, /\.(crt|key|csv|partial)$/);
  removeOwn(layout.run, /^(etcd|kube-apiserver)\./);
  for (const path of [layout.kubeconfig, layout.record]) rmSync(path, { force: true });
}
