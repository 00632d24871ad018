/**
 * One program as a background process beside a cluster, in a folder of its own: what simulates hosts, a manager of Cluster
 * API, or the API of workload clusters. It is started, found, looked after and stopped whatever becomes of the command
 * that started it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import { daemonStatus, findDaemon, plainEnvironment, startDaemon, stopDaemon } from '../process/daemon';
import { freePorts, PortTakenError } from '../cluster/local/ports';
import { tailOf } from '../process/log-tail';
import type { Daemon, DaemonStatus, StopOptions } from '../process/daemon';
import { writeFileAtomicSync } from '../util/atomic-file';
import type { Operation } from '../util/events';
import { withLock } from '../util/lock';
import { readBoundedSync } from '../util/read-bounded';
import { until } from '../util/until';
import type { ProcessCall } from '../../lib/components/component';
import type { SimulatorSpec } from './simulators';

/** What a process is started with. */
export interface ProcessProps extends SimulatorSpec, Operation {
  /** File of the kubeconfig of the cluster; its current context is used. */
  readonly kubeconfig: string;
  /** Folder for log, pid file and what the program reads; made (0700) where it is missing. One process a folder. */
  readonly stateDir: string;
  /** What its files there begin with, and what events call it. @default 'simulator' */
  readonly name?: string;
  /** File of the program. */
  readonly program: string;
  /** What tells it from another build in its place, which one that runs makes way for. @default - its file alone does */
  readonly digest?: string | undefined;
  /** Where it listens, where others were told so. @default - on ports that are free */
  readonly ports?: ProcessPorts | undefined;
  /** Folder of the certificate of its webhooks. @default - it has none */
  readonly certDir?: string | undefined;
  /** What it does not come to work without, for an error. @default - what simulates hosts needs */
  readonly needs?: string | undefined;
  /** How long it may take until it is ready. @default 60 */
  readonly timeoutSeconds?: number;
}

/** The ports of 127.0.0.1 that a process listens on; that of its webhooks is open on every address. */
export interface ProcessPorts {
  readonly health: number;
  readonly metrics: number;
  readonly webhook?: number | undefined;
}

/** A process that runs. */
export interface RunningProcess {
  readonly kind: string;
  readonly pid: number;
  readonly program: string;
  readonly logFile: string;
  /** Answers 200 while it is at work. */
  readonly readyUrl: string;
  /** Over https for those whom the cluster allows, over http for all. */
  readonly metricsUrl: string;
  /** Undefined where a version before this one started it. */
  readonly ports: ProcessPorts | undefined;
  /** Whether it ran already, with the same props. */
  readonly found: boolean;
}

interface ProcessRecord {
  readonly kind: string;
  readonly readyUrl: string;
  readonly metricsUrl: string;
  readonly fingerprint: string;
  /** How it is called. No credentials: those are in the kubeconfig. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its file. Missing in records that versions before this one wrote. */
  readonly kubeconfig?: string;
  /** The script that runs beside it. */
  readonly beside?: string | undefined;
  readonly ports?: ProcessPorts | undefined;
  readonly needs?: string | undefined;
}

/** How the process of a folder is. */
export interface ProcessStatus extends DaemonStatus {
  readonly kind: string;
  /** Answers 200 while it is at work. */
  readonly readyUrl: string;
}

const SIMULATOR = 'simulator';
/** What runs beside it, by the name that kwok's has. */
const BESIDE_DAEMON = 'credentials';
const SIMULATOR_NEEDS = 'an API server that answers and the BareMetalHost CRD';
/** The API server describes a new CRD a moment after it is established, and kwok ends where it is not described. */
const ATTEMPTS = 8;
const ATTEMPT_PAUSE_MS = 500;

const recordFile = (dir: string, name: string) => join(dir, `${name}.json`);
const lockFile = (dir: string, name: string) => join(dir, `${name}.lock`);

/**
 * Starts a process and waits until it is at work. One that runs in its folder with the same props is left alone; one that
 * runs with others is stopped first: two that do the same work would fight over it.
 *
 * @throws TestbedError (environment) where the program cannot be started or ends, with the end of its log
 * @throws PortTakenError where somebody else listens on one of the ports that it was given
 * @throws TestbedError (timeout) where it is not ready in time
 * @throws the signal's reason once it is aborted; nothing is left running then, nor after any other error
 */
