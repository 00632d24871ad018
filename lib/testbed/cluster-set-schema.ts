import { array, boolean, enumeration, integer, intOrString, map, object, required, string } from '../crd';
import { clusterPool, healthCheck, machineMetaData, machineNetworkData } from '../kinds/cluster/schema';
import { machineImage } from '../kinds/cluster/machine-image-schema';
import { hostFields, specField, valueFrom } from './host-set-schema';

const strings = map(string());
const cidrs = array(string(), { minItems: 1 });
const seconds = integer({ minimum: 0, maximum: 2 ** 31 - 1 });

const hostSelector = object({
  matchLabels: strings,
  matchExpressions: array(
    object({
      key: required(string()),
      operator: required(enumeration('!', '!=', '=', '==', 'exists', 'gt', 'in', 'lt', 'notin')),
      values: array(string()),
    }),
  ),
});

const group = object({
  name: required(string()),
  replicas: integer({ minimum: 0 }),
  kubernetesVersion: string(),
  image: machineImage,
  hostSelector,
  labels: strings,
  failureDomain: string(),
});

const rollout = object({
  type: enumeration('OnDelete', 'RollingUpdate'),
  maxSurge: intOrString(),
  maxUnavailable: intOrString(),
  controlPlaneMaxSurge: integer({ minimum: 0, maximum: 1 }),
});

/** What a cluster is like: `ClusterOptions`. */
const options = {
  kubernetesVersion: string(),
  controlPlanes: integer({ minimum: 1 }),
  workers: integer({ minimum: 0 }),
  machineDeployments: array(group),
  etcd: enumeration('external', 'stacked'),
  etcdEndpoints: array(string(), { minItems: 1 }),
  podCidrBlocks: cidrs,
  serviceCidrBlocks: cidrs,
  serviceDomain: string(),
  image: machineImage,
  userData: specField('userData'),
  dataTemplates: boolean(),
  metaData: machineMetaData,
  networkData: machineNetworkData,
  healthCheck,
  automatedCleaningMode: enumeration('disabled', 'metadata'),
  hostSelector,
  nodeDrainTimeoutSeconds: seconds,
  nodeVolumeDetachTimeoutSeconds: seconds,
  nodeDeletionTimeoutSeconds: seconds,
  rollout,
  labels: strings,
  annotations: strings,
  paused: boolean(),
};

const override = object({
  clusters: required(intOrString()),
  ...options,
  endpoint: object({ host: required(string()), port: required(integer({ minimum: 1, maximum: 65_535 })) }),
});

/** A cluster set. */
export const clusterSetSchema = object({
  count: required(integer({ minimum: 0, maximum: 1_000_000 })),
  name: string(),
  namePattern: string(),
  firstIndex: integer({ minimum: 0 }),
  namespace: string(),
  clustersPerNamespace: integer({ minimum: 1 }),
  ...options,
  clusterClass: object({ name: string(), namespace: string() }),
  hosts: object({ ...hostFields, spare: integer({ minimum: 0 }), room: integer({ minimum: 1 }) }),
  existingHosts: boolean(),
  endpointHost: string(),
  endpointPort: integer({ minimum: 1, maximum: 65_535 }),
  endpointAddresses: cidrs,
  ipPools: array(clusterPool),
  keySeed: string({ minLength: 1 }),
  certificateAuthority: object({
    certificate: string(),
    key: string(),
    certificateFrom: valueFrom,
    keyFrom: valueFrom,
  }),
  overrides: array(override),
});
