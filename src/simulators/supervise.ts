/** Looks after the processes of a testbed on this machine, while a command does something that needs them. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import { clusterProcesses, restartLocalCluster } from '../cluster/local/local-cluster';
import { stateLayout } from '../cluster/local/state';
import type { Operation } from '../util/events';
import { daemonStatus, type DaemonStatus } from '../process/daemon';
import { isStopped, standsStill } from '../process/identity';
import { tailOf } from '../process/log-tail';
import {
  askHealth,
  credentialsWatchStatus,
  restartCredentialsWatch,
  restartProcess,
  processStatus,
} from './background-process';
import { CLUSTER_PROCESSES, CREDENTIALS_WATCH, homesIn, HOST_SIMULATORS, type ProcessHome } from './process-folders';
import { until } from '../util/until';

export interface SuperviseOptions extends Operation {
  readonly stateDir: string;
  /**
   * For a command that has started nothing itself: whether what ended before it began is started again as well, and what does
   * not run is named.
   * @default false
   */
  readonly revive?: boolean;
}

/** How often it is looked, in milliseconds. */
const LOOK_MS = 500;
/** How long a health request may go unanswered before it is told, and how often one is sent, in milliseconds. */
const SILENT_MS = 5_000;
const ASK_MS = 2_000;
/** How long a simulator may take to come back, in milliseconds. */
const RESTART_MS = 60_000;
/** How long a process that was stopped on purpose may not run before it is told, in milliseconds. */
const MISSING_MS = 1_500;
/** Lines of a log in a message. */
const LINES = 3;

/**
 * Runs an action while the processes of a testbed on this machine are looked after. One that ends by itself is started again,
 * once; one that ends a second time ends the action, with the reason from its log. One that stands still, or does not
 * answer, is named to the listener, and in the error of a timeout.
 *
 * @param action is given a signal that ends it
 * @throws TestbedError (`environment`) where a process has ended for good; what the action throws
 */
export async function supervised<T>(
  options: SuperviseOptions,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const supervisor = new Supervisor(options);
  const looking = supervisor.look();
  try {
    return await action(supervisor.signal);
  } catch (error) {
    throw supervisor.explain(error);
  } finally {
    supervisor.stop();
    await looking;
  }
}

/** One of the processes. */
interface Watched {
  /** As the reader knows it. */
  readonly name: string;
  readonly task: string;
  status(): DaemonStatus | undefined;
  /** @returns whether it had ended */
  restart(signal: AbortSignal): Promise<boolean>;
  /** Answers while it is at work. */
  readonly healthUrl: string | undefined;
}

class Supervisor {
  private readonly ended = new AbortController();
  private readonly stopped = new AbortController();
  /** Processes that were seen running, by their name. */
  private readonly seen = new Map<string, number>();
  /** Since when processes have not run, by their name. */
  private readonly missing = new Map<string, number>();
  private readonly restarted = new Set<string>();
  /** What is wrong now, by the name of the process. */
  private readonly problems = new Map<string, string>();
  private readonly asked = new Map<string, { readonly at: number; answer?: string }>();
  readonly signal: AbortSignal;

  constructor(private readonly options: SuperviseOptions) {
    const { signal } = options;
    this.signal = signal ? AbortSignal.any([signal, this.ended.signal]) : this.ended.signal;
  }

