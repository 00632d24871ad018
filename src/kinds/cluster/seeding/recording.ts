/** What one cluster that is available consists of, from which others like it are made. */
import { GROUPS } from '../../../../lib/kinds/cluster/api-groups';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import type { SelectedCluster } from '../../../../lib/scenario/select-clusters';
import type { KubernetesClient } from '../../../kubernetes/client';
import { groupKindOf } from '../../../kubernetes/rest-mapper';
import { HOST_GROUP, inOrderOfOwners, isHost, ObjectGraph, type GraphNode } from '../object-graph';

/** What of a host is its own; the rest its operator makes of it, for all hosts of a namespace. */
const OF_HOSTS: ReadonlySet<string> = new Set([
  'BareMetalHost',
  'HardwareData',
  'HostFirmwareSettings',
  'HostFirmwareComponents',
]);

export interface Recording extends SelectedCluster {
  /** Objects that may be written side by side, each after what it belongs to; first the Cluster alone. */
  readonly steps: readonly (readonly GraphNode[])[];
}

/** @returns undefined where the cluster is not there, or is going */
export async function recordCluster(
  client: KubernetesClient,
  selected: SelectedCluster,
  signal?: AbortSignal,
): Promise<Recording | undefined> {
  const { plan, cluster } = selected;
  const graph = await ObjectGraph.read(client, cluster.namespace, signal);
  const root = [...graph.of(GROUPS.core, clusterKind.kind)].find(
    ({ object: { metadata } }) => metadata.name === cluster.name && metadata.deletionTimestamp === undefined,
  );
  if (root === undefined) return undefined;
  const described = new Set(plan.describedBy(cluster).map((each) => `${groupKindOf(each)} ${each.metadata.name}`));
  const isDescribed = ({ kind, object }: GraphNode) => described.has(`${groupKindOf(kind)} ${object.metadata.name}`);
  const roots = [root, ...graph.nodes.filter((node) => node.owners.size === 0 && isDescribed(node))];
  const nodes = [...graph.hierarchyOf(roots)].filter(isRecorded);
  const steps = inOrderOfOwners(new Set(nodes));
  // What belongs to nobody may come after the Cluster as well.
  return { ...selected, steps: [[root], ...steps.map((step) => step.filter((node) => node !== root))] };
}

function isRecorded(node: GraphNode): boolean {
  if (node.object.metadata.deletionTimestamp !== undefined) return false;
  if (node.kind.apiVersion.startsWith(`${HOST_GROUP}/`)) return OF_HOSTS.has(node.kind.kind);
  // The credentials of hosts are described with them.
  return ![...node.owners.keys()].some(isHost);
}
