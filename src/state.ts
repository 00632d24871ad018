import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { TestbedError } from '../lib/errors';
import type { NamespacedName } from './kubernetes/objects';
import { writeFileAtomicSync } from './util/atomic-file';

/** What `up` leaves for the commands after it. No credential, no list of hosts. */
export interface TestbedState {
  readonly cluster: 'local' | 'kind' | 'existing';
  /** Path of the kubeconfig, and the context in it. */
  readonly kubeconfig: string;
  readonly context?: string;
  readonly simulator: 'bmo' | 'kwok';
  /** The operators' Deployments, where they run in the cluster; absent where a process beside it plays the hosts. */
  readonly operators?: readonly NamespacedName[];
  /** Tells a cluster that is not the testbed's own from any other. */
  readonly clusterId?: string;
}

/**
 * Where testbeds keep their state unless told otherwise: METAL3_TESTBED_STATE_DIR, or `metal3-testbed/default` in
 * XDG_STATE_HOME (`~/.local/state`).
 */
export function defaultStateDir(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['METAL3_TESTBED_STATE_DIR'] || join(stateHome(env), 'default'));
}

/** Where everything of this package is kept that lasts: `metal3-testbed` in XDG_STATE_HOME (`~/.local/state`). */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'metal3-testbed');
}

export function writeState(stateDir: string, state: TestbedState): void {
  writeFileAtomicSync(stateFile(stateDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

/** @returns what `up` wrote; undefined where it has not been there */
export function readState(stateDir: string): TestbedState | undefined {
  const file = stateFile(stateDir);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestbedState;
  } catch (error) {
    throw new TestbedError('environment', `${file} is no JSON: delete it and run up again`, { cause: error });
  }
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
