import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, Operation } from '../util/events';
import type { DaemonStatus } from '../process/daemon';
import { isStopped, standsStill } from '../process/identity';
import { tailOf } from '../process/log-tail';
import type { Simulator } from './simulator';
import type { SimulatorSpec } from './simulators';
import {
  askHealth,
  credentialsWatchStatus,
  findSimulator,
  simulatorStatus,
  startSimulator,
  stopSimulator,
} from './simulator';
import { removeIfEmpty } from '../util/remove-if-empty';
import { removeOwn } from '../util/remove-own';

/** A program, and what tells one build of it from another in its place. */
export interface ProgramFile {
  readonly file: string;
  readonly digest?: string | undefined;
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
export async function startSimulators(props: StartProps): Promise<readonly Simulator[]> {
  const { stateDir, kubeconfig, programs, specs, listener, signal } = props;
  const calls = specs.map((spec, i) => {
    const { file: program = '', digest } = programs[i] ?? programs[0] ?? {};
    return { ...spec, kubeconfig, program, digest, listener, signal };
  });
  const folders = calls.map((_, i) => folderOf(stateDir, i));
  for (const folder of simulatorFolders(stateDir)) if (!folders.includes(folder)) await stopSimulator(folder);
  const started: Simulator[] = [];
  // One after the other: each may take a whole core until it is ready.
  for (const [i, call] of calls.entries()) started.push(await startSimulator({ ...call, stateDir: folders[i] ?? '' }));
  return started;
}

/** The simulators that a testbed has had, each with its folder; `simulator` is undefined for one that does not run. */
export function findSimulators(
  stateDir: string,
): readonly { readonly folder: string; readonly simulator: Simulator | undefined }[] {
  return simulatorFolders(stateDir).map((folder) => ({ folder, simulator: findSimulator(folder) }));
}

/** How long a simulator may take to answer, in milliseconds. */
const ANSWER_MS = 3_000;

/** How the reader knows the process beside kwok that looks at the Secrets of its hosts. */
export const CREDENTIALS_WATCH = 'the watch of credentials';

/** What keeps the simulators of a testbed from their work: one sentence each. */
export async function simulatorProblems(stateDir: string): Promise<readonly string[]> {
  const problems = await Promise.all(simulatorFolders(stateDir).map(problemsOf));
  return problems.flat().filter((problem) => problem !== undefined);
}

async function problemsOf(folder: string): Promise<readonly (string | undefined)[]> {
  const status = simulatorStatus(folder);
  if (status === undefined) return [`no simulator runs (its folder is ${folder})`];
  const { kind, pid, readyUrl } = status;
  const problem = await problemOfProcess(kind, status, folder);
  if (problem !== undefined && status.state === 'none') return [problem];
  const credentials = credentialsWatchStatus(folder);
  return [
    problem ?? (await problemOfAnswer(`${kind} (process ${pid})`, readyUrl)),
    credentials && (await problemOfProcess(CREDENTIALS_WATCH, credentials, folder)),
  ];
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
export async function stopSimulators(
  stateDir: string,
  options: { readonly delete?: boolean; readonly listener?: Listener } = {},
): Promise<boolean> {
  const start = performance.now();
  let any = false;
  for (const folder of simulatorFolders(stateDir)) any = (await stopSimulator(folder)) || any;
  if (any)
    options.listener?.({
      type: 'done',
      task: 'simulator',
      detail: 'stopped',
      seconds: (performance.now() - start) / 1000,
    });
  if (options.delete) {
    for (const folder of simulatorFolders(stateDir)) removeOwn(folder, /^(simulator|kwok|credentials)[.-]/);
    if (existsSync(join(stateDir, FOLDER))) removeIfEmpty(join(stateDir, FOLDER));
  }
  return any;
}

const FOLDER = 'simulators';

function folderOf(stateDir: string, i: number): string {
  return join(stateDir, FOLDER, String(i + 1));
}

/** The folders of a testbed's simulators. */
export function simulatorFolders(stateDir: string): string[] {
  const folder = join(stateDir, FOLDER);
  if (!existsSync(folder)) return [];
  // In the order of the operators: by number, which 10 after 9 is.
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => join(folder, name));
}
