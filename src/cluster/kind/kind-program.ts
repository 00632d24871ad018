/** Calls of the `kind` program. */
import { TestbedError } from '../../../lib/errors';
import type { Listener } from '../../util/events';
import { run } from '../../process/spawn';
import { findProgram } from '../../programs/find';
import type { ContainerEngine } from './engine';

/** The task of its events. */
export const TASK = 'kind cluster';
/** Pulling a node image over a slow line is the longest that it does. */
const CREATE_MS = 30 * 60_000;
const SHORT_MS = 5 * 60_000;

/** The kind program with the engine that it works on. */
export class KindProgram {
  private constructor(
    private readonly file: string,
    private readonly engine: ContainerEngine,
    private readonly listener: Listener | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @throws TestbedError (`environment`) where there is no kind */
  static async find(engine: ContainerEngine, listener?: Listener, signal?: AbortSignal): Promise<KindProgram> {
    const { file } = await findProgram('kind', { env: engine.env, listener, signal });
    return new KindProgram(file, engine, listener, signal);
  }

  /** Creates a cluster; what fails half-way is deleted by kind itself. The node is not waited for. */
  async create(options: {
    readonly name: string;
    readonly config: string;
    readonly kubeconfig: string;
    readonly nodeImage: string | undefined;
  }): Promise<void> {
    const { name, config, kubeconfig, nodeImage } = options;
    const image = nodeImage === undefined ? [] : ['--image', nodeImage];
    await this.call(
      ['create', 'cluster', '--name', name, '--config', config, '--kubeconfig', kubeconfig, ...image],
      CREATE_MS,
    );
  }

  /** Fine where there is no such cluster. */
  async delete(name: string, kubeconfig: string): Promise<void> {
    await this.call(['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], SHORT_MS);
  }

  /** The kubeconfig of a cluster, with its credentials. */
  async kubeconfig(name: string): Promise<string> {
    return this.call(['get', 'kubeconfig', '--name', name], SHORT_MS);
  }

  async loadImages(name: string, images: readonly string[]): Promise<void> {
    await this.call(['load', 'docker-image', '--name', name, ...images], SHORT_MS);
  }

  async loadArchive(name: string, file: string): Promise<void> {
    await this.call(['load', 'image-archive', '--name', name, file], SHORT_MS);
  }

  private async call(args: readonly string[], timeoutMs: number): Promise<string> {
    const { listener, signal } = this;
    const result = await run(this.file, args, {
      env: this.engine.env,
      timeoutMs,
      signal,
      onLine: (line) => {
        const step = stepOf(line);
        if (step !== undefined) listener?.({ type: 'progress', task: TASK, detail: step });
      },
    });
    if (result.code === 0) return result.stdout;
    const why = result.startError?.message ?? (result.timedOut ? `timed out after ${timeoutMs / 1000} s` : undefined);
    throw new TestbedError(
      'environment',
      `kind ${args.slice(0, 2).join(' ')} failed: ${why ?? reasonIn(result.stderr)}`,
    );
  }
}

/** What kind is about to do, from a line such as ` • Preparing nodes 📦  ...`. */
function stepOf(line: string): string | undefined {
  const text = /^\s*•\s+(.*?)\s*\.{3}\s*$/u.exec(line)?.[1];
  return text?.replace(/\s*\p{Extended_Pictographic}.*$/u, '').trim();
}

/** kind ends with `ERROR: what was tried: why` and, for some failures, the output of what it called. */
function reasonIn(stderr: string): string {
  const lines = stderr.trimEnd().split('\n');
  const error = lines.findLast((line) => line.startsWith('ERROR: '));
  const output = lines.slice(lines.findLastIndex((line) => line.startsWith('Command Output:'))).slice(0, 3);
  const detail =
    error !== undefined && output[0]?.startsWith('Command Output:') ? ` (${output.join(' ').slice(16)})` : '';
  return `${error?.slice('ERROR: '.length) ?? lines.at(-1) ?? 'it gave no reason'}${detail}`;
}
