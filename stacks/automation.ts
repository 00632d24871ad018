import { join } from 'node:path';
import { automation, type Unwrap } from '@pulumi/pulumi';
import { requireDnsLabel } from '../lib/names';
import { PROJECT, workspaceOptions } from './automation-workspace';
import { clusterLayer, type ClusterLayerConfig, type ClusterLayerOutputs } from './cluster';
import { clustersLayer, type ClustersLayerConfig, type ClustersLayerOutputs } from './clusters';
import { hostsLayer, type HostsLayerConfig, type HostsLayerOutputs } from './hosts';
import { platformLayer, type PlatformLayerConfig, type PlatformLayerOutputs } from './platform';

/** The layers of one environment. */
export interface TestbedStacksProps {
  /**
   * Name of the environment, a DNS label: its stacks are `{name}-cluster`, `{name}-platform`, `{name}-hosts` and
   * `{name}-clusters`.
   */
  readonly name: string;
  readonly cluster: ClusterLayerConfig;
  /** @default - the newest cert-manager and one operator in test mode, for all namespaces */
  readonly platform?: Omit<PlatformLayerConfig, 'clusterStack'>;
  /** @default - one set of 10 hosts, as in the blog */
  readonly hosts?: Omit<HostsLayerConfig, 'clusterStack' | 'kubeconfig' | 'context'>;
  /** Metal3 clusters, for which the platform needs `clusterApi`. @default - none, and no stack of them */
  readonly clusters?: Omit<ClustersLayerConfig, 'clusterStack' | 'kubeconfig' | 'context'> | undefined;
  /**
   * Folder that Pulumi works in, below the one that has this package in its node_modules. It holds the states, unless
   * PULUMI_BACKEND_URL names another place for them.
   * @default - `.metal3-testbed/pulumi/{name}` in the current folder
   */
  readonly workDir?: string;
  /** Variables for Pulumi beside this process's own, such as PULUMI_CONFIG_PASSPHRASE. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** Receives what Pulumi prints, as it comes. @default - nobody */
  readonly onOutput?: (text: string) => void;
  /** Interrupts Pulumi; running again goes on. @default - none */
  readonly signal?: AbortSignal;
}

/** How many resources were created, updated, deleted, left the same and so on. */
export type Changes = Readonly<Partial<Record<automation.OpType, number>>>;

/** What was done to one layer. */
export interface LayerChange {
  readonly changes: Changes;
  readonly seconds: number;
}

/** A layer that is up. Secret outputs are here as they are: keep them out of logs. */
export interface LayerUp<Outputs> extends LayerChange {
  readonly outputs: Unwrap<Outputs>;
}

/** All layers, up; `clusters` where there are some. */
export interface TestbedStacksUp {
  readonly cluster: LayerUp<ClusterLayerOutputs>;
  readonly platform: LayerUp<PlatformLayerOutputs>;
  readonly hosts: LayerUp<HostsLayerOutputs>;
  readonly clusters: LayerUp<ClustersLayerOutputs> | undefined;
}

/** A layer of an environment. */
export type Layer = 'cluster' | 'platform' | 'hosts' | 'clusters';

/** The order in which layers come up; they go the other way round. */
const LAYERS: readonly Layer[] = ['cluster', 'platform', 'hosts', 'clusters'];

/** What was deleted; a layer that has no stack is left out. */
export type TestbedStacksDestroyed = Readonly<Partial<Record<Layer, LayerChange>>>;

/** The layers of an environment, driven from a program through Pulumi's Automation API. */
export class TestbedStacks {
  private constructor(
    private readonly props: TestbedStacksProps,
    private readonly workspace: automation.LocalWorkspaceOptions,
  ) {}

  /**
   * Looks whether everything is there that it takes. No stack is made yet.
   *
   * @throws TestbedError: `environment` without `pulumi`; `invalid-input` for a name or folder that cannot be, and where
   * there is no passphrase
   */
  static async open(props: TestbedStacksProps): Promise<TestbedStacks> {
    requireDnsLabel('name of the environment', props.name);
    const { workDir = join('.metal3-testbed', 'pulumi', props.name), env = {} } = props;
    return new TestbedStacks(props, await workspaceOptions({ workDir, env }));
  }

  /**
   * Brings up one layer after the other. After a failure or an interruption, running it again goes on.
   *
   * @throws what `automation.Stack.up` throws, with what Pulumi printed
   */
  async up(): Promise<TestbedStacksUp> {
    const { props } = this;
    return {
      cluster: await this.upLayer('cluster', () => clusterLayer(props.cluster)),
      platform: await this.upLayer('platform', () =>
        platformLayer({ ...props.platform, clusterStack: this.stackName('cluster') }),
      ),
      hosts: await this.upLayer('hosts', () =>
        hostsLayer({ ...props.hosts, clusterStack: this.stackName('platform') }),
      ),
      clusters:
        props.clusters &&
        (await this.upLayer('clusters', () =>
          clustersLayer({ ...props.clusters, clusterStack: this.stackName('hosts') }),
        )),
    };
  }

  /** Deletes what the layers have made, clusters and hosts first, and then their stacks. Fine where there are none. */
  async destroy(): Promise<TestbedStacksDestroyed> {
    const destroyed: Partial<Record<Layer, LayerChange>> = {};
    for (const layer of LAYERS.toReversed()) {
      const stack = await this.select(layer);
      if (stack === undefined) continue;
      const start = performance.now();
      const { summary } = await stack.destroy(this.options);
      await stack.workspace.removeStack(stack.name);
      destroyed[layer] = changeOf(summary, start);
    }
    return destroyed;
  }

  private async upLayer<T extends object>(layer: Layer, program: () => T | Promise<T>): Promise<LayerUp<T>> {
    const start = performance.now();
    const args = {
      stackName: this.stackName(layer),
      projectName: PROJECT,
      program: async () => ({ ...(await program()) }),
    };
    const stack = await automation.LocalWorkspace.createOrSelectStack(args, this.workspace);
    const { outputs, summary } = await stack.up(this.options);
    const values = Object.entries(outputs).map(([key, { value }]) => [key, value as unknown] as const);
    return { outputs: Object.fromEntries(values) as Unwrap<T>, ...changeOf(summary, start) };
  }

  /** @returns undefined where there is no such stack */
  private async select(layer: Layer): Promise<automation.Stack | undefined> {
    const args = { stackName: this.stackName(layer), projectName: PROJECT, program: () => Promise.resolve() };
    try {
      return await automation.LocalWorkspace.selectStack(args, this.workspace);
    } catch (error) {
      if (error instanceof automation.StackNotFoundError) return undefined;
      throw error;
    }
  }

  private stackName(layer: Layer): string {
    return `${this.props.name}-${layer}`;
  }

  private get options() {
    const { onOutput, signal } = this.props;
    return { onOutput, signal };
  }
}

function changeOf({ resourceChanges = {} }: automation.UpdateSummary, start: number): LayerChange {
  return { changes: resourceChanges, seconds: (performance.now() - start) / 1000 };
}
