import { boolean } from '../../crd';
import { isCustomResourceDefinition } from '../../order';
import { withoutStatusField } from '../cluster-api-provider/lean-definition';
import { providerSchema } from '../cluster-api-provider/options';
import { bothContracts } from '../cluster-api-provider/cluster-api-release';
import { commonFlags, reviewed, type ProviderRelease, type ProviderSpec } from '../cluster-api-provider/release';
import {
  all,
  askForAccess,
  change,
  holdLeases,
  migrateCrds,
  read,
  rule,
  statusOnly,
} from '../cluster-api-provider/rules';

export const METAL3_PROVIDER = 'metal3-provider';

/** A release of CAPM3 that is built in. */
export type Metal3ProviderVersion = 'v1.13.2';

const core = 'cluster.x-k8s.io';
const group = `infrastructure.${core}`;
const ipam = 'ipam.metal3.io';
const coreIpam = `ipam.${core}`;
const version = 'v1beta2';
const statusOf = (...names: string[]) => names.map((name) => `${name}/status`);
const checked = [
  ...['cluster', 'clustertemplate', 'data', 'dataclaim', 'datatemplate', 'machine', 'machinetemplate'],
  ...['remediation', 'remediationtemplate'],
];

const release: ProviderRelease = {
  image: 'quay.io/metal3-io/cluster-api-provider-metal3:v1.13.2',
  imagePullPolicy: 'IfNotPresent',
  crds: 'cluster-api-provider-metal3-v1.13.2',
  contracts: bothContracts,
  // Its plural is no plural that clusterctl would form.
  crdAnnotations: { Metal3Data: { 'clusterctl.cluster.x-k8s.io/skip-crd-name-preflight-check': '' } },
  namespaceLabels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  managerRules: [
    rule('', ['events'], ['create', ...change]),
    rule('', ['nodes'], ['delete', ...change]),
    rule('', ['pods'], ['list']),
    rule('', ['secrets'], all),
    ...migrateCrds(
      ...['metal3clusters', 'metal3clustertemplates', 'metal3datas', 'metal3datatemplates'].map(ofGroup),
      ...['metal3machines', 'metal3machinetemplates'].map(ofGroup),
    ),
    ...askForAccess,
    rule(core, ['clusters', 'clusters/status', 'machinesets'], read),
    rule(core, ['machinedeployments', 'machines', 'machines/status'], all),
    rule(`controlplane.${core}`, ['kubeadmcontrolplanes'], read),
    rule(
      group,
      [
        ...['metal3clusters', 'metal3clustertemplates', 'metal3dataclaims', 'metal3datas', 'metal3datatemplates'],
        ...['metal3machines', 'metal3machinetemplates', 'metal3remediations'],
      ],
      all,
    ),
    rule(
      group,
      statusOf(
        ...['metal3clusters', 'metal3dataclaims', 'metal3datas', 'metal3datatemplates', 'metal3machines'],
        'metal3remediations',
      ),
      statusOnly,
    ),
    rule(coreIpam, ['ipaddressclaims'], all),
    rule(coreIpam, statusOf('ipaddressclaims'), ['get', 'watch']),
    rule([coreIpam, ipam], ['ipaddresses'], read),
    rule([coreIpam, ipam], statusOf('ipaddresses'), ['get']),
    rule(ipam, ['ipclaims'], all),
    rule(ipam, statusOf('ipclaims'), ['get', 'watch']),
    rule('metal3.io', ['baremetalhosts'], all),
    rule('metal3.io', statusOf('baremetalhosts'), statusOnly),
    rule('storage.k8s.io', ['volumeattachments'], ['list', 'watch']),
  ],
  leaderElectionRules: [rule('', ['events'], ['create']), holdLeases],
  mutating: ['cluster', 'remediationtemplate'].map((kind) => reviewed(group, version, `metal3${kind}`)),
  validating: checked.map((kind) => reviewed(group, version, `metal3${kind}`)),
  reviewVersions: ['v1', 'v1beta1'],
  pod: {
    labels: { 'controller-tools.k8s.io': '1.0' },
    annotations: { 'prometheus.io/path': '/metrics', 'prometheus.io/port': ':8443', 'prometheus.io/scrape': 'true' },
    webhookPortName: 'webhook-server',
    saysWebhookPort: true,
    knowsItself: false,
    certificateMode: 0o644,
  },
  leaderElection: false,
  featureGates: {},
  knownGates: [],
  // initFlags of main.go.
  flags: new Set([
    ...commonFlags,
    ...['clustercache-client-burst', 'clustercache-client-qps', 'enable-bmh-name-based-preallocation'],
    ...['leader-elect-lease-duration', 'leader-elect-renew-deadline', 'leader-elect-retry-period'],
    ...['metal3cluster-concurrency', 'metal3data-concurrency', 'metal3datatemplate-concurrency'],
    ...['metal3labelsync-concurrency', 'metal3machine-concurrency', 'metal3machinetemplate-concurrency'],
    ...['metal3remediation-concurrency', 'skip-crd-migration-phases'],
  ]),
};

