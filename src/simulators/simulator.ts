/**
 * What makes BareMetalHosts live: the Bare Metal Operator in test mode, or kwok with stages of ours, as one background
 * process beside the cluster. Any cluster will do that has a kubeconfig and the BareMetalHost CRD.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import { daemonStatus, findDaemon, plainEnvironment, startDaemon, stopDaemon } from '../process/daemon';
import { tailOf } from '../process/log-tail';
import type { Daemon, DaemonStatus, StopOptions } from '../process/daemon';
import { writeFileAtomicSync } from '../util/atomic-file';
import type { Operation } from '../util/events';
import { withLock } from '../util/lock';
import { readBoundedSync } from '../util/read-bounded';
import { until } from '../util/until';
import type { ProcessCall } from '../../lib/components/component';
import type { SimulatorSpec } from './simulators';

/** What a simulator is started with. */
export interface SimulatorProps extends SimulatorSpec, Operation {
  /** File of the kubeconfig of the cluster; its current context is used. */
  readonly kubeconfig: string;
  /** Folder for log, pid file and what the program reads; made (0700) where it is missing. One simulator a folder. */
  readonly stateDir: string;
  /** File of the program. */
  readonly program: string;
  /** What tells it from another build in its place, which one that runs makes way for. @default - its file alone does */
  readonly digest?: string | undefined;
  /** How long it may take until it is ready. @default 60 */
  readonly timeoutSeconds?: number;
}

/** A simulator that runs. */
export interface Simulator {
  readonly kind: string;
  readonly pid: number;
  readonly program: string;
  readonly logFile: string;
  /** Answers 200 while it is at work. */
  readonly readyUrl: string;
  /** Over https for those whom the cluster allows, over http for all. */
  readonly metricsUrl: string;
  /** Whether it ran already, with the same props. */
  readonly found: boolean;
}

interface SimulatorRecord {
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
}

/** How the simulator of a state folder is. */
export interface SimulatorStatus extends DaemonStatus {
  readonly kind: string;
  /** Answers 200 while it is at work. */
  readonly readyUrl: string;
}

const DAEMON = 'simulator';
/** What runs beside it, by the name that kwok's has. */
const BESIDE_DAEMON = 'credentials';
const RECORD_FILE = 'simulator.json';
const LOCK_FILE = 'simulator.lock';
/** The API server describes a new CRD a moment after it is established, and kwok ends where it is not described. */
const ATTEMPTS = 8;
const ATTEMPT_PAUSE_MS = 500;

/**
 * Starts a simulator and waits until it is at work. One that runs with the same props is left alone; one that runs with
 * others, of either kind, is stopped first: two that simulate the same hosts would fight over them.
 *
 * @throws TestbedError (environment) where the program cannot be started or ends, with the end of its log
 * @throws TestbedError (timeout) where it is not ready in time
 * @throws the signal's reason once it is aborted; nothing is left running then, nor after any other error
 */
