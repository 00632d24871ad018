import { API_VERSIONS, CLUSTER_NAME_LABEL } from '../../lib/kinds/cluster/api-groups';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { KubernetesObject, NamespacedName } from '../kubernetes/objects';
import { pagesOf } from '../kubernetes/pages';
import { collectionPath } from '../kubernetes/rest-mapper';

interface MachineSet extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly generation?: number };
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly upToDateReplicas?: number;
    readonly availableReplicas?: number;
  };
}

const PATHS = [
  collectionPath(API_VERSIONS.controlPlane, 'kubeadmcontrolplanes'),
  collectionPath(API_VERSIONS.core, 'machinedeployments'),
];

/**
 * Whether those who make the machines of clusters have seen what they are to be, and have made it so. What a Cluster says of
 * them follows a moment later: one that was just changed may say that all is well, and mean what was before.
 */
export async function areMachinesMade(
  client: KubernetesClient,
  clusters: Iterable<NamespacedName>,
  signal?: AbortSignal,
): Promise<boolean> {
  const described = new Set([...clusters].map(({ namespace, name }) => `${namespace}/${name}`));
  const isOne = ({ metadata }: MachineSet) =>
    described.has(`${metadata.namespace}/${metadata.labels?.[CLUSTER_NAME_LABEL]}`);
  for (const path of PATHS) {
    const list = async () => {
      for await (const { items } of pagesOf<MachineSet>(client, path, { signal }))
        if (items.some((each) => isOne(each) && !isMade(each))) return false;
      return true;
    };
    if ((await ignoreNotFound(list())) === false) return false;
  }
  return true;
}

function isMade({ metadata, spec = {}, status = {} }: MachineSet): boolean {
  const { observedGeneration = 0, replicas = 0, upToDateReplicas = 0, availableReplicas = 0 } = status;
  const { replicas: desired = 1 } = spec;
  if (observedGeneration < (metadata.generation ?? 0)) return false;
  return [replicas, upToDateReplicas, availableReplicas].every((count) => count === desired);
}
