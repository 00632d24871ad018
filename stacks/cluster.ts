import * as pulumi from '@pulumi/pulumi';
import { invalidInput, TestbedError } from '../lib/errors';
import { extractContext } from '../src/cluster/existing/context';
import { readKubeconfig } from '../src/kubernetes/kubeconfig';
import { withPlainErrors } from './plain-errors';
import { withCluster } from './resources/fleet-cluster';
import { KindCluster, type KindClusterArgs } from './resources/kind-cluster';
import { LocalCluster, type LocalClusterArgs } from './resources/local-cluster';

/** A kind cluster that the layer makes. */
export interface KindLayerConfig extends KindClusterArgs {
  readonly kind: 'kind';
}

/** An embedded control plane that the layer starts. */
export interface LocalLayerConfig extends LocalClusterArgs {
  readonly kind: 'local';
}

/** A cluster that somebody else has made. */
export interface ExistingLayerConfig {
  readonly kind: 'existing';
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** Its context; never the current one: whoever means a cluster says its name. */
  readonly context: string;
}

/** Which cluster the layer gives. */
export type ClusterLayerConfig = KindLayerConfig | LocalLayerConfig | ExistingLayerConfig;

/** What the layers above need of a cluster. */
export interface ClusterLayerOutputs {
  /** Content of a kubeconfig of this cluster alone; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Whether the cluster runs pods. */
  readonly hasPods: boolean;
  /** Whether deleted namespaces end there. */
  readonly hasControllers: pulumi.Input<boolean>;
  /** Folder of an embedded control plane, where what simulates hosts has its own; '' for another cluster. */
  readonly folder: pulumi.Input<string>;
}

/**
 * The `cluster` layer: a cluster that it makes, or one that is there.
 *
 * @throws TestbedError: `invalid-input` for a kubeconfig or context that is none; `cluster` for a cluster that is there and does
 * not answer
 */
export function clusterLayer(config: ClusterLayerConfig): Promise<ClusterLayerOutputs> {
  return withPlainErrors(() => layerOf(config));
}

async function layerOf(config: ClusterLayerConfig): Promise<ClusterLayerOutputs> {
  switch (config.kind) {
    case 'kind': {
      const { kind: _, ...args } = config;
      const { kubeconfig } = new KindCluster('cluster', args);
      return { kubeconfig, hasPods: true, hasControllers: true, folder: '' };
    }
    case 'local': {
      const { kind: _, ...args } = config;
      const { kubeconfig, hasControllers, folder } = new LocalCluster('cluster', args);
      return { kubeconfig, hasPods: false, hasControllers, folder };
    }
    case 'existing': {
      const kubeconfig = await contextOf(config.kubeconfig, config.context);
      return { kubeconfig: pulumi.secret(kubeconfig), hasPods: true, hasControllers: true, folder: '' };
    }
    default:
      throw invalidInput(
        `kind of the layer cluster is '${String((config as { kind?: unknown }).kind)}': use kind, local or existing`,
      );
  }
}

/** The kubeconfig of one context, of a cluster that answers. */
async function contextOf(file: string, context: string): Promise<string> {
  const { context: name } = await readKubeconfig(file, context);
  const kubeconfig = await extractContext(file, name);
  try {
    await withCluster({ kubeconfig }, () => Promise.resolve());
  } catch (error) {
    if (!(error instanceof TestbedError)) throw error;
    throw new TestbedError(error.code, `context ${name} of ${file}: ${error.message}`, { cause: error });
  }
  return kubeconfig;
}