export async function startSimulator(given: SimulatorProps): Promise<Simulator> {
  const props = { ...given, stateDir: resolve(given.stateDir), kubeconfig: resolve(given.kubeconfig) };
  const { stateDir, listener, signal } = props;
  const timeoutMs = (props.timeoutSeconds ?? 60) * 1000;
  const startedAt = performance.now();
  signal?.throwIfAborted();
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  listener?.({ type: 'start', task: 'simulator', detail: `${props.kind} (${props.program})` });
  const simulator = await withLock(join(stateDir, LOCK_FILE), () => startLocked(props, startedAt + timeoutMs), {
    waitMs: timeoutMs,
    signal,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  listener?.({ type: 'done', task: 'simulator', detail: `${props.kind}, process ${simulator.pid}`, seconds });
  return simulator;
}

/** The simulator that runs from this state folder; undefined where none does. */
export function findSimulator(stateDir: string): Simulator | undefined {
  const daemon = findDaemon(stateDir, DAEMON);
  const record = readRecord(stateDir);
  return daemon && record ? describe(daemon, record, true) : undefined;
}

/** How the simulator of this state folder is; undefined where there was none. */
export function simulatorStatus(stateDir: string): SimulatorStatus | undefined {
  const record = readRecord(stateDir);
  return record && { ...daemonStatus(stateDir, DAEMON), kind: record.kind, readyUrl: record.readyUrl };
}

/**
 * How the process beside kwok is that looks at the Secrets of its hosts; undefined where there was none, as beside the
 * operator.
 */
export function credentialsWatchStatus(stateDir: string): DaemonStatus | undefined {
  const record = readRecord(stateDir);
  if (record?.beside === undefined || record.kubeconfig === undefined) return undefined;
  return daemonStatus(stateDir, BESIDE_DAEMON);
}

/**
 * Stops the simulator of a state folder; its log stays. Hosts stay as they are, those that are being deleted too. A start
 * that is under way is waited for.
 *
 * @returns whether one ran
 * @throws TestbedError (environment) where it cannot be stopped
 */
export async function stopSimulator(stateDir: string, options: StopOptions = {}): Promise<boolean> {
  // Where its folder was deleted under it, there is nothing to lock and something to stop.
  if (!existsSync(stateDir)) return stopBoth(stateDir, options);
  return withLock(join(stateDir, LOCK_FILE), () => stopBoth(stateDir, options));
}

async function stopBoth(stateDir: string, options: StopOptions = {}): Promise<boolean> {
  await stopDaemon(stateDir, BESIDE_DAEMON, options);
  return stopDaemon(stateDir, DAEMON, options);
}

/** Starts what is to run beside it, unless it runs. */
async function startBeside({
  beside,
  stateDir,
  kubeconfig,
}: Pick<SimulatorProps, 'beside' | 'stateDir' | 'kubeconfig'>): Promise<void> {
  if (beside === undefined || findDaemon(stateDir, BESIDE_DAEMON)) return;
  const args = [beside, kubeconfig];
  await startDaemon({ name: BESIDE_DAEMON, dir: stateDir, file: process.execPath, args });
}

/**
 * Starts a simulator again that has ended, as it was started before.
 *
 * @returns whether it had; not where it runs, or was stopped on purpose
 * @throws TestbedError as {@link startSimulator} does
 */
export function restartSimulator(stateDir: string, options: RestartOptions): Promise<boolean> {
  return restartEnded(stateDir, DAEMON, options, async (record, deadline) => {
    const { signal } = options;
    await launch(stateDir, () => Promise.resolve(record), { deadline, signal });
  });
}

/** As {@link restartSimulator}, for what {@link credentialsWatchStatus} tells of. */
export function restartCredentialsWatch(stateDir: string, options: RestartOptions): Promise<boolean> {
  return restartEnded(stateDir, BESIDE_DAEMON, options, async ({ beside, kubeconfig = '' }) => {
    await startBeside({ beside, stateDir, kubeconfig });
  });
}

interface RestartOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

function restartEnded(
  stateDir: string,
  daemon: string,
  { timeoutMs, signal }: RestartOptions,
  start: (record: SimulatorRecord, deadline: number) => Promise<void>,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  const again = async () => {
    const record = readRecord(stateDir);
    // Versions before this one did not write down how it was called.
    if (!record || !('args' in record) || daemonStatus(stateDir, daemon).state !== 'ended') return false;
    await start(record, deadline);
    return true;
  };
  return withLock(join(stateDir, LOCK_FILE), again, { waitMs: timeoutMs, signal });
}

async function startLocked(props: SimulatorProps, deadline: number): Promise<Simulator> {
  const { stateDir } = props;
  const fingerprint = fingerprintOf(props);
  const running = findDaemon(stateDir, DAEMON);
  const record = readRecord(stateDir);
  if (running && record?.fingerprint === fingerprint && (await isReady(record.readyUrl))) {
    await startBeside(props);
    return describe(running, record, true);
  }
  await stopBoth(stateDir);
  const prepare = async (): Promise<SimulatorRecord> => {
    const { kind, program, kubeconfig, beside } = props;
    const [health, metrics] = await freePorts(2);
    const { readyUrl, metricsUrl, args, env, files = {} } = callOf(props, [health, metrics]);
    for (const [name, content] of Object.entries(files)) writeFileAtomicSync(join(stateDir, name), content);
    return { kind, readyUrl, metricsUrl, fingerprint, program, args, env, kubeconfig, beside };
  };
  // It is there before the objects are, and needs nothing of the simulator.
  await startBeside(props);
  return launch(stateDir, prepare, { deadline, signal: props.signal });
}

interface LaunchOptions {
  /** On the clock of performance.now(). */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** @returns the simulator that is ready; where that fails, none is left */
async function launch(
  stateDir: string,
  prepare: () => Promise<SimulatorRecord>,
  options: LaunchOptions,
): Promise<Simulator> {
  try {
    return await attemptAll(stateDir, prepare, options);
  } catch (error) {
    await stopBoth(stateDir);
    throw error;
  }
}

/** What no further attempt would mend. */
const CALLED_WRONGLY = /unknown (shorthand )?flag|flag provided but not defined|invalid (argument|value) .*\bflag\b/i;

async function attemptAll(
  stateDir: string,
  prepare: () => Promise<SimulatorRecord>,
  { deadline, signal }: LaunchOptions,
): Promise<Simulator> {
  for (let attempt = 1; ; attempt++) {
    const record = await prepare();
    const { kind, program, args, readyUrl } = record;
    writeFileAtomicSync(join(stateDir, RECORD_FILE), JSON.stringify(record) + '\n');
    const env = { ...plainEnvironment(), ...record.env };
    const daemon = await startDaemon({ name: DAEMON, dir: stateDir, file: program, args, env });

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
    if (attempt === ATTEMPTS || CALLED_WRONGLY.test(log) || performance.now() + ATTEMPT_PAUSE_MS >= deadline) {
      // A process is gone a moment before Node.js tells how it ended.
      const ending = await until(() => daemon.ending(), { deadlineMs: 1_000, everyMs: 5 });
      throw new TestbedError(
        'environment',
        `${kind} ended (${ending ?? 'killed'}) before it was ready; it needs an API server that answers and the BareMetalHost CRD; ` +
          `the end of its log (${daemon.logFile}):\n${log}`,
      );
    }
    await pause(ATTEMPT_PAUSE_MS, undefined, signal ? { signal } : {});
  }
}

function describe(daemon: Daemon, record: SimulatorRecord, found: boolean): Simulator {
  const { pid, file: program, logFile } = daemon;
  return { kind: record.kind, pid, program, logFile, readyUrl: record.readyUrl, metricsUrl: record.metricsUrl, found };
}

/** @param ports of health and metrics */
function callOf({ form, kubeconfig, stateDir }: SimulatorProps, ports: readonly [number, number]): ProcessCall {
  const [health, metrics] = ports.map((port) => `127.0.0.1:${port}`) as [string, string];
  return form.at({ folder: stateDir, kubeconfig, health, metrics });
}

/** Tells whether a simulator runs with what it would be started with now. A digest, for a kubeconfig holds keys. */
function fingerprintOf(props: SimulatorProps): string {
  const { kind, program, digest, kubeconfig } = props;
  const { args, env, files = {} } = callOf(props, [0, 0]);
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

function readRecord(stateDir: string): SimulatorRecord | undefined {
  try {
    return JSON.parse(readBoundedSync(join(stateDir, RECORD_FILE)).toString()) as SimulatorRecord;
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

/** Ports of loopback that were free a moment ago. */
async function freePorts(count: 2): Promise<readonly [number, number]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
