import { providerSchema } from '../cluster-api-provider/options';
import {
  bothContracts,
  clusterApiFlags,
  clusterApiRelease,
  ownKubeApi,
} from '../cluster-api-provider/cluster-api-release';
import { noArguments, reviewed, type ProviderRelease, type ProviderSpec } from '../cluster-api-provider/release';
import { all, askForAccess, holdLeases, migrateCrds, read, recordEvents, rule } from '../cluster-api-provider/rules';

export const KUBEADM_CONTROL_PLANE = 'kubeadm-control-plane';

/** A release of the kubeadm control plane provider that is built in. */
export type KubeadmControlPlaneVersion = 'v1.13.4';

const core = 'cluster.x-k8s.io';
const group = `controlplane.${core}`;
const version = 'v1beta2';

const release: ProviderRelease = {
  ...clusterApiRelease,
  image: 'registry.k8s.io/cluster-api/kubeadm-control-plane-controller:v1.13.4',
  crds: 'kubeadm-control-plane-v1.13.4',
  contracts: bothContracts,
  aggregatedBy: `kubeadm.${group}/aggregate-to-manager`,
  managerRules: [
    recordEvents,
    rule('', ['namespaces'], read),
    rule('', ['secrets'], all),
    ...migrateCrds(`kubeadmcontrolplanes.${group}`, `kubeadmcontrolplanetemplates.${group}`),
    ...askForAccess,
    rule([`bootstrap.${core}`, group, `infrastructure.${core}`], ['*'], all),
    rule(core, ['clusters', 'clusters/status', 'machinepools'], read),
    rule(core, ['machines', 'machines/status'], all),
    rule(`runtime.${core}`, ['extensionconfigs'], read),
  ],
  leaderElectionRules: [rule('', ['events'], ['create']), holdLeases],
  mutating: [reviewed(group, version, 'kubeadmcontrolplane')],
  validating: [
    reviewed(group, version, 'kubeadmcontrolplane', {
      name: `validation-scale.kubeadmcontrolplane.${group}`,
      operations: ['UPDATE'],
      subresource: 'scale',
    }),
    reviewed(group, version, 'kubeadmcontrolplane'),
    reviewed(group, version, 'kubeadmcontrolplanetemplate', { leavesMatchPolicy: true }),
  ],
  featureGates: {
    MachinePool: true,
    ClusterTopology: false,
    KubeadmBootstrapFormatIgnition: false,
    PriorityQueue: true,
    ReconcilerRateLimiting: true,
    InPlaceUpdates: false,
    MachineTaintPropagation: false,
  },
  // InitFlags of controlplane/kubeadm/main.go.
  flags: clusterApiFlags(
    ...['etcd-call-timeout-duration', 'etcd-client-log-level', 'etcd-dial-timeout-duration'],
    ...['kubeadmcontrolplane-concurrency', 'remote-conditions-grace-period'],
    ...['runtime-extension-client-cert-file', 'runtime-extension-client-key-file'],
  ),
};

const releases: Readonly<Record<KubeadmControlPlaneVersion, ProviderRelease>> = { 'v1.13.4': release };

const reference = { apiGroup: `infrastructure.${core}`, kind: 'ProbeTemplate', name: 'probe' };

export const kubeadmControlPlaneSpec: ProviderSpec = {
  name: KUBEADM_CONTROL_PLANE,
  title: 'kubeadm control plane provider',
  label: 'control-plane-kubeadm',
  type: 'ControlPlaneProvider',
  providerName: 'kubeadm',
  prefix: 'capi-kubeadm-control-plane',
  namespace: 'capi-kubeadm-control-plane-system',
  releases,
  defaultVersion: 'v1.13.4',
  controllers: ['clusterCache', 'kubeadmControlPlane'],
  measured: 'kubeadmcontrolplane',
  ownKubeApi,
  ownArguments: () => noArguments,
  ownSetters: {},
  probe: {
    apiVersion: `${group}/${version}`,
    kind: 'KubeadmControlPlane',
    spec: {
      replicas: 1,
      version: 'v1.34.0',
      machineTemplate: { spec: { infrastructureRef: reference } },
      kubeadmConfigSpec: { format: 'cloud-config' },
    },
  },
};

export const kubeadmControlPlaneSchema = providerSchema(kubeadmControlPlaneSpec);