  /** Until it is stopped. */
  async look(): Promise<void> {
    while (!this.stopped.signal.aborted && !this.ended.signal.aborted) {
      for (const watched of watchedIn(this.options.stateDir)) await this.lookAt(watched);
      await delay(LOOK_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.stopped.abort();
  }

  explain(error: unknown): unknown {
    // Whatever came of the action that was ended.
    if (this.ended.signal.aborted) return this.ended.signal.reason;
    if (!(error instanceof TestbedError) || error.code !== 'timeout' || this.problems.size === 0) return error;
    return new TestbedError('timeout', [error.message, ...this.problems.values()].join('\n'), { cause: error });
  }

  private async lookAt(watched: Watched): Promise<void> {
    const { name } = watched;
    const status = watched.status();
    if (status?.state === 'running' && status.pid !== undefined) {
      this.seen.set(name, status.pid);
      this.missing.delete(name);
      const problem = (await isStopped(status.pid)) ? standsStill(name, status.pid) : this.silence(watched);
      this.note(watched, problem);
    } else if (status?.state === 'ended' && (this.options.revive || this.seen.has(name))) {
      await this.revive(watched, status);
    } else {
      this.note(watched, this.isMissing(name) ? `${name} does not run: 'metal3-testbed up' starts it` : undefined);
    }
  }

  /** Whether one that nobody here has stopped has not run for a while, in which another command may start it again. */
  private isMissing(name: string): boolean {
    if (!this.options.revive) return false;
    const since = this.missing.get(name) ?? performance.now();
    this.missing.set(name, since);
    return performance.now() - since >= MISSING_MS;
  }

  /** Tells of a problem once, until it is over. */
  private note({ name, task }: Watched, problem: string | undefined): void {
    const before = this.problems.get(name);
    if (problem === undefined) this.problems.delete(name);
    else this.problems.set(name, problem);
    if (problem !== undefined && problem !== before) this.warn(task, problem);
  }

  private warn(task: string, detail: string): void {
    this.options.listener?.({ type: 'warning', task, detail });
  }

  /** Asks for its health beside all else, and says what came of the last time. */
  private silence({ name, healthUrl }: Watched): string | undefined {
    if (healthUrl === undefined) return undefined;
    const last = this.asked.get(name);
    const isUnderWay = last !== undefined && last.answer === undefined;
    if (!isUnderWay && performance.now() - (last?.at ?? -Infinity) >= ASK_MS) {
      const asked: { readonly at: number; answer?: string } = { at: performance.now() };
      this.asked.set(name, asked);
      void askHealth(healthUrl, SILENT_MS).then((answer) => (asked.answer = answer));
    }
    if (last?.answer !== 'silent') return undefined;
    return `${name} does not answer: no response from ${healthUrl} for ${SILENT_MS / 1000} s`;
  }

  private async revive(watched: Watched, status: DaemonStatus): Promise<void> {
    const { name, task } = watched;
    // A process is gone a moment before Node.js tells how it ended.
    const ending =
      status.ending ?? (await until(() => watched.status()?.ending, { deadlineMs: 100, everyMs: 10 }).catch(() => ''));
    const how = `${name} has ended${ending ? ` (${ending})` : ''}`;
    const log = await tailOf(status.logFile, LINES);
    const said = `the end of its log (${status.logFile}):\n${log}`;
    const signal = AbortSignal.any([this.signal, this.stopped.signal]);
    try {
      if (this.restarted.has(name)) {
        if (watched.status()?.state !== 'ended') return;
        throw new TestbedError('environment', `${how} again after a restart; ${said}`);
      }
      if (!(await watched.restart(signal))) return;
      this.restarted.add(name);
      this.warn(task, `${how} and was started again; ${said}`);
    } catch (error) {
      if (signal.aborted) return;
      const isTold = this.restarted.has(name);
      const why = isTold ? '' : `${how}; ${said}\nit could not be started again: `;
      this.ended.abort(new TestbedError('environment', why + (error as Error).message, { cause: error }));
    }
  }
}

/** The processes of a testbed that run on this machine now, by the names that messages have for them. */
export function runningProcesses(stateDir: string): readonly { readonly name: string; readonly pid: number }[] {
  return watchedIn(stateDir).flatMap((watched) => {
    const { state, pid } = watched.status() ?? {};
    return state === 'running' && pid !== undefined ? [{ name: watched.name, pid }] : [];
  });
}

/** All that a testbed has on this machine now. */
function watchedIn(stateDir: string): readonly Watched[] {
  if (!existsSync(stateDir)) return [];
  const layout = stateLayout(stateDir);
  const simulators = homesIn(stateDir, HOST_SIMULATORS);
  return [
    ...clusterProcesses(stateDir).map((name) => ({
      name,
      task: 'control plane',
      healthUrl: undefined,
      status: () => daemonStatus(layout.run, name),
      restart: (signal: AbortSignal) => restartLocalCluster(stateDir, name, { signal }),
    })),
    ...simulators.flatMap((home, i) => {
      const watched = watchedProcess(home, simulators.length > 1 ? ` ${i + 1}` : '');
      const { folder } = home;
      if (credentialsWatchStatus(folder) === undefined) return watched;
      const credentials: Watched = {
        name: CREDENTIALS_WATCH,
        task: 'simulator',
        healthUrl: undefined,
        status: () => credentialsWatchStatus(folder),
        restart: (signal) => restartCredentialsWatch(folder, { timeoutMs: RESTART_MS, signal }),
      };
      return [...watched, credentials];
    }),
    ...homesIn(stateDir, CLUSTER_PROCESSES).flatMap((home) => watchedProcess(home)),
  ];
}

/** @param number that tells it from others of its kind. @returns none where there never was one */
function watchedProcess({ folder, name }: ProcessHome, number = ''): readonly Watched[] {
  const status = processStatus(folder, name);
  if (status === undefined) return [];
  const watched: Watched = {
    name: `${status.kind}${number}`,
    task: name,
    healthUrl: status.readyUrl,
    status: () => processStatus(folder, name),
    restart: (signal) => restartProcess(folder, { timeoutMs: RESTART_MS, signal }, name),
  };
  return [watched];
}
