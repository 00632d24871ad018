import type { Problem, Schema, SchemaNode } from '../crd';
import { certManagerVersions } from '../components/cert-manager/releases';
import { metal3ProviderSchema } from '../components/metal3-provider/spec';
import { ipAddressManagerSchema } from '../components/ip-address-manager/spec';
import { kubeadmControlPlaneSchema } from '../components/kubeadm-control-plane/spec';
import { kubeadmBootstrapSchema } from '../components/kubeadm-bootstrap/spec';
import { podPlacement } from '../components/placement';
import { clusterApiSchema } from '../components/cluster-api/spec';
import {
  MISSING,
  anything,
  array,
  boolean,
  check,
  enumeration,
  integer,
  intOrString,
  jsonSchema,
  map,
  number,
  object,
  required,
  string,
} from '../crd';
import { invalidInput } from '../errors';
import { clusterSetSchema } from './cluster-set-schema';
import { hostSetSchema } from './host-set-schema';
import { clusterApiParts } from './cluster-api';
import { MOST_MANAGEMENT_CLUSTERS } from './management-clusters';
import { scenarioSchema, stepSchema } from '../scenario/schema';
import { failuresSchema } from '../kinds/bare-metal-host/stages/failures-schema';

const strings = map(string());

const resources = object({ limits: map(intOrString()), requests: map(intOrString()) });
const imagePullPolicy = enumeration('Always', 'IfNotPresent', 'Never');

const operator = object({
  ...podPlacement,
  count: integer({ minimum: 1, maximum: 100 }),
  version: string(),
  manifests: string(),
  testMode: boolean(),
  namespace: string(),
  createNamespace: boolean(),
  namePrefix: string(),
  crds: boolean(),
  crdsOnly: boolean(),
  serviceMonitor: boolean(),
  image: string(),
  imagePullPolicy,
  resources,
  ironicConfig: strings,
  kubeApiQps: number({ minimum: 0 }),
  kubeApiBurst: integer({ minimum: 1 }),
  concurrency: integer({ minimum: 1 }),
  watchedNamespaces: array(string()),
  hostClaims: boolean(),
  leaderElection: boolean(),
  webhook: boolean(),
  clusterctl: boolean(),
  extraArgs: array(string()),
  extraEnv: strings,
});

/** Each as its construct takes it, with the name of its manifests. */
const clusterApi = object({
  core: provider(clusterApiSchema),
  kubeadmBootstrap: provider(kubeadmBootstrapSchema),
  kubeadmControlPlane: provider(kubeadmControlPlaneSchema),
  ipAddressManager: provider(ipAddressManagerSchema),
  metal3Provider: provider(metal3ProviderSchema),
  leanCrds: boolean(),
  watchedNamespaces: array(string()),
  without: array(enumeration(...clusterApiParts)),
  existing: array(enumeration(...clusterApiParts)),
});

function provider(schema: SchemaNode): SchemaNode {
  return { ...schema, properties: { ...schema.properties, manifests: string() } };
}

const perComponent = <T>(schema: Schema<T>) => object({ controller: schema, webhook: schema, cainjector: schema });

const certManager = object({
  version: enumeration(...certManagerVersions),
  namespace: string(),
  createNamespace: boolean(),
  crds: boolean(),
  replicas: perComponent(integer({ minimum: 1 })),
  resources: perComponent(resources),
  featureGates: map(boolean()),
  logLevel: integer({ minimum: 0, maximum: 10 }),
  extraArgs: perComponent(array(string())),
  imageRegistry: string(),
  imagePullPolicy,
  kubeApiQps: number({ minimum: 0 }),
  kubeApiBurst: integer({ minimum: 1 }),
  leaderElectionNamespace: string(),
});

/** A number, or the least and the most as a list: structural schemas cannot say it, so the stages check it themselves. */
const milliseconds = anything();

const simulator = object({
  registeringMilliseconds: milliseconds,
  inspectingMilliseconds: milliseconds,
  preparingMilliseconds: milliseconds,
  provisioningMilliseconds: milliseconds,
  deprovisioningMilliseconds: milliseconds,
  poweringMilliseconds: milliseconds,
  deletingMilliseconds: milliseconds,
  failures: failuresSchema,
  events: boolean(),
  workers: integer({ minimum: 1, maximum: 16 }),
});

/** What simulators that run in pods have in common. */
const simulatorPods = {
  ...podPlacement,
  namespace: string(),
  createNamespace: boolean(),
  image: string(),
  imagePullPolicy,
  resources,
  podMonitor: boolean(),
};

const kwok = object({
  ...simulatorPods,
  shards: integer({ minimum: 1, maximum: 20 }),
  kwokImage: string(),
  credentials: boolean(),
});

const workloadApi = object({
  ...simulatorPods,
  replicas: integer({ minimum: 1, maximum: 100 }),
  shards: integer({ minimum: 1, maximum: 100 }),
});

const fields = {
  certManager,
  installCertManager: boolean(),
  operators: array(operator),
  clusterApi,
  hostSets: array(hostSetSchema),
  clusterSets: array(clusterSetSchema),
  simulator,
  kwok,
  workloadApi,
  scenario: scenarioSchema,
};

const managementClusters = array(object({ name: required(string()), ...fields }), {
  minItems: 1,
  maxItems: MOST_MANAGEMENT_CLUSTERS,
});

const testbed = object({ ...fields, managementClusters });

/** What testbed.yaml may say. Its fields are those of `TestbedEntries`, which describes them. */
export const testbedSchema: SchemaNode = testbed;

/** A step may hold steps, so that the document has to refer to it by a name. */
const STEPS = new Map<SchemaNode, string>([[stepSchema, '#/$defs/step']]);
/** What one of several management clusters says is what a whole description says. */
const FIELDS = new Map<SchemaNode, string>(
  Object.entries(fields)
    .filter(([, { type }]) => type === 'object' || type === 'array')
    .map(([name, node]) => [node, `#/properties/${name}`] as const),
);

/**
 * The same as a JSON Schema document. `npm run schema` describes its fields as {@link TestbedEntries} does, and writes what
 * the package publishes for editors.
 */
export function testbedJsonSchema() {
  const { type, properties, ...rest } = jsonSchema(object(fields), STEPS);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/metal3-testbed/testbed.schema.json',
    title: 'metal3-testbed',
    type,
    properties: { ...(properties as object), managementClusters: jsonSchema(managementClusters, FIELDS) },
    ...rest,
    $defs: { step: jsonSchema({ ...stepSchema }, STEPS) },
  };
}

/**
 * @param value the content of testbed.yaml
 * @param lineOf on which line of the file something is, by its path
 * @throws TestbedError (`invalid-input`) naming every field that is unknown or not allowed
 */
export function requireTestbedShape(value: unknown, file: string, lineOf?: (path: string) => number): void {
  refuse(check(testbedSchema, value, ''), file, lineOf);
}

/**
 * The same of a description of which some parts are known only later, and are left out: nothing that is missing is refused.
 *
 * @throws TestbedError (`invalid-input`) naming every problem
 */
export function requireKnownShape(value: unknown, file: string): void {
  refuse(
    check(testbedSchema, value, '').filter(({ message }) => message !== MISSING),
    file,
  );
}

function refuse(problems: readonly Problem[], file: string, lineOf?: (path: string) => number): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ path, message }) => {
    const where = lineOf === undefined ? '' : `${file}:${lineOf(path)}: `;
    return `  ${where}${path || 'testbed'}: ${message}`;
  });
  throw invalidInput(`${file} is refused:\n${lines.join('\n')}`);
}
