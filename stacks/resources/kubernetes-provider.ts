import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { OnClusterGone } from './fleet-state';

export interface KubernetesProviderArgs extends Pick<
  kubernetes.ProviderArgs,
  'kubeconfig' | 'context' | 'clusterIdentifier'
> {
  readonly onClusterGone?: pulumi.Input<OnClusterGone | undefined>;
  readonly forceConflicts?: pulumi.Input<boolean | undefined>;
}

/**
 * A provider for objects of this package.
 *
 * What happens once the cluster is gone is said only where it is to be forgotten: what a provider is told goes before the
 * environment, by which somebody says it afterwards.
 */
export function kubernetesProvider(
  name: string,
  args: KubernetesProviderArgs,
  opts: pulumi.ResourceOptions,
): kubernetes.Provider {
  const { onClusterGone, forceConflicts, ...connection } = args;
  const isForgotten = pulumi.output(onClusterGone).apply((what) => (what === 'forget' ? true : undefined));
  return new kubernetes.Provider(
    name,
    {
      ...connection,
      enableServerSideApply: true,
      enablePatchForce: pulumi.output(forceConflicts).apply((force) => force || undefined),
      deleteUnreachable: isForgotten,
      // Else nobody could say so afterwards: an update would ask the cluster for every object first.
      skipUpdateUnreachable: isForgotten,
    },
    opts,
  );
}
