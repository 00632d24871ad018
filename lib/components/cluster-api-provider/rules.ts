import type { k8s } from 'cdk8s-plus-27';

export const read = ['get', 'list', 'watch'];
/** In the order in which controller-gen writes them. */
export const all = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
export const change = ['get', 'list', 'patch', 'update', 'watch'];
export const statusOnly = ['get', 'patch', 'update'];

export function rule(apiGroups: string | readonly string[], resources: string[], verbs: string[]): k8s.PolicyRule {
  return { apiGroups: [apiGroups].flat(), resources, verbs };
}

/** Asking the API server whether whoever reads the metrics may do so. */
export const askForAccess: readonly k8s.PolicyRule[] = [
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
];

/** Rewriting objects into the version that they are stored in: all CRDs are read, and these are written. */
export function migrateCrds(...names: string[]): readonly k8s.PolicyRule[] {
  const group = 'apiextensions.k8s.io';
  const definitions = 'customresourcedefinitions';
  return [
    rule(group, [definitions], read),
    { ...rule(group, [definitions, `${definitions}/status`], ['patch', 'update']), resourceNames: names },
  ];
}

export const recordEvents = rule('', ['events'], ['create', 'patch']);
export const holdLeases = rule(
  'coordination.k8s.io',
  ['leases'],
  ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
);
