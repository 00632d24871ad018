/**
 * Objects of a management cluster with what belongs to what, as clusterctl knows it: of the kinds whose definitions carry its
 * label, by their owner references, and where there are none by the names of a cluster's Secrets and of its class.
 */
import { API_VERSIONS, GROUPS } from '../../../lib/kinds/cluster/api-groups';
import type { KubernetesClient } from '../../kubernetes/client';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import type { KubernetesObject } from '../../kubernetes/objects';
import { listed } from '../../kubernetes/pages';
import { collectionPath, itemPath, type Resource } from '../../kubernetes/rest-mapper';

/** Of hosts, and of what their operator makes of them. */
export const HOST_GROUP = 'metal3.io';
/** On the definitions of providers' kinds. */
const CLUSTERCTL_LABEL = 'clusterctl.cluster.x-k8s.io';
/** On those whose objects are moved whether or not they belong to a cluster; by the second also all that belongs to them. */
const MOVE_LABEL = `${CLUSTERCTL_LABEL}/move`;
const MOVE_HIERARCHY_LABEL = `${CLUSTERCTL_LABEL}/move-hierarchy`;
const HIERARCHIES: ReadonlySet<string> = new Set(['Cluster', 'ClusterClass']);
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** What the Secrets of a cluster are called, behind its name. */
const SECRET_PURPOSES = ['kubeconfig', 'ca', 'etcd', 'sa', 'proxy', 'apiserver-etcd-client'] as const;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Who wrote which fields of an object. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly [field: string]: unknown;
}

/** An object as the API server has it. */
export interface StoredObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly namespace: string;
    readonly uid: string;
    readonly generation?: number;
    readonly ownerReferences?: readonly OwnerReference[];
    readonly managedFields?: readonly ManagedFields[];
  };
}

/** A kind whose objects may be part of a cluster. */
export interface GraphKind extends Resource {
  readonly isMoved: boolean;
  readonly isHierarchy: boolean;
}

export interface GraphNode {
  readonly kind: GraphKind;
  readonly object: StoredObject;
  readonly path: string;
  /** Whether it is moved also where it belongs to nothing, and whether all that belongs to it is. */
  readonly isMoved: boolean;
  readonly isHierarchy: boolean;
  /** What it belongs to, of what was read. */
  readonly owners: ReadonlyMap<GraphNode, OwnerReference>;
  /** What it has to come after besides. */
  readonly softOwners: ReadonlySet<GraphNode>;
}

interface Definition {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

type NewNode = GraphNode & {
  readonly owners: Map<GraphNode, OwnerReference>;
  readonly softOwners: Set<GraphNode>;
};

export class ObjectGraph {
  private constructor(readonly nodes: readonly GraphNode[]) {}

  /** @param namespace undefined for all of them */
  static async read(client: KubernetesClient, namespace?: string, signal?: AbortSignal): Promise<ObjectGraph> {
    const nodes: NewNode[] = [];
    for (const kind of await kindsOf(client, signal)) {
      const path = collectionPath(kind.apiVersion, kind.plural, namespace);
      const nodeOf = (item: StoredObject): NewNode[] => {
        // Lists leave out of each object what all have in common.
        const object = { ...item, apiVersion: kind.apiVersion, kind: kind.kind };
        const { namespace: where, name, labels = {} } = object.metadata;
        const node = {
          isMoved: kind.isMoved || MOVE_LABEL in labels || MOVE_HIERARCHY_LABEL in labels,
          isHierarchy: kind.isHierarchy || MOVE_HIERARCHY_LABEL in labels,
          ...{ kind, object, path: itemPath(kind, where, name), owners: new Map(), softOwners: new Set<GraphNode>() },
        };
        return [node];
      };
      for (const node of (await ignoreNotFound(listed(client, path, nodeOf, { signal }))) ?? []) nodes.push(node);
    }
    link(nodes);
    return new ObjectGraph(nodes);
  }

  /** Of a group and kind. */
  *of(group: string, kind: string): Generator<GraphNode> {
    for (const node of this.nodes) if (isOf(node, group, kind)) yield node;
  }

