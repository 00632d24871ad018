/** What a kind is told by. */
export interface KindOfObject {
  readonly apiVersion: string;
  readonly kind: string;
}

const RBAC = 'rbac.authorization.k8s.io';
const CERT_MANAGER = 'cert-manager.io';
const ADMISSION = 'admissionregistration.k8s.io';

/**
 * The order in which kinds are applied, so that each finds what it needs: namespaces and CRDs, then what stands by
 * itself, then workloads, then what a webhook has to be there for, then the webhooks' own configuration (from then on
 * they are asked), then the hosts. As `Kind.group`, since every group may have a kind of any name.
 */
const RANKS: readonly (readonly string[])[] = [
  ['Namespace.'],
  // By which controllers agree on who works: deleted once nobody may make it again.
  ['Lease.coordination.k8s.io'],
  ['CustomResourceDefinition.apiextensions.k8s.io'],
  ['ServiceAccount.', 'ConfigMap.', 'Secret.', `Role.${RBAC}`, `ClusterRole.${RBAC}`],
  [`RoleBinding.${RBAC}`, `ClusterRoleBinding.${RBAC}`, 'Service.'],
  ['Deployment.apps'],
  [`Issuer.${CERT_MANAGER}`, `ClusterIssuer.${CERT_MANAGER}`],
  [`Certificate.${CERT_MANAGER}`],
  [`MutatingWebhookConfiguration.${ADMISSION}`, `ValidatingWebhookConfiguration.${ADMISSION}`],
];

const rankByKind: ReadonlyMap<string, number> = new Map(
  RANKS.flatMap((kinds, rank) => kinds.map((kind) => [kind, rank] as const)),
);

/** Place of a kind in the order of applying; kinds that are not named, hosts among them, come last. */
export function applyRank({ apiVersion, kind }: KindOfObject): number {
  return rankByKind.get(`${kind}.${groupOf(apiVersion)}`) ?? RANKS.length;
}

/**
 * Place of a kind in the order of deleting, the highest first: the other way round, but for Clusters, which go before all
 * else: while one is there its class is not deleted, and machines are on the hosts. What comes with a Cluster is made
 * before and after it, as its controllers look for it.
 */
export function deleteRank(object: KindOfObject): number {
  const isCluster = object.kind === 'Cluster' && groupOf(object.apiVersion) === 'cluster.x-k8s.io';
  return applyRank(object) + (isCluster ? 1 : 0);
}

/** The objects in the order of applying; those of one rank stay in the order in which they are given. */
export function inApplyOrder<T extends KindOfObject>(objects: readonly T[]): T[] {
  return [...objects].sort((a, b) => applyRank(a) - applyRank(b));
}

/** Whether it is Kubernetes' own namespace, and not a kind of that name in somebody's group. */
export function isNamespace({ apiVersion, kind }: KindOfObject): boolean {
  return kind === 'Namespace' && apiVersion === 'v1';
}

export function isCustomResourceDefinition({ apiVersion, kind }: KindOfObject): boolean {
  return kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io';
}

export function isLease({ apiVersion, kind }: KindOfObject): boolean {
  return kind === 'Lease' && groupOf(apiVersion) === 'coordination.k8s.io';
}

/** '' for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
