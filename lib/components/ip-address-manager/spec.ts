import { providerSchema } from '../cluster-api-provider/options';
import {
  commonFlags,
  noArguments,
  reviewed,
  type ProviderRelease,
  type ProviderSpec,
} from '../cluster-api-provider/release';
import { all, askForAccess, read, rule, statusOnly } from '../cluster-api-provider/rules';

export const IP_ADDRESS_MANAGER = 'ip-address-manager';

/** A release of Metal3's IP address manager that is built in. */
export type IpAddressManagerVersion = 'v1.13.2';

const core = 'cluster.x-k8s.io';
const group = 'ipam.metal3.io';
const version = 'v1alpha1';
const kinds = [
  reviewed(group, version, 'ipaddress', { plural: 'ipaddresses' }),
  reviewed(group, version, 'ipclaim'),
  reviewed(group, version, 'ippool'),
];
const plurals = kinds.map(({ plural }) => plural);
const statusOf = (names: readonly string[]) => names.map((name) => `${name}/status`);
const coreKinds = ['ipaddressclaims', 'ipaddresses'];

const release: ProviderRelease = {
  image: 'quay.io/metal3-io/ip-address-manager:v1.13.2',
  imagePullPolicy: 'IfNotPresent',
  crds: 'ip-address-manager-v1.13.2',
  contracts: {
    'cluster.x-k8s.io/v1alpha2': 'v1alpha2',
    'cluster.x-k8s.io/v1alpha3': 'v1alpha3_v1alpha4',
    'cluster.x-k8s.io/v1alpha4': 'v1alpha5',
    'cluster.x-k8s.io/v1beta1': 'v1beta1',
  },
  namespaceLabels: { 'control-plane': 'controller-manager' },
  managerRules: [
    rule('', ['events'], ['create', 'get', 'list', 'patch', 'update', 'watch']),
    ...askForAccess,
    rule(core, ['clusters'], read),
    rule(core, ['clusters/status'], ['get']),
    rule(`ipam.${core}`, coreKinds, all),
    rule(`ipam.${core}`, statusOf(coreKinds), statusOnly),
    rule(group, plurals, all),
    rule(group, statusOf(plurals), statusOnly),
  ],
  // None for leases: it elects no leader.
  leaderElectionRules: [rule('', ['events'], ['create'])],
  mutating: kinds,
  validating: kinds,
  reviewVersions: ['v1', 'v1beta1'],
  pod: {
    labels: { 'controller-tools.k8s.io': '1.0' },
    webhookPortName: 'ipam-webhook',
    saysWebhookPort: true,
    knowsItself: false,
    certificateMode: 0o644,
  },
  leaderElection: false,
  featureGates: {},
  knownGates: [],
  // initFlags of main.go.
  flags: new Set([...commonFlags, 'ippool-concurrency']),
};

const releases: Readonly<Record<IpAddressManagerVersion, ProviderRelease>> = { 'v1.13.2': release };

export const ipAddressManagerSpec: ProviderSpec = {
  name: IP_ADDRESS_MANAGER,
  title: 'Metal3 IP address manager',
  label: 'ipam-metal3',
  type: 'IPAMProvider',
  providerName: 'metal3',
  prefix: 'ipam',
  namespace: 'metal3-ipam-system',
  releases,
  defaultVersion: 'v1.13.2',
  controllers: ['ipPool'],
  measured: 'ippool',
  ownKubeApi: { qps: 20, burst: 30 },
  ownArguments: () => noArguments,
  ownSetters: {},
  probe: {
    apiVersion: `${group}/${version}`,
    kind: 'IPPool',
    spec: { namePrefix: 'probe', pools: [{ start: '192.0.2.10', end: '192.0.2.20' }], prefix: 24 },
  },
};

export const ipAddressManagerSchema = providerSchema(ipAddressManagerSpec);
