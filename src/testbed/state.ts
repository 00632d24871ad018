import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { TestbedError } from '../../lib/errors';
import type { NamespacedName } from '../kubernetes/objects';
import { writeFileAtomicSync } from '../util/atomic-file';
import type { Build } from '../simulators/builds';
import { SIMULATOR_KINDS, type SimulatorKind } from '../simulators/names';
import { isMap } from '../util/is-map';
import { damaged, readJsonFile } from '../util/read-json-file';

/** What `up` leaves for the commands after it. No credential, no list of hosts. */
export interface TestbedState {
  readonly cluster: 'local' | 'kind' | 'existing';
  /** Path of the kubeconfig, and the context in it. */
  readonly kubeconfig: string;
  readonly context?: string;
  readonly simulator: SimulatorKind;
  /** Which builds of it. Missing in those that versions before this one wrote. */
  readonly builds?: readonly Build[] | undefined;
  /** The Deployments that simulate hosts, of the operators or of kwok, where they run in the cluster; absent where a process beside it simulates the hosts. */
  readonly operators?: readonly NamespacedName[] | undefined;
  /** Which builds of the managers of Cluster API run beside the cluster, by their components' names; absent where none do. */
  readonly managers?: readonly Build[] | undefined;
  /** Whether the API of workload clusters is simulated by a process beside the cluster. */
  readonly workloadApi?: boolean | undefined;
  /** Its StatefulSet, where it runs in the cluster. */
  readonly workloadApiPods?: NamespacedName | undefined;
  /** Tells a cluster that is not the testbed's own from any other. */
  readonly clusterId?: string;
}

/**
 * Where testbeds keep their state unless told otherwise: METAL3_TESTBED_STATE_DIR, or `metal3-testbed/default` in
 * XDG_STATE_HOME (`~/.local/state`); '' where the variable is set to nothing, which is an error wherever it is used.
 */
export function defaultStateDir(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['METAL3_TESTBED_STATE_DIR'];
  if (named === undefined) return resolve(join(stateHome(env), 'default'));
  // Resolved, an empty one would be the current folder.
  return named.trim() === '' ? '' : resolve(named);
}

/** Where everything of this package is kept that lasts: `metal3-testbed` in XDG_STATE_HOME (`~/.local/state`). */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'metal3-testbed');
}

export function writeState(stateDir: string, state: TestbedState): void {
  writeFileAtomicSync(stateFile(stateDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

/**
 * @returns what `up` wrote; undefined where it has not been there
 * @throws TestbedError (`environment`) for a file that cannot be read, or says something else
 */
export function readState(stateDir: string): TestbedState | undefined {
  const file = stateFile(stateDir);
  const state = readJsonFile(file);
  if (state === undefined) return undefined;
  if (!isState(state)) throw damaged(file);
  return state;
}

function isState(value: unknown): value is TestbedState {
  if (!isMap(value)) return false;
  const {
    cluster,
    kubeconfig,
    simulator,
    builds,
    context,
    clusterId,
    operators,
    managers,
    workloadApi,
    workloadApiPods,
  } = value as Partial<Record<keyof TestbedState, unknown>>;
  const isText = (each: unknown) => typeof each === 'string' && each !== '';
  const isNamed = (each: unknown) => isMap(each) && isText(each['namespace']) && isText(each['name']);
  return (
    ['local', 'kind', 'existing'].includes(cluster as string) &&
    SIMULATOR_KINDS.some((each) => each === simulator) &&
    isText(kubeconfig) &&
    [context, clusterId].every((each) => each === undefined || isText(each)) &&
    [builds, managers].every((each) => each === undefined || (Array.isArray(each) && each.every(isBuild))) &&
    (workloadApi === undefined || typeof workloadApi === 'boolean') &&
    (workloadApiPods === undefined || isNamed(workloadApiPods)) &&
    (operators === undefined || (Array.isArray(operators) && operators.every(isNamed)))
  );
}

function isBuild(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { name, version, digest, image } = value as Partial<Record<keyof Build, unknown>>;
  const isText = (each: unknown) => typeof each === 'string';
  return isText(name) && isText(version) && [digest, image].every((each) => each === undefined || isText(each));
}

/** @throws TestbedError (`environment`) where there is no testbed */
export function requireState(stateDir: string): TestbedState {
  const state = readState(stateDir);
  if (state === undefined) {
    throw new TestbedError(
      'environment',
      `there is no testbed in ${stateDir}: run 'metal3-testbed up' first, or name its folder with --state-dir`,
    );
  }
  return state;
}

export function stateFile(stateDir: string): string {
  return join(stateDir, 'testbed.json');
}
