/** Where the API of workload clusters is found that runs in pods. */
import { shardOf } from '../../shards';

export const WORKLOAD_API = 'workload-api';
/** Of its pods, for their health and metrics. */
export const workloadApiStatusPort = 8090;
export const DEFAULT_SHARDS = 12;
const NAMESPACE = 'workload-api-system';

/** What decides where clusters are found. */
export interface WorkloadApiAddress {
  readonly namespace?: string | undefined;
  readonly shards?: number | undefined;
}

export function workloadApiNamespace({ namespace = NAMESPACE }: WorkloadApiAddress): string {
  return namespace;
}

/** The Service of a shard. */
export function workloadApiService(shard: number): string {
  return `${WORKLOAD_API}-${shard}`;
}

/** Where a cluster is reached from any pod: the Service that its name falls to. */
export function workloadApiHost(
  address: WorkloadApiAddress,
  cluster: { readonly namespace: string; readonly name: string },
): string {
  const shard = shardOf(`${cluster.namespace}/${cluster.name}`, address.shards ?? DEFAULT_SHARDS);
  return `${workloadApiService(shard)}.${workloadApiNamespace(address)}.svc`;
}
