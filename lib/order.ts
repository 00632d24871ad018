/**
 * The order in which kinds are applied, so that each finds what it needs: namespaces and CRDs, then what stands by
 * itself, then workloads, then what a webhook has to be there for, then the webhooks' own configuration (from then on
 * they are asked), then the hosts. Deleting goes the other way round.
 */
const RANKS: readonly (readonly string[])[] = [
  ['Namespace'],
  // By which controllers agree on who works: deleted once nobody may make it again.
  ['Lease'],
  ['CustomResourceDefinition'],
  ['ServiceAccount', 'ConfigMap', 'Secret', 'Role', 'ClusterRole'],
  ['RoleBinding', 'ClusterRoleBinding', 'Service'],
  ['Deployment'],
  ['Issuer', 'ClusterIssuer'],
  ['Certificate'],
  ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
];

/** Place of a kind in the order of applying; kinds that are not named, hosts among them, come last. */
export function applyRank(kind: string): number {
  const rank = RANKS.findIndex((kinds) => kinds.includes(kind));
  return rank < 0 ? RANKS.length : rank;
}

/** The objects in the order of applying; those of one rank stay in the order in which they are given. */
export function inApplyOrder<T extends { readonly kind: string }>(objects: readonly T[]): T[] {
  return [...objects].sort((a, b) => applyRank(a.kind) - applyRank(b.kind));
}
