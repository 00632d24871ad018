/**
 * What is in a cluster that kubeadm has made, as Cluster API's managers and people look at it. Pure: all follows from the
 * facts and from names.
 */
import { createHash } from 'node:crypto';
import { withoutUndefined } from '../../../lib/without-undefined';
import { microTimeOf, timeOf, type ApiObject, type Draft } from './api-object';
import type { ClusterFacts, HostFacts, MachineFacts } from './facts';
import { uuidOf } from './store';

/** An object by its place. */
export interface Template {
  readonly groupVersion: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly build: () => Draft;
}

const RBAC = 'rbac.authorization.k8s.io';
const SYSTEM = 'kube-system';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const DNS_IP_OFFSET = 10;
const REGISTRY = 'registry.k8s.io';
/** By minor version of Kubernetes, as kubeadm has them. */
const COMPANIONS: Readonly<Record<string, { readonly etcd: string; readonly coredns: string }>> = {
  '1.31': { etcd: '3.5.15-0', coredns: 'v1.11.3' },
  '1.32': { etcd: '3.5.16-0', coredns: 'v1.11.3' },
  '1.33': { etcd: '3.5.21-0', coredns: 'v1.12.0' },
  '1.34': { etcd: '3.6.4-0', coredns: 'v1.12.1' },
  '1.35': { etcd: '3.6.6-0', coredns: 'v1.13.1' },
};
const LATEST = { etcd: '3.6.6-0', coredns: 'v1.13.1' };
const COREDNS_HASH = '66bc5c9577';
export const COREDNS_REPLICAS = 2;

