/** The background processes of a testbed, found by the folders that they have in its state folder. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Listener, Operation } from '../util/events';
import type { DaemonStatus } from '../process/daemon';
import { isStopped, standsStill } from '../process/identity';
import { tailOf } from '../process/log-tail';
import type { RunningProcess } from './background-process';
import type { SimulatorSpec } from './simulators';
import {
  askHealth,
  credentialsWatchStatus,
  findProcess,
  processStatus,
  startProcess,
  stopProcess,
} from './background-process';
import { removeIfEmpty } from '../util/remove-if-empty';
import { removeOwn } from '../util/remove-own';

/** A program, and what tells one build of it from another in its place. */
export interface ProgramFile {
  readonly file: string;
  readonly digest?: string | undefined;
}

/** Processes that a testbed has folders of in one place. */
export interface ProcessGroup {
  /** The place, below the state folder. */
  readonly folder: string;
  /** What a folder there is called that is one of theirs. */
  readonly member: RegExp;
  /** What the files of a process begin with. @param folder its own */
  readonly nameIn: (folder: string) => string;
  /** Files of the place itself. @default - it has none */
  readonly files?: RegExp;
  /** What events call them together. */
  readonly task: string;
}

/** What simulates the hosts: one, or one for each operator. */
export const HOST_SIMULATORS: ProcessGroup = {
  folder: 'simulators',
  member: /^\d+$/,
  nameIn: () => 'simulator',
  task: 'simulator',
};

/** What takes care of clusters: the managers of Cluster API where the cluster has no pods, and the API of workload clusters. */
export const CLUSTER_PROCESSES: ProcessGroup = {
  folder: 'processes',
  member: /^[a-z][a-z0-9-]*$/,
  nameIn: (folder) => basename(folder),
  files: /^ports\.(json|lock)$/,
  task: 'cluster processes',
};

/** Where one process has its folder, and what its files there begin with. */
export interface ProcessHome {
  readonly folder: string;
  readonly name: string;
}

interface StartProps extends Operation {
  readonly kubeconfig: string;
  readonly stateDir: string;
  /** The program of each; of one alone, that of all. */
  readonly programs: readonly ProgramFile[];
  readonly specs: readonly SimulatorSpec[];
}

/**
 * Starts the simulators of a testbed, side by side, and stops those of an earlier description. Those that run already as
 * they should are left alone.
 *
 * @throws TestbedError (`environment`, `timeout`) where one does not come to work
 */
export async function startSimulators(props: StartProps): Promise<readonly RunningProcess[]> {
  const { stateDir, kubeconfig, programs, specs, listener, signal } = props;
  const calls = specs.map((spec, i) => {
    const { file: program = '', digest } = programs[i] ?? programs[0] ?? {};
    return { ...spec, kubeconfig, program, digest, listener, signal };
  });
  const folders = calls.map((_, i) => join(stateDir, HOST_SIMULATORS.folder, String(i + 1)));
  for (const { folder } of homesIn(stateDir, HOST_SIMULATORS)) if (!folders.includes(folder)) await stopProcess(folder);
  const started: RunningProcess[] = [];
  // One after the other: each may take a whole core until it is ready.
  for (const [i, call] of calls.entries()) started.push(await startProcess({ ...call, stateDir: folders[i] ?? '' }));
  return started;
}

/** The simulators that a testbed has had, each with its folder; `simulator` is undefined for one that does not run. */
export function findSimulators(
  stateDir: string,
): readonly { readonly folder: string; readonly simulator: RunningProcess | undefined }[] {
  return homesIn(stateDir, HOST_SIMULATORS).map(({ folder }) => ({ folder, simulator: findProcess(folder) }));
}

/** How long a process may take to answer, in milliseconds. */
const ANSWER_MS = 3_000;

/** How the reader knows the process beside kwok that looks at the Secrets of its hosts. */
export const CREDENTIALS_WATCH = 'the watch of credentials';