const releases: Readonly<Record<Metal3ProviderVersion, ProviderRelease>> = { 'v1.13.2': release };

/** Props that no other provider has. */
interface OwnProps {
  readonly nameBasedPreallocation?: boolean | undefined;
  readonly fastTrack?: boolean | undefined;
  readonly omitLastUpdated?: boolean | undefined;
}

/** The kinds whose status the manager writes a time into whenever it looks at one. */
const ALWAYS_UPDATED: ReadonlySet<string> = new Set([ofGroup('metal3clusters'), ofGroup('metal3datatemplates')]);

export const metal3ProviderSpec: ProviderSpec = {
  name: METAL3_PROVIDER,
  title: 'Metal3 infrastructure provider',
  label: 'infrastructure-metal3',
  type: 'InfrastructureProvider',
  providerName: 'metal3',
  prefix: 'capm3',
  namespace: 'capm3-system',
  releases,
  defaultVersion: 'v1.13.2',
  controllers: [
    ...['metal3Cluster', 'metal3Data', 'metal3DataTemplate', 'metal3LabelSync', 'metal3Machine'],
    ...['metal3MachineTemplate', 'metal3Remediation'],
  ],
  measured: 'metal3machine',
  ownKubeApi: { qps: 20, burst: 30 },
  ownArguments: ({ nameBasedPreallocation }: OwnProps) => {
    const preallocation = (on: boolean) => [`--enable-bmh-name-based-preallocation=${on}`];
    const asked = nameBasedPreallocation === undefined ? [] : preallocation(nameBasedPreallocation);
    return { before: preallocation(nameBasedPreallocation ?? false), after: [], asked };
  },
  ownSetters: { 'enable-bmh-name-based-preallocation': "the prop 'nameBasedPreallocation'" },
  environment: ({ fastTrack = false }: OwnProps) => ({
    name: 'capm3-capm3fasttrack-configmap',
    data: { CAPM3_FAST_TRACK: String(fastTrack) },
  }),
  isEnvironmentAsked: ({ fastTrack }: OwnProps) => fastTrack !== undefined,
  shape: (manifest, { omitLastUpdated }: OwnProps) =>
    omitLastUpdated === true && isCustomResourceDefinition(manifest) && ALWAYS_UPDATED.has(manifest.metadata.name)
      ? withoutStatusField(manifest, 'lastUpdated')
      : manifest,
  probe: {
    apiVersion: `${group}/${version}`,
    kind: 'Metal3Cluster',
    spec: { controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 } },
  },
};

function ofGroup(plural: string): string {
  return `${plural}.${group}`;
}

export const metal3ProviderSchema = providerSchema(metal3ProviderSpec, {
  nameBasedPreallocation: boolean(),
  fastTrack: boolean(),
  omitLastUpdated: boolean(),
});
