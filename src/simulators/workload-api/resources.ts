/** What kinds a workload cluster serves, and what discovery says of them. */

export interface Resource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  /** Such as `nodes`. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** Whether `kubectl get all` has it. */
  readonly inAll: boolean;
  readonly subresources: readonly string[];
}

interface Options {
  readonly cluster?: true;
  readonly short?: string;
  readonly all?: true;
  readonly sub?: string;
}

const GROUPS: Readonly<Record<string, Readonly<Record<string, readonly [kind: string, options?: Options]>>>> = {
  v1: {
    configmaps: ['ConfigMap', { short: 'cm' }],
    endpoints: ['Endpoints', { short: 'ep' }],
    events: ['Event', { short: 'ev' }],
    limitranges: ['LimitRange', { short: 'limits' }],
    namespaces: ['Namespace', { cluster: true, short: 'ns', sub: 'status' }],
    nodes: ['Node', { cluster: true, short: 'no', sub: 'status' }],
    persistentvolumeclaims: ['PersistentVolumeClaim', { short: 'pvc', sub: 'status' }],
    persistentvolumes: ['PersistentVolume', { cluster: true, short: 'pv', sub: 'status' }],
    pods: ['Pod', { short: 'po', all: true, sub: 'status eviction portforward' }],
    replicationcontrollers: ['ReplicationController', { short: 'rc', all: true, sub: 'status' }],
    resourcequotas: ['ResourceQuota', { short: 'quota', sub: 'status' }],
    secrets: ['Secret'],
    serviceaccounts: ['ServiceAccount', { short: 'sa' }],
    services: ['Service', { short: 'svc', all: true, sub: 'status' }],
  },
  'apps/v1': {
    controllerrevisions: ['ControllerRevision'],
    daemonsets: ['DaemonSet', { short: 'ds', all: true, sub: 'status' }],
    deployments: ['Deployment', { short: 'deploy', all: true, sub: 'status' }],
    replicasets: ['ReplicaSet', { short: 'rs', all: true, sub: 'status' }],
    statefulsets: ['StatefulSet', { short: 'sts', all: true, sub: 'status' }],
  },
  'batch/v1': {
    cronjobs: ['CronJob', { short: 'cj', all: true, sub: 'status' }],
    jobs: ['Job', { all: true, sub: 'status' }],
  },
  'coordination.k8s.io/v1': { leases: ['Lease'] },
  'discovery.k8s.io/v1': { endpointslices: ['EndpointSlice'] },
  'networking.k8s.io/v1': {
    ingresses: ['Ingress', { short: 'ing', sub: 'status' }],
    networkpolicies: ['NetworkPolicy', { short: 'netpol' }],
  },
  'policy/v1': { poddisruptionbudgets: ['PodDisruptionBudget', { short: 'pdb', sub: 'status' }] },
  'rbac.authorization.k8s.io/v1': {
    clusterrolebindings: ['ClusterRoleBinding', { cluster: true }],
    clusterroles: ['ClusterRole', { cluster: true }],
    rolebindings: ['RoleBinding'],
    roles: ['Role'],
  },
  'scheduling.k8s.io/v1': { priorityclasses: ['PriorityClass', { cluster: true, short: 'pc' }] },
  'storage.k8s.io/v1': {
    storageclasses: ['StorageClass', { cluster: true, short: 'sc' }],
    volumeattachments: ['VolumeAttachment', { cluster: true, sub: 'status' }],
  },
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const RESOURCES: ReadonlyMap<string, ReadonlyMap<string, Resource>> = new Map(
  Object.entries(GROUPS).map(([groupVersion, resources]) => {
    const [version = '', group = ''] = groupVersion.split('/').reverse();
    const all = Object.entries(resources).map(([plural, [kind, options = {}]]): [string, Resource] => [
      plural,
      {
        group,
        version,
        plural,
        kind,
        namespaced: options.cluster !== true,
        shortNames: options.short === undefined ? [] : [options.short],
        inAll: options.all === true,
        subresources: options.sub?.split(' ') ?? [],
      },
    ]);
    return [groupVersion, new Map(all)];
  }),
);

/** @param groupVersion such as `apps/v1`; undefined where it is not served */
export function resourceOf(groupVersion: string, plural: string): Resource | undefined {
  return RESOURCES.get(groupVersion)?.get(plural);
}

/** One that this package itself names. */
export function resource(groupVersion: string, plural: string): Resource {
  const found = resourceOf(groupVersion, plural);
  if (found === undefined) throw new Error(`no resource ${groupVersion} ${plural}`);
  return found;
}

export function groupVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** As errors name it: `nodes`, `deployments.apps`. */
export function qualifiedName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `APIResourceList` of one version; undefined where it is not served. */
export function resourceList(groupVersion: string): object | undefined {
  const resources = RESOURCES.get(groupVersion);
  if (resources === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [...resources.values()].flatMap(listed),
  };
}

function listed(each: Resource): object[] {
  const { plural, kind, namespaced } = each;
  return [
    {
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: VERBS,
      shortNames: each.shortNames.length > 0 ? each.shortNames : undefined,
      categories: each.inAll ? ['all'] : undefined,
    },
    ...each.subresources.map((name) => {
      const of = SUBRESOURCES[name] ?? { kind, verbs: ['get', 'patch', 'update'] };
      return { name: `${plural}/${name}`, singularName: '', namespaced, ...of };
    }),
  ];
}

const SUBRESOURCES: Readonly<Record<string, object>> = {
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
};

/** `APIGroupList` of `/apis`. */
export function groupList(): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [...RESOURCES.keys()].filter((each) => each.includes('/')).map(groupOf),
  };
}

