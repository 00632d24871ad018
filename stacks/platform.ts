import type * as pulumi from '@pulumi/pulumi';
import type { TestbedProps } from '../lib/testbed/resolve';
import type { ClusterLayerOutputs } from './cluster';
import { layerOutputs } from './layer-outputs';
import { MetalPlatform } from './metal-platform';
import type { OnClusterGone } from './resources/host-fleet-state';

/** What the `platform` layer puts onto which cluster. */
export interface PlatformLayerConfig extends Pick<
  TestbedProps,
  'certManager' | 'clusterApi' | 'installCertManager' | 'operators'
> {
  /** The stack of the `cluster` layer: its name, or `{organization}/{project}/{stack}`. */
  readonly clusterStack: string;
  /** How long each wait may take, in seconds. @default 300 */
  readonly timeoutSeconds?: number;
  /** What deleting does where the cluster cannot be reached. @default 'fail' */
  readonly onClusterGone?: OnClusterGone;
}

/** What the `hosts` layer needs of a platform. */
export interface PlatformLayerOutputs {
  /** Content of the cluster's kubeconfig, known once hosts are accepted there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Namespaces that operators watch by name, which are part of the platform. */
  readonly watchedNamespaces: readonly string[];
}

/**
 * The `platform` layer: cert-manager and the operators on the cluster of another stack.
 *
 * @throws TestbedError (`invalid-input`) where that stack gives no cluster, and for operators that do not go together
 */
export async function platformLayer(config: PlatformLayerConfig): Promise<PlatformLayerOutputs> {
  const { clusterStack, ...args } = config;
  const { kubeconfig, hasPods } = await layerOutputs<ClusterLayerOutputs>(clusterStack, ['kubeconfig', 'hasPods']);
  const made = new MetalPlatform('platform', { ...args, kubeconfig, hasPods });
  return { kubeconfig: made.kubeconfig, watchedNamespaces: made.watchedNamespaces };
}