const COREFILE = (domain: string) => `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

function companionsOf(version: string) {
  return COMPANIONS[/^v?(\d+\.\d+)/.exec(version)?.[1] ?? ''] ?? LATEST;
}

/** An address of a range of IPv4 addresses. @param offset from its first one */
function addressIn(cidr: string, offset: number): string {
  const [a = 10, b = 96, c = 0, d = 0] = (cidr.split('/')[0] ?? '').split('.').map(Number);
  const number = ((a << 24) | (b << 16) | (c << 8) | d) + offset;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** Five letters that follow from a text. */
export function suffixOf(text: string): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return [...createHash('sha256').update(text).digest().subarray(0, 5)].map((byte) => letters[byte % 27]).join('');
}

/** What is there as soon as an API server is. */
export function bootstrapTemplates({ serviceCidr }: ClusterFacts): Template[] {
  const namespaces = ['default', 'kube-node-lease', 'kube-public', SYSTEM].map((name): Template => {
    const labels = { 'kubernetes.io/metadata.name': name };
    const draft = { metadata: { labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
    return { groupVersion: 'v1', plural: 'namespaces', namespace: '', name, build: () => draft };
  });
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const all = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
  const nodes = ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats'];
  return [
    ...namespaces,
    {
      groupVersion: 'v1',
      plural: 'services',
      namespace: 'default',
      name: 'kubernetes',
      build: () => ({
        metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
        spec: {
          type: 'ClusterIP',
          clusterIP: addressIn(serviceCidr, 1),
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
        },
        status: { loadBalancer: {} },
      }),
    },
    ...[
      clusterRole('cluster-admin', [all, { nonResourceURLs: ['*'], verbs: ['*'] }], labels),
      clusterRole('system:kubelet-api-admin', [{ apiGroups: [''], resources: nodes, verbs: ['*'] }], labels),
      clusterRoleBinding('cluster-admin', 'cluster-admin', 'system:masters', labels),
    ],
  ];
}

function clusterRole(name: string, rules: readonly object[], labels?: Readonly<Record<string, string>>): Template {
  const build = () => ({ metadata: { labels }, rules });
  return { groupVersion: `${RBAC}/v1`, plural: 'clusterroles', namespace: '', name, build };
}

const group = (name: string) => ({ apiGroup: RBAC, kind: 'Group', name });
const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: SYSTEM });

function clusterRoleBinding(
  name: string,
  role: string,
  to: string | object,
  labels?: Readonly<Record<string, string>>,
): Template {
  const build = () => ({
    metadata: { labels },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [typeof to === 'string' ? group(to) : to],
  });
  return { groupVersion: `${RBAC}/v1`, plural: 'clusterrolebindings', namespace: '', name, build };
}

function role(namespace: string, name: string, resourceNames: readonly string[], to: object): Template[] {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames, verbs: ['get'] }];
  const roleRef = { apiGroup: RBAC, kind: 'Role', name };
  return [
    { groupVersion: `${RBAC}/v1`, plural: 'roles', namespace, name, build: () => ({ rules }) },
    { groupVersion: `${RBAC}/v1`, plural: 'rolebindings', namespace, name, build: () => ({ roleRef, subjects: [to] }) },
  ];
}

/** What kubeadm makes once its first control-plane node is there. */
export function kubeadmTemplates(facts: ClusterFacts, count: Counts): Template[] {
  const { version, dnsDomain } = facts;
  const system = (groupVersion: string, plural: string, name: string, build: () => Draft): Template => {
    return { groupVersion, plural, namespace: SYSTEM, name, build };
  };
  const dns = addressIn(facts.serviceCidr, DNS_IP_OFFSET);
  const endpoint = facts.endpoint === undefined ? '' : `${facts.endpoint.host}:${facts.endpoint.port}`;
  const joiners = group('system:bootstrappers:kubeadm:default-node-token');
  return [
    system('v1', 'configmaps', 'kubeadm-config', () => ({
      data: { ClusterConfiguration: clusterConfiguration(facts) },
    })),
    system('v1', 'configmaps', 'kubelet-config', () => ({
      data: {
        kubelet: `apiVersion: kubelet.config.k8s.io/v1beta1\nclusterDNS:\n- ${dns}\nclusterDomain: ${dnsDomain}\nkind: KubeletConfiguration\n`,
      },
    })),
    system('v1', 'configmaps', 'kube-proxy', () => ({
      metadata: { labels: { app: 'kube-proxy' } },
      data: { 'config.conf': 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n' },
    })),
    system('v1', 'configmaps', 'coredns', () => ({ data: { Corefile: COREFILE(dnsDomain) } })),
    {
      groupVersion: 'v1',
      plural: 'configmaps',
      namespace: 'kube-public',
      name: 'cluster-info',
      build: () => ({
        data: {
          kubeconfig: `apiVersion: v1\nclusters:\n- cluster:\n    server: https://${endpoint}\n  name: ""\ncontexts: null\ncurrent-context: ""\nkind: Config\npreferences: {}\nusers: null\n`,
        },
      }),
    },
    ...['coredns', 'kube-proxy'].map((name) => system('v1', 'serviceaccounts', name, () => ({}))),
    system('v1', 'services', 'kube-dns', () => ({
      metadata: { labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: dns,
        selector: { 'k8s-app': 'kube-dns' },
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
      status: { loadBalancer: {} },
    })),
    system('apps/v1', 'daemonsets', 'kube-proxy', () => kubeProxy(version, count)),
    system('apps/v1', 'deployments', 'coredns', () => coreDns(version, count)),
    system('apps/v1', 'replicasets', `coredns-${COREDNS_HASH}`, () => coreDnsReplicaSet(version, count)),
    clusterRoleBinding('kubeadm:cluster-admins', 'cluster-admin', 'kubeadm:cluster-admins'),
    clusterRoleBinding('kubeadm:apiserver-kubelet-client', 'system:kubelet-api-admin', {
      apiGroup: RBAC,
      kind: 'User',
      name: 'kube-apiserver-kubelet-client',
    }),
    clusterRole('kubeadm:get-nodes', [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]),
    clusterRoleBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', joiners),
    clusterRoleBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiners),
    clusterRoleBinding('kubeadm:node-proxier', 'system:node-proxier', account('kube-proxy')),
    ...role(SYSTEM, 'kubeadm:nodes-kubeadm-config', ['kubeadm-config'], joiners),
    ...role(SYSTEM, 'kubeadm:kubelet-config', ['kubelet-config'], joiners),
    ...role(SYSTEM, 'kube-proxy', ['kube-proxy'], joiners),
    ...role('kube-public', 'kubeadm:bootstrap-signer-clusterinfo', ['cluster-info'], {
      apiGroup: RBAC,
      kind: 'User',
      name: 'system:anonymous',
    }),
  ];
}

