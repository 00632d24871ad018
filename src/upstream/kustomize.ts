import { TestbedError, invalidInput } from '../../lib/errors';
import { run } from '../process/spawn';
import { MAX_MANIFEST_BYTES } from './cache';

export interface KustomizeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** How much it may make. @default 33554432 */
  readonly maxBytes?: number;
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
  const { env, signal, maxBytes = MAX_MANIFEST_BYTES } = options;
  for (const [program, ...args] of commands) {
    const chunks: Buffer[] = [];
    const result = await run(program, [...args, folder], {
      env,
      timeoutMs,
      maxOutput: maxBytes,
      onStdout: (chunk) => void chunks.push(chunk),
      signal,
    });
    if (result.startError?.code === 'ENOENT') continue;
    if (result.startError)
      throw new TestbedError('environment', `${program} cannot be run: ${result.startError.message}`);
    if (result.overflowed)
      throw new TestbedError('environment', `${program} makes more than ${maxBytes} bytes of ${folder}: split it`);
    if (result.timedOut)
      throw new TestbedError('timeout', `${program} timed out after ${timeoutMs / 1000} s rendering ${folder}`);
    if (result.code !== 0) throw invalidInput(`${program} refuses ${folder}: ${result.stderr.trim()}`);
    return Buffer.concat(chunks);
  }
  throw new TestbedError(
    'environment',
    `${folder} needs kustomize, and neither kustomize nor kubectl is on PATH: install one (https://kubectl.docs.kubernetes.io/installation), or render the folder elsewhere and add the YAML file`,
  );
}
