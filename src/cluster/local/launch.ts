/** Starts etcd and kube-apiserver, and waits until they answer; or leaves no process behind. */
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { TestbedError } from '../../../lib/errors';
import type { Listener } from '../../util/events';
import type { Daemon } from '../../process/daemon';
import { plainEnvironment, startDaemon, stopDaemon } from '../../process/daemon';
import { tailOf } from '../../process/log-tail';
import { until } from '../../util/until';
import { apiServerArguments, etcdArguments } from './arguments';
import type { Certificates } from './certificates';
import { damageInLog, damageOfWaiting, damagedData } from './etcd-data';
import { HealthProbe } from './health';
import { PortTakenError } from './ports';
import type { Ports, StateLayout } from './state';

export const ETCD = 'etcd';
export const API_SERVER = 'kube-apiserver';

/** A failed start is given no time to end politely: etcd's data of such a start is no loss, and old data is safe. */
export const FAILED_START_GRACE_MS = 2_000;

/** What is started, and with what. */
export interface LaunchProps {
  readonly layout: StateLayout;
  readonly ports: Ports;
  readonly certificates: Certificates;
  readonly etcdFile: string;
  readonly apiServerFile: string;
  readonly etcdArguments: readonly string[];
  readonly apiServerArguments: readonly string[];
  /** The Go garbage collector's GOGC of kube-apiserver. */
  readonly apiServerGogc: number;
  readonly durable: boolean;
  /** Whether etcd goes on from data of an earlier run. */
  readonly hadData: boolean;
  readonly timeoutMs: number;
  readonly listener: Listener | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws TestbedError (environment) where a process dies, with the last lines of its log
 * @throws TestbedError (timeout) where the API server does not become ready
 */
export async function launch(props: LaunchProps): Promise<void> {
  const { layout, ports, certificates, signal } = props;
  try {
    const daemons: Daemon[] = [];
    // Both at once: kube-apiserver tries again until etcd is there, and needs a second to come that far.
    daemons.push(
      await startDaemon({
        name: ETCD,
        dir: layout.run,
        file: props.etcdFile,
        args: [...etcdArguments(ports, certificates, layout.data, props.durable), ...props.etcdArguments],
      }),
    );
    daemons.push(
      await startDaemon({
        name: API_SERVER,
        dir: layout.run,
        file: props.apiServerFile,
        args: [...apiServerArguments(ports, certificates), ...props.apiServerArguments],
        env: {
          ...plainEnvironment(),
          GOGC: String(props.apiServerGogc),
          // Soft: beyond it, garbage is collected more often instead.
          GOMEMLIMIT: `${Math.floor(totalmem() / 3)}B`,
        },
      }),
    );
    await ready(props, daemons);
  } catch (error) {
    await stopDaemon(layout.run, API_SERVER, { graceMs: FAILED_START_GRACE_MS });
    await stopDaemon(layout.run, ETCD, { graceMs: FAILED_START_GRACE_MS });
    signal?.throwIfAborted();
    throw error;
  }
}

async function ready(props: LaunchProps, daemons: readonly Daemon[]): Promise<void> {
  const { layout, timeoutMs, signal, listener } = props;
  const probe = await HealthProbe.open(props.ports, props.certificates);
  let missing: string | undefined;
  try {
    const isReady = await until(
      async () => {
        const dead = daemons.find((daemon) => !daemon.isAlive());
        const damage = await whatEtcdWaitsFor(props);
        if (damage !== undefined) throw damage;
        if (dead) throw await diedAtStart(dead, layout);
        const before = missing;
        missing = (await probe.whatIsMissing())?.what;
        if (missing !== undefined && missing !== before)
          listener?.({ type: 'progress', task: 'control plane', detail: missing });
        return missing === undefined;
      },
      { deadlineMs: timeoutMs, everyMs: 50, signal },
    );
    if (isReady) return;
  } finally {
    await probe.close();
  }
  const log = join(props.layout.run, `${API_SERVER}.log`);
  throw new TestbedError(
    'timeout',
    `the API server was not ready (${missing ?? 'no answer'}), timed out after ${timeoutMs / 1000} s; last lines of ${log}:\n${await tailOf(log)}`,
  );
}

/** An API server that waits in vain for etcd ends at last, and would be blamed. */
async function whatEtcdWaitsFor({ layout, hadData }: LaunchProps): Promise<TestbedError | undefined> {
  if (!hadData) return undefined;
  const damage = damageOfWaiting(await tailOf(join(layout.run, `${ETCD}.log`), ...WHOLE_LOG));
  return damage && damagedData(layout.data, damage);
}

async function diedAtStart(daemon: Daemon, { data }: StateLayout): Promise<TestbedError> {
  const log = await tailOf(daemon.logFile, ...WHOLE_LOG);
  const damage = daemon.name === ETCD ? damageInLog(log) : undefined;
  if (damage !== undefined) return damagedData(data, damage, lastLinesOf(daemon, tellingLines(log)));
  return endedAtStart(daemon);
}

/** @returns how a process has ended, with the last lines of its log and what mends it, where that is known */
export async function endedAtStart(daemon: Daemon): Promise<TestbedError> {
  const tail = tellingLines(await tailOf(daemon.logFile, ...WHOLE_LOG));
  // That it is gone may be seen before it is told how.
  const ending = await until(() => daemon.ending(), { deadlineMs: 1_000, everyMs: 5 });
  const lastLines = lastLinesOf(daemon, tail);
  const message = `${daemon.name} ended at start${ending ? ` (${ending})` : ''}${hintFor(tail)}${lastLines}`;
  return /address already in use/.test(tail)
    ? new PortTakenError('environment', message)
    : new TestbedError('environment', message);
}

function lastLinesOf({ logFile }: Daemon, tail: string): string {
  return `; last lines of ${logFile}:\n${tail}`;
}

const LINES_SHOWN = 12;
/** Lines and bytes of a log since its process was started: after what happened, a Go program prints all that it was at. */
const WHOLE_LOG = [10_000, 1024 ** 2] as const;

/** The last lines of a log, and before them the last that names an error: some programs print their whole usage after it. */
function tellingLines(log: string): string {
  const lines = log.split('\n');
  const shown = lines.slice(-LINES_SHOWN);
  const telling = (line: string) => /error|fatal|panic|not defined|unknown flag|invalid value/i.test(line);
  const earlier = shown.some(telling) ? undefined : lines.findLast(telling);
  return [...(earlier === undefined ? [] : [earlier, '...']), ...shown].join('\n');
}

/** What the log says of faults that have a known remedy. */
function hintFor(tail: string): string {
  if (/no space left on device/.test(tail)) return ': the disk is full; free some space, then run this again';
  if (/too many open files/.test(tail)) return ': too many open files; raise the limit (ulimit -n 65536)';
  return '';
}
