import { providerSchema } from '../cluster-api-provider/options';
import { clusterApiFlags, clusterApiRelease, ownKubeApi } from '../cluster-api-provider/cluster-api-release';
import { noArguments, reviewed, type ProviderRelease, type ProviderSpec } from '../cluster-api-provider/release';
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

export const CLUSTER_API = 'cluster-api';

/** A release of Cluster API that is built in. */
export type ClusterApiVersion = 'v1.13.4';

const group = 'cluster.x-k8s.io';
const addons = `addons.${group}`;
const ipam = `ipam.${group}`;
const runtime = `runtime.${group}`;
const version = 'v1beta2';
const onDelete = { operations: ['CREATE', 'UPDATE', 'DELETE'] };
const withStatus = (...names: string[]) => names.flatMap((name) => [name, `${name}/finalizers`, `${name}/status`]);

const release: ProviderRelease = {
  ...clusterApiRelease,
  image: 'registry.k8s.io/cluster-api/cluster-api-controller:v1.13.4',
  crds: 'cluster-api-v1.13.4',
  contracts: {},
  aggregatedBy: `${group}/aggregate-to-manager`,
  managerRules: [
    rule('', ['configmaps'], ['delete', ...change]),
    recordEvents,
    rule('', ['namespaces'], read),
    rule('', ['secrets'], all),
    rule(addons, ['clusterresourcesets/finalizers', 'clusterresourcesets/status'], ['get', 'patch', 'update']),
    rule([addons, `bootstrap.${group}`, `controlplane.${group}`, `infrastructure.${group}`], ['*'], all),
    ...migrateCrds(
      `clusterclasses.${group}`,
      `clusterresourcesetbindings.${addons}`,
      `clusterresourcesets.${addons}`,
      `clusters.${group}`,
      `extensionconfigs.${runtime}`,
      `ipaddressclaims.${ipam}`,
      `ipaddresses.${ipam}`,
      `machinedeployments.${group}`,
      `machinedrainrules.${group}`,
      `machinehealthchecks.${group}`,
      `machinepools.${group}`,
      `machines.${group}`,
      `machinesets.${group}`,
    ),
    ...askForAccess,
    rule(
      group,
      [
        ...['clusterclasses', 'clusterclasses/status', ...withStatus('clusters'), 'machinedrainrules'],
        ...['machinehealthchecks/finalizers', 'machinehealthchecks/status'],
      ],
      change,
    ),
    rule(
      group,
      [
        ...[...withStatus('machinedeployments'), 'machinehealthchecks'],
        ...withStatus('machinepools', 'machines', 'machinesets'),
      ],
      all,
    ),
    rule(ipam, ['ipaddressclaims', 'ipaddresses'], change),
    rule(ipam, ['ipaddressclaims/status'], ['patch', 'update']),
    rule(runtime, ['extensionconfigs', 'extensionconfigs/status'], change),
  ],
  leaderElectionRules: [rule('', ['events'], ['create']), holdLeases],
  mutating: [
    reviewed(group, version, 'cluster'),
    reviewed(addons, version, 'clusterresourceset'),
    // The release calls this one as if it were in another group.
    reviewed(runtime, version, 'extensionconfig', { name: `default.extensionconfig.runtime.${addons}` }),
    reviewed(group, version, 'machine'),
    reviewed(group, version, 'machinedeployment'),
    reviewed(group, version, 'machinehealthcheck'),
    reviewed(group, version, 'machinepool'),
    reviewed(group, version, 'machineset'),
  ],
  validating: [
    reviewed(group, version, 'cluster', onDelete),
    reviewed(group, version, 'clusterclass', { plural: 'clusterclasses', ...onDelete }),
    reviewed(addons, version, 'clusterresourceset'),
    reviewed(addons, version, 'clusterresourcesetbinding'),
    reviewed(runtime, version, 'extensionconfig'),
    reviewed(ipam, version, 'ipaddress', { plural: 'ipaddresses', ...onDelete }),
    reviewed(ipam, version, 'ipaddressclaim', onDelete),
    reviewed(group, version, 'machine'),
    reviewed(group, version, 'machinedeployment'),
    reviewed(group, version, 'machinedrainrule'),
    reviewed(group, version, 'machinehealthcheck'),
    reviewed(group, version, 'machinepool'),
    reviewed(group, version, 'machineset'),
  ],
  featureGates: {
    MachinePool: true,
    ClusterTopology: false,
    RuntimeSDK: false,
    MachineSetPreflightChecks: true,
    MachineWaitForVolumeDetachConsiderVolumeAttachments: true,
    PriorityQueue: true,
    ReconcilerRateLimiting: true,
    InPlaceUpdates: false,
    MachineTaintPropagation: false,
  },
  // InitFlags of main.go.
  flags: clusterApiFlags(
    ...['additional-sync-machine-annotations', 'additional-sync-machine-labels', 'cluster-concurrency'],
    ...['clusterclass-concurrency', 'clusterresourceset-concurrency', 'clustertopology-concurrency'],
    ...['extensionconfig-concurrency', 'machine-concurrency', 'machinedeployment-concurrency'],
    ...['machinehealthcheck-concurrency', 'machinepool-concurrency', 'machineset-concurrency'],
    ...['machineset-preflight-checks', 'remote-conditions-grace-period', 'remote-connection-grace-period'],
    ...['runtime-extension-client-cert-file', 'runtime-extension-client-key-file'],
  ),
};

const releases: Readonly<Record<ClusterApiVersion, ProviderRelease>> = { 'v1.13.4': release };

export const clusterApiSpec: ProviderSpec = {
  name: CLUSTER_API,
  title: 'Cluster API core provider',
  label: 'cluster-api',
  type: 'CoreProvider',
  providerName: 'cluster-api',
  prefix: 'capi',
  namespace: 'capi-system',
  releases,
  defaultVersion: 'v1.13.4',
  controllers: [
    ...['cluster', 'clusterCache', 'clusterClass', 'clusterResourceSet', 'clusterTopology', 'extensionConfig'],
    ...['machine', 'machineDeployment', 'machineHealthCheck', 'machinePool', 'machineSet'],
  ],
  measured: 'cluster',
  ownKubeApi,
  ownArguments: () => noArguments,
  ownSetters: {},
  probe: {
    apiVersion: `${group}/${version}`,
    kind: 'Cluster',
    // Without one of its references it is refused.
    spec: { infrastructureRef: { apiGroup: `infrastructure.${group}`, kind: 'ProbeCluster', name: 'probe' } },
  },
};

export const clusterApiSchema = providerSchema(clusterApiSpec);