function clusterConfiguration({ name, version, endpoint, hasStackedEtcd, ...facts }: ClusterFacts): string {
  const etcd = hasStackedEtcd ? '  local:\n    dataDir: /var/lib/etcd' : '  external:\n    endpoints: []';
  const address = endpoint === undefined ? '""' : `${endpoint.host}:${endpoint.port}`;
  return `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: ${JSON.stringify(name)}
controlPlaneEndpoint: ${address}
controllerManager: {}
dns: {}
encryptionAlgorithm: RSA-2048
etcd:
${etcd}
imageRepository: ${REGISTRY}
kind: ClusterConfiguration
kubernetesVersion: ${JSON.stringify(version)}
networking:
  dnsDomain: ${JSON.stringify(facts.dnsDomain)}
  podSubnet: ${JSON.stringify(facts.podCidr)}
  serviceSubnet: ${JSON.stringify(facts.serviceCidr)}
proxy: {}
scheduler: {}
`;
}

/** How many nodes and pods there are, asked whenever somebody looks. */
export interface Counts {
  nodes(): number;
  readyCoreDns(): number;
}

function kubeProxy(version: string, count: Counts): Draft {
  const labels = { 'k8s-app': 'kube-proxy' };
  return {
    metadata: { labels, generation: 1 },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'kube-proxy', image: `${REGISTRY}/kube-proxy:${version}`, imagePullPolicy: 'IfNotPresent' },
          ],
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          serviceAccountName: 'kube-proxy',
          priorityClassName: 'system-node-critical',
          tolerations: [{ operator: 'Exists' }],
        },
      },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    },
    status: daemonSetStatus(count.nodes()),
  };
}

export function daemonSetStatus(nodes: number): object {
  return {
    currentNumberScheduled: nodes,
    desiredNumberScheduled: nodes,
    numberAvailable: nodes,
    numberMisscheduled: 0,
    numberReady: nodes,
    updatedNumberScheduled: nodes,
    observedGeneration: 1,
  };
}

const DNS_LABELS = { 'k8s-app': 'kube-dns' };

/** Where it runs, and as whom. */
const coreDnsPlacement = {
  serviceAccountName: 'coredns',
  priorityClassName: 'system-cluster-critical',
  dnsPolicy: 'Default',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [
    { key: 'CriticalAddonsOnly', operator: 'Exists' },
    { key: CONTROL_PLANE, effect: 'NoSchedule' },
  ],
};

