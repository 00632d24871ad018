import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { CLUSTER_PROCESSES, stopProcesses, stopSimulators } from '../../src/simulators/process-folders';
import { isOnPath, root } from './cli';
import { PulumiProject } from './pulumi';

/** @returns why tests with an engine are skipped */
export async function hasPulumi(): Promise<string | undefined> {
  return (await isOnPath('pulumi')) ? undefined : 'no pulumi on PATH';
}

/** @returns why tests with objects are skipped */
export async function hasKubernetesPlugin(): Promise<string | undefined> {
  return (await isOnPath('pulumi-resource-kubernetes'))
    ? undefined
    : 'no pulumi-resource-kubernetes on PATH: the plugin of @pulumi/kubernetes, without which no object can be made';
}

/** Removes an embedded control plane, with what simulates its hosts and takes care of clusters; fine where there is none. */
export async function removeLocalCluster(stateDir: string): Promise<void> {
  await stopSimulators(stateDir, { delete: true });
  await stopProcesses(stateDir, CLUSTER_PROCESSES, { delete: true });
  await stopLocalCluster(stateDir, { delete: true, graceMs: 0 });
}

/** The project at the root of the repository, with stack files and states of its own. */
export class LayersProject extends PulumiProject {
  constructor(dir: string, env: Readonly<Record<string, string>> = {}) {
    super(dir, '', { XDG_STATE_HOME: join(dir, 'xdg'), ...env });
    cpSync(join(root, 'Pulumi.yaml'), join(dir, 'Pulumi.yaml'));
    cpSync(join(root, 'examples', 'stacks'), join(dir, 'examples', 'stacks'), { recursive: true });
    symlinkSync(join(root, 'build'), join(dir, 'build'));
    mkdirSync(join(dir, 'stacks', 'config'), { recursive: true });
    cpSync(join(dir, 'examples', 'stacks'), join(dir, 'stacks', 'config'), { recursive: true });
  }

  async configure(stack: string, config: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(config))
      await this.must(['config', 'set', '--path', key, value, '--stack', stack]);
  }

  async up(stack: string, ...flags: string[]): Promise<string> {
    return this.must(['up', '--yes', '--skip-preview', '--stack', stack, ...flags]);
  }

  async destroy(stack: string, env: Record<string, string> = {}): Promise<string> {
    return this.must(['destroy', '--yes', '--skip-preview', '--stack', stack], env);
  }

  async output(stack: string, key: string): Promise<string> {
    return (await this.must(['stack', 'output', '--show-secrets', key, '--stack', stack])).trimEnd();
  }
}
