import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { run, type RunResult } from '../process/spawn';

export interface KustomizeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** A kustomization may have remote parts, which kustomize clones. */
const timeoutMs = 300_000;

/** The two programs that have it, best first: the one of its own is the newer as a rule. */
const commands: readonly (readonly [program: string, ...args: string[]])[] = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
];

/**
 * What kustomize makes of a folder. It reads no file outside of it, and runs no plugins: these are its own defaults.
 *
 * @throws TestbedError (`environment`) where there is no kustomize; (`invalid-input`) with its own words where it fails
 */
export async function kustomized(folder: string, options: KustomizeOptions): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(tmpdir(), 'metal3-testbed-'));
  try {
    const file = join(scratch, 'rendered.yaml');
    for (const [program, ...args] of commands) {
      const result = await runInto(file, program, [...args, folder], options);
      if (result.startError?.code === 'ENOENT') continue;
      if (result.startError)
        throw new TestbedError('environment', `${program} cannot be run: ${result.startError.message}`);
      if (result.timedOut)
        throw new TestbedError('timeout', `${program} has not rendered ${folder} in ${timeoutMs / 1000} s`);
      if (result.code !== 0) throw invalidInput(`${program} refuses ${folder}: ${result.stderr.trim()}`);
      return await readFile(file);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  throw new TestbedError(
    'environment',
    `${folder} needs kustomize, and neither kustomize nor kubectl is on PATH: install one (https://kubectl.docs.kubernetes.io/installation), or render the folder elsewhere and add the YAML file`,
  );
}

async function runInto(
  file: string,
  program: string,
  args: readonly string[],
  { env, signal }: KustomizeOptions,
): Promise<RunResult> {
  const output = await open(file, 'w', 0o600);
  try {
    return await run(program, args, { env, timeoutMs, stdoutTo: output.fd, signal });
  } finally {
    await output.close();
  }
}