function coreDnsSpec(version: string): object {
  return {
    containers: [
      {
        name: 'coredns',
        image: `${REGISTRY}/coredns/coredns:${companionsOf(version).coredns}`,
        args: ['-conf', '/etc/coredns/Corefile'],
        imagePullPolicy: 'IfNotPresent',
        volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
    ...coreDnsPlacement,
    volumes: [
      {
        name: 'config-volume',
        configMap: { name: 'coredns', defaultMode: 420, items: [{ key: 'Corefile', path: 'Corefile' }] },
      },
    ],
  };
}

function coreDns(version: string, count: Counts): Draft {
  return {
    metadata: { labels: DNS_LABELS, generation: 1, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: {
      replicas: COREDNS_REPLICAS,
      selector: { matchLabels: DNS_LABELS },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
      template: { metadata: { labels: DNS_LABELS }, spec: coreDnsSpec(version) },
    },
    status: deploymentStatus(count.readyCoreDns()),
  };
}

export function deploymentStatus(ready: number): object {
  const missing = { unavailableReplicas: COREDNS_REPLICAS - ready };
  return {
    observedGeneration: 1,
    replicas: COREDNS_REPLICAS,
    updatedReplicas: COREDNS_REPLICAS,
    ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    ...(ready < COREDNS_REPLICAS ? missing : {}),
    // One may be missing, as its strategy says.
    conditions: [
      { type: 'Available', status: ready >= COREDNS_REPLICAS - 1 ? 'True' : 'False', reason: 'MinimumReplicas' },
    ],
  };
}

function coreDnsReplicaSet(version: string, count: Counts): Draft {
  const labels = { ...DNS_LABELS, 'pod-template-hash': COREDNS_HASH };
  const ready = count.readyCoreDns();
  return {
    metadata: { labels, generation: 1, ownerReferences: [controller('apps/v1', 'Deployment', 'coredns', '')] },
    spec: {
      replicas: COREDNS_REPLICAS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: coreDnsSpec(version) },
    },
    status: { observedGeneration: 1, replicas: COREDNS_REPLICAS, readyReplicas: ready, availableReplicas: ready },
  };
}

function controller(apiVersion: string, kind: string, name: string, uid: string): object {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Address of a node: its host's, or one that follows from its name. */
export function addressOf(machine: MachineFacts): string {
  if (machine.host !== undefined && machine.host.address !== '') return machine.host.address;
  const digest = createHash('sha256').update(machine.uid).digest();
  return `10.${200 + (digest[0]! % 50)}.${digest[1]!}.${1 + (digest[2]! % 250)}`;
}

/** The Node of a machine, as its kubelet registers it. */
export function nodeDraft(facts: ClusterFacts, machine: MachineFacts, host: HostFacts, joinedAt: number): Draft {
  const { name, isControlPlane } = machine;
  const version = machine.version || facts.version;
  const time = timeOf(joinedAt);
  const uuid = createHash('sha256').update(host.uid).digest('hex').slice(0, 32);
  const capacity = {
    cpu: String(host.cpus),
    memory: `${host.memoryMib * 1024}Ki`,
    pods: '110',
    'ephemeral-storage': '101430960Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  };
  const taints = [
    ...(isControlPlane ? [{ key: CONTROL_PLANE, effect: 'NoSchedule' }] : []),
    // As Cluster API's bootstrap provider has it, until its labels are there.
    ...(isControlPlane || machine.hasNode
      ? []
      : [{ key: 'node.cluster.x-k8s.io/uninitialized', effect: 'NoSchedule' }]),
  ];
  return {
    metadata: {
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'metal3.io/uuid': host.uid,
        ...(isControlPlane && { [CONTROL_PLANE]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: withoutUndefined({
      providerID: machine.providerId === '' ? undefined : machine.providerId,
      taints: taints.length > 0 ? taints : undefined,
    }),
    status: {
      addresses: [
        { type: 'InternalIP', address: addressOf(machine) },
        { type: 'Hostname', address: name },
      ],
      capacity,
      allocatable: capacity,
      conditions: nodeConditions(true, time),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        operatingSystem: 'linux',
        osImage: 'Ubuntu 24.04.3 LTS',
        kernelVersion: '6.8.0-87-generic',
        machineID: uuid,
        systemUUID: host.uid,
        bootID: bootIdOf(host),
        containerRuntimeVersion: 'containerd://2.1.4',
        kubeletVersion: version,
        kubeProxyVersion: '',
      },
    },
  };
}

/** Another one whenever it has been switched on. */
export function bootIdOf({ uid, boots }: HostFacts): string {
  return uuidOf(`${uid} boot ${boots}`);
}

/** @param isThere whether its kubelet tells of itself */
export function nodeConditions(isThere: boolean, time: string): object[] {
  const pressure = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => {
    const healthy = { status: 'False', reason: `KubeletHasNo${type}`, message: `kubelet has no ${type}` };
    return { type, ...(isThere ? healthy : UNKNOWN) };
  });
  const ready = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
  return [...pressure, { type: 'Ready', ...(isThere ? ready : UNKNOWN) }].map((each) => {
    return { ...each, lastHeartbeatTime: time, lastTransitionTime: time };
  });
}

const UNKNOWN = {
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
};

export const UNREACHABLE_TAINTS = ['NoSchedule', 'NoExecute'].map((effect) => {
  return { key: 'node.kubernetes.io/unreachable', effect };
});

/** The Lease by which a kubelet says that it is there. */
export function leaseDraft(node: string, nodeUid: string, renewedAt: number): Draft {
  return {
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid }] },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTimeOf(renewedAt) },
  };
}

/** Where a pod runs, and since when. */
export interface PodPlace {
  /** Undefined where no node takes it. */
  readonly node: string | undefined;
  readonly nodeUid: string;
  readonly address: string;
  readonly startedAt: number;
  readonly isReady: boolean;
}

/** The pods of a control-plane node that its kubelet reads from files: their names without the node's. */
export function staticPods({ hasStackedEtcd }: ClusterFacts): string[] {
  return [...(hasStackedEtcd ? ['etcd'] : []), 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
}

export function staticPodDraft(component: string, version: string, place: PodPlace): Draft {
  const { node = '', nodeUid, startedAt } = place;
  const image = component === 'etcd' ? `etcd:${companionsOf(version).etcd}` : `${component}:${version}`;
  const hash = createHash('md5').update(`${component} ${nodeUid} ${version}`).digest('hex');
  return podDraft(component, `${REGISTRY}/${image}`, place, {
    metadata: {
      labels: { component, tier: 'control-plane' },
      annotations: {
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.seen': microTimeOf(startedAt),
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid, controller: true }],
    },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    },
  });
}

