import type * as pulumi from '@pulumi/pulumi';
import type { TestbedProps } from '../lib/testbed/resolve';
import type { SimulatorKind } from '../src/simulators/names';
import { clusterOutputs } from './layer-outputs';
import { MetalPlatform, type MetalPlatformArgs } from './metal-platform';
import { withPlainErrors } from './plain-errors';

/** What the `platform` layer puts onto which cluster. */
export interface PlatformLayerConfig extends Pick<
  MetalPlatformArgs,
  | 'certManager'
  | 'clusterApi'
  | 'forceConflicts'
  | 'installCertManager'
  | 'kwok'
  | 'onClusterGone'
  | 'operators'
  | 'timeoutSeconds'
  | 'workloadApi'
> {
  /** The stack of the `cluster` layer: its name, or `{organization}/{project}/{stack}`. */
  readonly clusterStack: string;
  /**
   * What simulates the hosts of an embedded control plane, as processes beside it; `none` where somebody else does. On a cluster
   * with pods it is the operators.
   * @default - the operator of the description's release where its program can be had, otherwise kwok
   */
  readonly simulator?: SimulatorKind | 'none';
  /** How hosts behave where kwok simulates them. @default - delays of a second or so, and no failures */
  readonly stages?: TestbedProps['simulator'];
}

/** What the `hosts` layer needs of a platform. */
export interface PlatformLayerOutputs {
  /** Content of the cluster's kubeconfig, known once hosts are accepted there, and simulated; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Namespaces that operators watch by name, which are part of the platform. */
  readonly watchedNamespaces: readonly string[];
}

/**
 * The `platform` layer: cert-manager and the operators on the cluster of another stack, and what simulates the hosts where that
 * cluster runs no pods.
 *
 * @throws TestbedError (`invalid-input`) where that stack gives no cluster, and for operators that do not go together
 */
export function platformLayer(config: PlatformLayerConfig): Promise<PlatformLayerOutputs> {
  return withPlainErrors(async () => {
    const { clusterStack, simulator, stages, ...args } = config;
    const { folder, ...cluster } = await clusterOutputs(clusterStack);
    const isBeside = !cluster.hasPods && folder !== '';
    const simulators = isBeside && simulator !== 'none' ? { folder, stages, kind: simulator } : undefined;
    const managers = isBeside ? { folder } : undefined;
    const beside = { simulators, managers };
    const { kubeconfig, watchedNamespaces } = new MetalPlatform('platform', { ...args, ...cluster, ...beside });
    return { kubeconfig, watchedNamespaces };
  });
}