/** `APIGroup` of `/apis/GROUP`; undefined where it is not served. */
export function group(name: string): object | undefined {
  const groupVersion = [...RESOURCES.keys()].find((each) => each.startsWith(`${name}/`));
  return groupVersion === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(groupVersion) };
}

function groupOf(groupVersion: string) {
  const [name, version] = groupVersion.split('/');
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
}

/** `APIVersions` of `/api`. @param address of this API server */
export function versions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** All of `/api`, or of `/apis`, in one answer. */
export function aggregated(isCore: boolean, version: string): object {
  const items = [...RESOURCES].filter(([groupVersion]) => groupVersion.includes('/') !== isCore);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: items.map(([groupVersion, resources]) => {
      const [of = '', name = ''] = groupVersion.split('/').reverse();
      const discovered = [...resources.values()].map(discovery);
      return {
        metadata: { name: name === '' ? undefined : name, creationTimestamp: null },
        versions: [{ version: of, freshness: 'Current', resources: discovered }],
      };
    }),
  };
}

function discovery(each: Resource): object {
  const { plural, kind, namespaced, group: of, version } = each;
  const scope = namespaced ? 'Namespaced' : 'Cluster';
  const own = { group: of, version, kind };
  return {
    resource: plural,
    responseKind: own,
    scope,
    singularResource: kind.toLowerCase(),
    verbs: VERBS,
    shortNames: each.shortNames.length > 0 ? each.shortNames : undefined,
    categories: each.inAll ? ['all'] : undefined,
    subresources:
      each.subresources.length === 0
        ? undefined
        : each.subresources.map((subresource) => {
            const { verbs, ...rest } = (SUBRESOURCES[subresource] ?? { verbs: ['get', 'patch', 'update'] }) as {
              readonly verbs: readonly string[];
              readonly kind?: string;
            };
            const responseKind = rest.kind === undefined ? own : { group: of, version, ...rest };
            return { subresource, responseKind, verbs };
          }),
  };
}

/** `/openapi/v3`: what kubectl needs to leave it to the API server to look at fields. */
export function openApiIndex(): object {
  const paths = [...RESOURCES.keys()].map((each) => {
    const path = `${each.includes('/') ? 'apis' : 'api'}/${each}`;
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=1` }];
  });
  return { paths: Object.fromEntries(paths) as object };
}

/** `/openapi/v3/apis/GROUP/VERSION`; undefined where it is not served. */
export function openApi(groupVersion: string): object | undefined {
  const resources = RESOURCES.get(groupVersion);
  if (resources === undefined) return undefined;
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => {
    return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
  });
  const root = `/${groupVersion.includes('/') ? 'apis' : 'api'}/${groupVersion}`;
  const paths = [...resources.values()].map(({ plural, kind, namespaced, group: of, version }) => {
    const gvk = { 'x-kubernetes-group-version-kind': { group: of, version, kind } };
    const operation = { ...gvk, parameters, responses: { 200: { description: 'OK' } } };
    const path = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}/{name}`;
    return [path, { patch: { ...operation, 'x-kubernetes-action': 'patch' } }];
  });
  const info = { title: 'Kubernetes', version: 'simulated' };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths) as object };
}