/** @param owner the DaemonSet as it is now */
export function kubeProxyPodDraft(owner: ApiObject, place: PodPlace): Draft {
  return podDraft('kube-proxy', imageOf(owner), place, {
    metadata: {
      generateName: 'kube-proxy-',
      labels: { 'controller-revision-hash': '7d6f5b9c4d', 'k8s-app': 'kube-proxy', 'pod-template-generation': '1' },
      ownerReferences: [controller('apps/v1', 'DaemonSet', 'kube-proxy', owner.metadata.uid)],
    },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'kube-proxy',
      tolerations: [{ operator: 'Exists' }],
    },
  });
}

/** @param deployment as it is now */
export function coreDnsPodDraft(deployment: ApiObject, replicaSetUid: string, place: PodPlace): Draft {
  const name = `coredns-${COREDNS_HASH}`;
  return podDraft('coredns', imageOf(deployment), place, {
    metadata: {
      generateName: `${name}-`,
      labels: { ...DNS_LABELS, 'pod-template-hash': COREDNS_HASH },
      ownerReferences: [controller('apps/v1', 'ReplicaSet', name, replicaSetUid)],
    },
    spec: coreDnsPlacement,
  });
}

export const COREDNS_REPLICA_SET = `coredns-${COREDNS_HASH}`;

function imageOf(workload: ApiObject): string {
  const { spec } = workload as { readonly spec?: { template?: { spec?: { containers?: { image?: string }[] } } } };
  return spec?.template?.spec?.containers?.[0]?.image ?? '';
}

function podDraft(container: string, image: string, place: PodPlace, draft: Draft): Draft {
  const { node, address, startedAt, isReady } = place;
  const spec = {
    containers: [{ name: container, image, imagePullPolicy: 'IfNotPresent', resources: {} }],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    priority: 2_000_000_000,
    ...(draft['spec'] as object),
  };
  if (node === undefined) {
    const why = { reason: 'Unschedulable', message: '0 nodes are available for it.' };
    const conditions = [{ type: 'PodScheduled', status: 'False', ...why, lastTransitionTime: timeOf(startedAt) }];
    return { ...draft, spec, status: { phase: 'Pending', qosClass: 'BestEffort', conditions } };
  }
  const time = timeOf(startedAt);
  const ready = isReady ? 'True' : 'False';
  const conditions = [
    ...['PodReadyToStartContainers', 'Initialized'].map((type) => ({ type, status: 'True' })),
    ...['Ready', 'ContainersReady'].map((type) => ({ type, status: ready })),
    { type: 'PodScheduled', status: 'True' },
  ].map((each) => ({ ...each, lastProbeTime: null, lastTransitionTime: time }));
  return {
    ...draft,
    spec: { ...spec, nodeName: node },
    status: {
      phase: 'Running',
      qosClass: 'BestEffort',
      conditions,
      startTime: time,
      hostIP: address,
      hostIPs: [{ ip: address }],
      podIP: address,
      podIPs: [{ ip: address }],
      containerStatuses: [
        {
          name: container,
          image,
          imageID: image,
          containerID: `containerd://${createHash('sha256').update(`${node} ${container}`).digest('hex')}`,
          ready: isReady,
          started: true,
          restartCount: 0,
          state: { running: { startedAt: time } },
          lastState: {},
        },
      ],
    },
  };
}