export async function startProcess(given: ProcessProps): Promise<RunningProcess> {
  const props = { ...given, stateDir: resolve(given.stateDir), kubeconfig: resolve(given.kubeconfig) };
  const { stateDir, name = SIMULATOR, listener, signal } = props;
  const timeoutMs = (props.timeoutSeconds ?? 60) * 1000;
  const startedAt = performance.now();
  signal?.throwIfAborted();
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  listener?.({ type: 'start', task: name, detail: `${props.kind} (${props.program})` });
  const started = await withLock(lockFile(stateDir, name), () => startLocked(props, startedAt + timeoutMs), {
    waitMs: timeoutMs,
    signal,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  listener?.({ type: 'done', task: name, detail: `${props.kind}, process ${started.pid}`, seconds });
  return started;
}

/** The process that runs from a folder; undefined where none does. @param name that its files begin with */
export function findProcess(stateDir: string, name = SIMULATOR): RunningProcess | undefined {
  const daemon = findDaemon(stateDir, name);
  const record = readRecord(stateDir, name);
  return daemon && record ? describe(daemon, record, true) : undefined;
}

/** How the process of a folder is; undefined where there was none. */
export function processStatus(stateDir: string, name = SIMULATOR): ProcessStatus | undefined {
  const record = readRecord(stateDir, name);
  return record && { ...daemonStatus(stateDir, name), kind: record.kind, readyUrl: record.readyUrl };
}

/**
 * How the process beside kwok is that looks at the Secrets of its hosts; undefined where there was none, as beside the
 * operator.
 */
export function credentialsWatchStatus(stateDir: string): DaemonStatus | undefined {
  const record = readRecord(stateDir, SIMULATOR);
  if (record?.beside === undefined || record.kubeconfig === undefined) return undefined;
  return daemonStatus(stateDir, BESIDE_DAEMON);
}

/**
 * Stops the process of a folder; its log stays. What it took care of stays as it is, what is being deleted too. A start that
 * is under way is waited for.
 *
 * @returns whether one ran
 * @throws TestbedError (environment) where it cannot be stopped
 */
export async function stopProcess(stateDir: string, options: StopOptions = {}, name = SIMULATOR): Promise<boolean> {
  // Where its folder was deleted under it, there is nothing to lock and something to stop.
  if (!existsSync(stateDir)) return stopBoth(stateDir, name, options);
  return withLock(lockFile(stateDir, name), () => stopBoth(stateDir, name, options));
}

async function stopBoth(stateDir: string, name: string, options: StopOptions = {}): Promise<boolean> {
  if (name === SIMULATOR) await stopDaemon(stateDir, BESIDE_DAEMON, options);
  return stopDaemon(stateDir, name, options);
}

/** Starts what is to run beside it, unless it runs. */
async function startBeside({
  beside,
  stateDir,
  kubeconfig,
}: Pick<ProcessProps, 'beside' | 'stateDir' | 'kubeconfig'>): Promise<void> {
  if (beside === undefined || findDaemon(stateDir, BESIDE_DAEMON)) return;
  const args = [beside, kubeconfig];
  await startDaemon({ name: BESIDE_DAEMON, dir: stateDir, file: process.execPath, args });
}

/**
 * Starts a process again that has ended, as it was started before.
 *
 * @returns whether it had; not where it runs, or was stopped on purpose
 * @throws TestbedError as {@link startProcess} does
 */
export function restartProcess(stateDir: string, options: RestartOptions, name = SIMULATOR): Promise<boolean> {
  return restartEnded({ stateDir, name, daemon: name }, options, async (record, deadline) => {
    const { signal } = options;
    await launch({ stateDir, name }, () => Promise.resolve(record), { deadline, signal });
  });
}

/**
 * Starts a process as it was started before, whether it has ended or was stopped; one that runs is left alone.
 *
 * @throws TestbedError as {@link startProcess} does; `environment` where there was none
 */
export function resumeProcess(
  stateDir: string,
  { timeoutMs, signal }: RestartOptions,
  name = SIMULATOR,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const resume = async () => {
    if (findDaemon(stateDir, name)) return;
    const record = readRecord(stateDir, name);
    if (record === undefined) throw new TestbedError('environment', `no ${name} has run in ${stateDir}`);
    await launch({ stateDir, name }, () => Promise.resolve(record), { deadline, signal });
  };
  return withLock(lockFile(stateDir, name), resume, { waitMs: timeoutMs, signal });
}

/** As {@link restartProcess}, for what {@link credentialsWatchStatus} tells of. */
export function restartCredentialsWatch(stateDir: string, options: RestartOptions): Promise<boolean> {
  return restartEnded(
    { stateDir, name: SIMULATOR, daemon: BESIDE_DAEMON },
    options,
    async ({ beside, kubeconfig = '' }) => {
      await startBeside({ beside, stateDir, kubeconfig });
    },
  );
}

interface RestartOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Where a process has its folder, and what its files there begin with. */
interface Home {
  readonly stateDir: string;
  readonly name: string;
}

function restartEnded(
  { stateDir, name, daemon }: Home & { readonly daemon: string },
  { timeoutMs, signal }: RestartOptions,
  start: (record: ProcessRecord, deadline: number) => Promise<void>,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  const again = async () => {
    const record = readRecord(stateDir, name);
    // Versions before this one did not write down how it was called.
    if (!record || !('args' in record) || daemonStatus(stateDir, daemon).state !== 'ended') return false;
    await start(record, deadline);
    return true;
  };
  return withLock(lockFile(stateDir, name), again, { waitMs: timeoutMs, signal });
}

async function startLocked(props: ProcessProps, deadline: number): Promise<RunningProcess> {
  const { stateDir, name = SIMULATOR } = props;
  const fingerprint = fingerprintOf(props);
  const running = findDaemon(stateDir, name);
  const record = readRecord(stateDir, name);
  if (running && record?.fingerprint === fingerprint && (await isReady(record.readyUrl))) {
    await startBeside(props);
    return describe(running, record, true);
  }
  await stopBoth(stateDir, name);
  const prepare = async (): Promise<ProcessRecord> => {
    const { kind, program, kubeconfig, beside, needs } = props;
    const [health = 0, metrics = 0] = props.ports === undefined ? await freePorts(2) : [];
    const ports = props.ports ?? { health, metrics };
    const { readyUrl, metricsUrl, args, env, files = {} } = callOf(props, ports);
    for (const [file, content] of Object.entries(files)) writeFileAtomicSync(join(stateDir, file), content);
    return { kind, readyUrl, metricsUrl, fingerprint, program, args, env, kubeconfig, beside, ports, needs };
  };
  // It is there before the objects are, and needs nothing of the simulator.
  await startBeside(props);
  return launch({ stateDir, name }, prepare, { deadline, signal: props.signal });
}

interface LaunchOptions {
  /** On the clock of performance.now(). */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** @returns the process that is ready; where that fails, none is left */
async function launch(
  home: Home,
  prepare: () => Promise<ProcessRecord>,
  options: LaunchOptions,
): Promise<RunningProcess> {
  try {
    return await attemptAll(home, prepare, options);
  } catch (error) {
    await stopBoth(home.stateDir, home.name);
    throw error;
  }
}

/** What no further attempt would mend. */
const CALLED_WRONGLY = /unknown (shorthand )?flag|flag provided but not defined|invalid (argument|value) .*\bflag\b/i;

/** What choosing another port mends, and waiting does not. */
const PORT_TAKEN = /address already in use/i;

async function attemptAll(
  { stateDir, name }: Home,
  prepare: () => Promise<ProcessRecord>,
  { deadline, signal }: LaunchOptions,
): Promise<RunningProcess> {
  for (let attempt = 1; ; attempt++) {
    const record = await prepare();
    const { kind, program, args, readyUrl, needs = SIMULATOR_NEEDS } = record;
    writeFileAtomicSync(recordFile(stateDir, name), JSON.stringify(record) + '\n');
    const env = { ...plainEnvironment(), ...record.env };
    const daemon = await startDaemon({ name, dir: stateDir, file: program, args, env });

    const deadlineMs = Math.max(0, deadline - performance.now());
    const ready = await until(async () => (!daemon.isAlive() ? 'ended' : (await isReady(readyUrl)) && 'ready'), {
      deadlineMs,
      everyMs: 50,
      signal,
    });
    if (ready === 'ready') return describe(daemon, record, false);
    const log = await tailOf(daemon.logFile);
    if (ready === undefined) {
      throw new TestbedError(
        'timeout',
        `${kind} did not become ready in time; the end of its log (${daemon.logFile}):\n${log}`,
      );
    }
    if (name !== SIMULATOR && PORT_TAKEN.test(log)) throw portTaken(record, daemon.logFile, log);
    if (attempt === ATTEMPTS || CALLED_WRONGLY.test(log) || performance.now() + ATTEMPT_PAUSE_MS >= deadline) {
      // A process is gone a moment before Node.js tells how it ended.
      const ending = await until(() => daemon.ending(), { deadlineMs: 1_000, everyMs: 5 });
      throw new TestbedError(
        'environment',
        `${kind} ended (${ending ?? 'killed'}) before it was ready; it needs ${needs}; ` +
          `the end of its log (${daemon.logFile}):\n${log}`,
      );
    }
    await pause(ATTEMPT_PAUSE_MS, undefined, signal ? { signal } : {});
  }
}

function describe(daemon: Daemon, record: ProcessRecord, found: boolean): RunningProcess {
  const { pid, file: program, logFile } = daemon;
  const { kind, readyUrl, metricsUrl, ports } = record;
  return { kind, pid, program, logFile, readyUrl, metricsUrl, ports, found };
}

function portTaken({ kind, ports }: ProcessRecord, logFile: string, log: string): PortTakenError {
  const numbers = Object.values({ ...ports }).filter((port) => port !== undefined);
  return new PortTakenError(
    'environment',
    `${kind} cannot listen: another process has one of its ports (${numbers.join(', ')}); end that process, or run 'metal3-testbed up', which chooses others; ` +
      `the end of its log (${logFile}):\n${log}`,
  );
}

function callOf({ form, kubeconfig, stateDir, certDir }: ProcessProps, ports: ProcessPorts): ProcessCall {
  const at = (port: number) => `127.0.0.1:${port}`;
  const { health, metrics, webhook = 0 } = ports;
  const served = certDir === undefined ? undefined : { port: webhook, certDir };
  return form.at({ folder: stateDir, kubeconfig, health: at(health), metrics: at(metrics), webhook: served });
}

/** Tells whether a process runs with what it would be started with now. A digest, for a kubeconfig holds keys. */
function fingerprintOf(props: ProcessProps): string {
  const { kind, program, digest, kubeconfig } = props;
  const { args, env, files = {} } = callOf(props, { health: 0, metrics: 0 });
  return createHash('sha256')
    .update(JSON.stringify([kind, resolve(program), digest, kubeconfig, readKubeconfig(kubeconfig), args, env, files]))
    .digest('hex');
}

function readKubeconfig(file: string): string {
  try {
    return readBoundedSync(file).toString();
  } catch (error) {
    throw new TestbedError(
      'invalid-input',
      `kubeconfig ${file} cannot be read: ${(error as Error).message}; name one that can`,
      {
        cause: error,
      },
    );
  }
}

function readRecord(stateDir: string, name: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readBoundedSync(recordFile(stateDir, name)).toString()) as ProcessRecord;
  } catch {
    return undefined;
  }
}

async function isReady(url: string): Promise<boolean> {
  return (await askHealth(url, 2_000)) === 'well';
}

/** @returns `silent` where nothing is answered in time; `unwell` where it is refused, or another answer than 200 */
export async function askHealth(url: string, timeoutMs: number): Promise<'well' | 'unwell' | 'silent'> {
  try {
    const { ok, body } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await body?.cancel();
    return ok ? 'well' : 'unwell';
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : 'unwell';
  }
}
