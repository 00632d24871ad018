import { duration, providerSchema } from '../cluster-api-provider/options';
import {
  bothContracts,
  clusterApiFlags,
  clusterApiRelease,
  ownKubeApi,
} from '../cluster-api-provider/cluster-api-release';
import { reviewed, type ProviderRelease, type ProviderSpec } from '../cluster-api-provider/release';
import {
  all,
  askForAccess,
  change,
  holdLeases,
  migrateCrds,
  read,
  recordEvents,
  rule,
} from '../cluster-api-provider/rules';

export const KUBEADM_BOOTSTRAP = 'kubeadm-bootstrap';

/** A release of the kubeadm bootstrap provider that is built in. */
export type KubeadmBootstrapVersion = 'v1.13.4';

const core = 'cluster.x-k8s.io';
const group = `bootstrap.${core}`;
const version = 'v1beta2';

const release: ProviderRelease = {
  ...clusterApiRelease,
  image: 'registry.k8s.io/cluster-api/kubeadm-bootstrap-controller:v1.13.4',
  crds: 'kubeadm-bootstrap-v1.13.4',
  contracts: bothContracts,
  managerRules: [
    rule('', ['configmaps', 'secrets'], all),
    recordEvents,
    ...migrateCrds(`kubeadmconfigs.${group}`, `kubeadmconfigtemplates.${group}`),
    ...askForAccess,
    rule(group, ['kubeadmconfigs', 'kubeadmconfigs/finalizers', 'kubeadmconfigs/status'], all),
    rule(group, ['kubeadmconfigtemplates'], change),
    rule(
      core,
      [
        ...['clusters', 'clusters/status', 'machinepools', 'machinepools/status', 'machines', 'machines/status'],
        'machinesets',
      ],
      read,
    ),
  ],
  leaderElectionRules: [rule('', ['events'], ['create']), holdLeases],
  mutating: [reviewed(group, version, 'kubeadmconfigtemplate', { leavesMatchPolicy: true })],
  validating: [reviewed(group, version, 'kubeadmconfig'), reviewed(group, version, 'kubeadmconfigtemplate')],
  featureGates: {
    MachinePool: true,
    KubeadmBootstrapFormatIgnition: false,
    PriorityQueue: true,
    ReconcilerRateLimiting: true,
  },
  // InitFlags of bootstrap/kubeadm/main.go.
  flags: clusterApiFlags('bootstrap-token-ttl', 'kubeadmconfig-concurrency'),
};

const releases: Readonly<Record<KubeadmBootstrapVersion, ProviderRelease>> = { 'v1.13.4': release };

/** Props that no other provider has. */
interface OwnProps {
  readonly bootstrapTokenTtl?: string | undefined;
}

export const kubeadmBootstrapSpec: ProviderSpec = {
  name: KUBEADM_BOOTSTRAP,
  title: 'kubeadm bootstrap provider',
  label: 'bootstrap-kubeadm',
  type: 'BootstrapProvider',
  providerName: 'kubeadm',
  prefix: 'capi-kubeadm-bootstrap',
  namespace: 'capi-kubeadm-bootstrap-system',
  releases,
  defaultVersion: 'v1.13.4',
  controllers: ['clusterCache', 'kubeadmConfig'],
  measured: 'kubeadmconfig',
  ownKubeApi,
  ownArguments: ({ bootstrapTokenTtl }: OwnProps) => {
    const ttl = (value: string) => [`--bootstrap-token-ttl=${value}`];
    const asked = bootstrapTokenTtl === undefined ? [] : ttl(bootstrapTokenTtl);
    return { before: [], after: ttl(bootstrapTokenTtl ?? '15m'), asked };
  },
  ownSetters: { 'bootstrap-token-ttl': "the prop 'bootstrapTokenTtl'" },
  probe: { apiVersion: `${group}/${version}`, kind: 'KubeadmConfig', spec: { format: 'cloud-config' } },
};

export const kubeadmBootstrapSchema = providerSchema(kubeadmBootstrapSpec, { bootstrapTokenTtl: duration });