  /** Some objects, and all that belongs to them, and to what belongs to them. */
  hierarchyOf(roots: Iterable<GraphNode>): ReadonlySet<GraphNode> {
    const below = new Map<GraphNode, GraphNode[]>();
    for (const node of this.nodes)
      for (const owner of [...node.owners.keys(), ...node.softOwners])
        below.set(owner, [...(below.get(owner) ?? []), node]);
    const found = new Set(roots);
    // A Set goes on with what is added to it meanwhile.
    for (const node of found) for (const each of below.get(node) ?? []) found.add(each);
    return found;
  }
}

/** Objects in an order in which each comes after what it belongs to: those of one step may be written side by side. */
export function inOrderOfOwners(nodes: ReadonlySet<GraphNode>): readonly (readonly GraphNode[])[] {
  const left = new Set(nodes);
  const steps: GraphNode[][] = [];
  while (left.size > 0) {
    const isBefore = (owner: GraphNode) => !left.has(owner);
    const step = [...left].filter(({ owners, softOwners }) => [...owners.keys(), ...softOwners].every(isBefore));
    // Two that belong to each other come last, in any order.
    steps.push(step.length > 0 ? step : [...left]);
    for (const node of steps.at(-1)!) left.delete(node);
  }
  return steps;
}

export function isOf({ kind }: GraphNode, group: string, name: string): boolean {
  return kind.kind === name && kind.apiVersion.startsWith(`${group}/`);
}

export function isHost(node: GraphNode): boolean {
  return isOf(node, HOST_GROUP, 'BareMetalHost');
}

async function kindsOf(client: KubernetesClient, signal: AbortSignal | undefined): Promise<readonly GraphKind[]> {
  const { defaultNamespace } = client;
  const core = { apiVersion: 'v1', namespaced: true, defaultNamespace, isMoved: false, isHierarchy: false };
  const kindOf = ({ metadata: { labels = {} }, spec }: Definition): GraphKind[] => {
    const version = spec.versions.find(({ storage }) => storage)?.name;
    // What is in no namespace belongs to whoever runs the management cluster.
    if (version === undefined || spec.scope !== 'Namespaced') return [];
    const { kind, plural } = spec.names;
    const isHierarchy = (spec.group === GROUPS.core && HIERARCHIES.has(kind)) || MOVE_HIERARCHY_LABEL in labels;
    const resource = { apiVersion: `${spec.group}/${version}`, kind, plural, namespaced: true, defaultNamespace };
    return [{ ...resource, isHierarchy, isMoved: isHierarchy || MOVE_LABEL in labels }];
  };
  return [
    { ...core, kind: 'Secret', plural: 'secrets' },
    { ...core, kind: 'ConfigMap', plural: 'configmaps' },
    ...(await listed(client, CRDS, kindOf, { labelSelector: CLUSTERCTL_LABEL, limit: 20, signal })),
  ];
}

function link(nodes: readonly NewNode[]): void {
  const byUid = new Map(nodes.map((node) => [node.object.metadata.uid, node]));
  const named = new Map(nodes.map((node) => [keyOf(node.kind, node.object.metadata), node]));
  for (const node of nodes) {
    const { namespace, name, ownerReferences = [] } = node.object.metadata;
    const addCluster = (of: string) => {
      const owner = named.get(keyOf({ apiVersion: API_VERSIONS.core, kind: 'Cluster' }, { namespace, name: of }));
      if (owner !== undefined) node.softOwners.add(owner);
    };
    for (const reference of ownerReferences) {
      const owner = byUid.get(reference.uid);
      if (owner !== undefined && owner !== node) node.owners.set(owner, reference);
    }
    if (node.kind.kind === 'Secret' && node.owners.size === 0)
      for (const purpose of SECRET_PURPOSES) {
        if (name.endsWith(`-${purpose}`)) addCluster(name.slice(0, -purpose.length - 1));
      }
    // Cluster API looks at one every 15 seconds at most, and says only then to what it belongs.
    if (isOf(node, GROUPS.core, 'MachineHealthCheck') && node.owners.size === 0)
      addCluster((node.object['spec'] as { readonly clusterName: string }).clusterName);
    if (!isOf(node, GROUPS.core, 'Cluster')) continue;
    const { topology } = (node.object['spec'] ?? {}) as {
      readonly topology?: { readonly classRef?: { readonly name: string; readonly namespace?: string } };
    };
    if (topology?.classRef === undefined) continue;
    const reference = { namespace, ...topology.classRef };
    const owner = named.get(keyOf({ apiVersion: API_VERSIONS.core, kind: 'ClusterClass' }, reference));
    if (owner !== undefined) node.softOwners.add(owner);
  }
}

function keyOf(
  { apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  return `${apiVersion.split('/')[0]} ${kind} ${namespace}/${name}`;
}
