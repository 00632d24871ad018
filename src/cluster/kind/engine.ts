/** The container engine that kind's nodes run on. */
import { TestbedError, invalidInput } from '../../../lib/errors';
import { run } from '../../process/spawn';

export type EngineName = 'docker' | 'podman';

/** How an engine is looked for. */
export interface FindEngineOptions {
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** @default none */
  readonly signal?: AbortSignal;
}

/** The variable by which kind itself is told which engine to use. */
export const PROVIDER_VARIABLE = 'KIND_EXPERIMENTAL_PROVIDER';
/** Every node of kind has it, with the name of the cluster. */
const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
/** An engine that hangs must not keep `up` waiting for ever. */
const ANSWER_MS = 30_000;

/** Succeeds where the engine answers: `docker info` does so without one. */
const PROBES: Readonly<Record<EngineName, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['info', '--format', '{{.Version.Version}}'],
};

/** A container on which a node of a cluster runs. */
export interface NodeContainer {
  readonly name: string;
  readonly isRunning: boolean;
}

/** A container engine that answers. */
export class ContainerEngine {
  /** What kind has to be run with, so that it takes this engine. */
  readonly env: NodeJS.ProcessEnv;

  constructor(
    readonly name: EngineName,
    env: NodeJS.ProcessEnv,
    private readonly signal?: AbortSignal,
  ) {
    this.env = { ...env, [PROVIDER_VARIABLE]: name };
  }

  /** The containers of a cluster's nodes, in order of name; empty where there is no such cluster. */
  async nodesOf(cluster: string): Promise<readonly NodeContainer[]> {
    const filter = `label=${CLUSTER_LABEL}=${cluster}`;
    const output = await this.call(['ps', '--all', '--filter', filter, '--format', '{{.Names}} {{.State}}']);
    return output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [name = '', state = ''] = line.trim().split(/\s+/);
        return { name, isRunning: state.toLowerCase() === 'running' };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The image that a container was made from, as it was named then. */
  async imageOf(container: string): Promise<string> {
    return (await this.call(['inspect', '--type', 'container', '--format', '{{.Config.Image}}', container])).trim();
  }

  async start(containers: readonly string[]): Promise<void> {
    await this.call(['start', ...containers]);
  }

  async hasImage(image: string): Promise<boolean> {
    return (await this.try(['image', 'inspect', image])).code === 0;
  }

  /** @throws TestbedError (`environment`) where the image cannot be pulled */
  async pull(image: string): Promise<void> {
    await this.call(['pull', image], 30 * 60_000);
  }

  /** Writes images into an archive. */
  async save(images: readonly string[], file: string): Promise<void> {
    await this.call(['save', '--output', file, ...images], 10 * 60_000);
  }

  private async call(args: readonly string[], timeoutMs = ANSWER_MS): Promise<string> {
    const result = await this.try(args, timeoutMs);
    if (result.code === 0) return result.stdout;
    const why = result.timedOut ? `timed out after ${timeoutMs / 1000} s` : lastLine(result.stderr || result.stdout);
    throw new TestbedError('environment', `${this.name} ${args.join(' ')} failed: ${why}`);
  }

  private try(args: readonly string[], timeoutMs = ANSWER_MS) {
    return run(this.name, args, { env: this.env, timeoutMs, signal: this.signal });
  }
}

/**
 * Finds an engine that answers: the one that KIND_EXPERIMENTAL_PROVIDER names, otherwise Docker, otherwise Podman.
 *
 * @throws TestbedError (`environment`) where none answers, with what each of them said
 */
export async function findEngine(options: FindEngineOptions = {}): Promise<ContainerEngine> {
  const env = options.env ?? process.env;
  const failures: string[] = [];
  for (const name of namesToTry(env)) {
    const { signal } = options;
    const asked = await run(name, PROBES[name], { env, timeoutMs: ANSWER_MS, signal });
    if (asked.code === 0) return new ContainerEngine(name, env, signal);
    const why = asked.startError ? 'not installed' : asked.timedOut ? 'does not answer' : lastLine(asked.stderr);
    failures.push(`${name}: ${why}`);
  }
  throw new TestbedError(
    'environment',
    `no container engine answers (${failures.join('; ')}), and kind needs one: start Docker or Podman, or use '--cluster local', which needs neither`,
  );
}

function namesToTry(env: NodeJS.ProcessEnv): readonly EngineName[] {
  const named = env[PROVIDER_VARIABLE];
  if (named === undefined || named === '') return ['docker', 'podman'];
  if (named === 'docker' || named === 'podman') return [named];
  throw invalidInput(`${PROVIDER_VARIABLE} is '${named}': use docker or podman, or leave it out`);
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