/** What keeps the simulators of a testbed from their work: one sentence each. */
export async function simulatorProblems(stateDir: string): Promise<readonly string[]> {
  const problems = await Promise.all(
    homesIn(stateDir, HOST_SIMULATORS).map(async (home) => {
      const problem = await processProblem(home);
      if (processStatus(home.folder)?.state === 'none') return [problem];
      const credentials = credentialsWatchStatus(home.folder);
      return [problem, credentials && (await problemOfProcess(CREDENTIALS_WATCH, credentials, home.folder))];
    }),
  );
  return problems.flat().filter((problem) => problem !== undefined);
}

/** What keeps one process from its work, in a sentence; undefined where nothing does. */
export async function processProblem({ folder, name }: ProcessHome): Promise<string | undefined> {
  const status = processStatus(folder, name);
  if (status === undefined) return `no ${name} runs (its folder is ${folder})`;
  const { kind, pid, readyUrl } = status;
  return (await problemOfProcess(kind, status, folder)) ?? problemOfAnswer(`${kind} (process ${pid})`, readyUrl);
}

async function problemOfProcess(name: string, status: DaemonStatus, folder: string): Promise<string | undefined> {
  const { state, pid, ending, logFile } = status;
  if (state === 'none' || pid === undefined) return `${name} has stopped (log in ${folder})`;
  if (state === 'ended') {
    const how = ending === undefined ? '' : ` (${ending})`;
    return `${name} has exited unexpectedly${how}; the end of its log (${logFile}):\n${await tailOf(logFile, 3)}\n`;
  }
  return (await isStopped(pid)) ? standsStill(name, pid) : undefined;
}

async function problemOfAnswer(name: string, url: string): Promise<string | undefined> {
  const answer = await askHealth(url, ANSWER_MS);
  if (answer === 'silent') return `${name} does not answer: no response from ${url} for ${ANSWER_MS / 1000} s`;
  return answer === 'well' ? undefined : `${name} is unhealthy: ${url} does not say ok`;
}

/** Stops all simulators of a testbed. @returns whether any ran */
export function stopSimulators(stateDir: string, options: StopProcessesOptions = {}): Promise<boolean> {
  return stopProcesses(stateDir, HOST_SIMULATORS, options);
}

export interface StopProcessesOptions {
  /** Whether their folders go as well. @default false */
  readonly delete?: boolean;
  readonly listener?: Listener | undefined;
}

/** Stops the processes of a testbed that are in one place. @returns whether any ran */
export async function stopProcesses(
  stateDir: string,
  group: ProcessGroup,
  options: StopProcessesOptions = {},
): Promise<boolean> {
  const start = performance.now();
  const homes = homesIn(stateDir, group);
  // Side by side: each may take its time, and they do not need one another.
  const stopped = await Promise.all(homes.map(({ folder, name }) => stopProcess(folder, {}, name)));
  const any = stopped.includes(true);
  if (any)
    options.listener?.({
      type: 'done',
      task: group.task,
      detail: 'stopped',
      seconds: (performance.now() - start) / 1000,
    });
  if (options.delete) {
    for (const { folder, name } of homes) removeOwn(folder, new RegExp(`^(${name}|kwok|credentials)[.-]`));
    const place = join(stateDir, group.folder);
    if (group.files !== undefined) removeOwn(place, group.files);
    if (existsSync(place)) removeIfEmpty(place);
  }
  return any;
}

/** The folders of a testbed's processes in one place. */
export function homesIn(stateDir: string, { folder: place, member, nameIn }: ProcessGroup): readonly ProcessHome[] {
  const dir = join(stateDir, place);
  if (!existsSync(dir)) return [];
  return (
    readdirSync(dir)
      .filter((name) => member.test(name))
      // In the order of the operators: by number, which 10 after 9 is.
      .sort((a, b) => Number(a) - Number(b) || a.localeCompare(b))
      .map((name) => join(dir, name))
      .map((folder) => ({ folder, name: nameIn(folder) }))
  );
}
