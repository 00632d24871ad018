import { BMC_PROTOCOLS } from '../kinds/bare-metal-host/bmc-address';
import { bareMetalHostSpec, startingStatus } from '../kinds/bare-metal-host/schema';
import type { Schema, SchemaNode } from '../crd';
import { certManagerVersions } from '../components/cert-manager';
import {
  array,
  boolean,
  check,
  described,
  enumeration,
  integer,
  intOrString,
  map,
  number,
  object,
  required,
  string,
  unknownFields,
} from '../crd';
import { invalidInput } from '../errors';
import { scenarioSchema, stepSchema } from '../scenario/schema';
import { failuresSchema } from '../kinds/bare-metal-host/stages/failures-schema';

/** The same object with no field required, and without some of them. */
function partial<T extends object, K extends keyof T & string = never>(
  schema: Schema<T>,
  ...without: readonly K[]
): Schema<Partial<Omit<T, K>>> {
  const { required: _, properties = {}, ...rest } = schema as SchemaNode;
  const kept = Object.entries(properties).filter(([name]) => !without.includes(name as K));
  return { ...rest, properties: Object.fromEntries(kept) };
}

const strings = map(string());
const hostSpec = bareMetalHostSpec as SchemaNode;
const specField = (name: string): SchemaNode => hostSpec.properties?.[name] ?? {};

/** Where a username or password is read from: one of the two. */
export interface ValueSource {
  /** Name of the environment variable that holds the value. */
  readonly env?: string | undefined;
  /** Path of the file that holds the value, relative to the description; one line break at its end is dropped. */
  readonly file?: string | undefined;
}

/**
 * Credentials of BMCs as `testbed.yaml` gives them: a username and a password, each as a value or as where to take it from,
 * or a Secret that exists.
 */
export interface CredentialsEntry {
  /** User that is known to the BMC. */
  readonly username?: string | undefined;
  /** Password of that user. In a file that others read, use `passwordFrom`. */
  readonly password?: string | undefined;
  /** Where the username is read from, instead of `username`. */
  readonly usernameFrom?: ValueSource | undefined;
  /** Where the password is read from, instead of `password`. */
  readonly passwordFrom?: ValueSource | undefined;
  /** A Secret that exists in the namespace of each host, with the keys `username` and `password`; instead of all others. */
  readonly secretName?: string | undefined;
}

const valueFrom = object({
  env: described('Name of the environment variable that holds the value.', string()),
  file: described(
    'Path of the file that holds the value, relative to this file; one trailing line break is dropped.',
    string(),
  ),
});

const credentials: Schema<CredentialsEntry> = described(
  'Credentials of the BMCs: values, where to take them from, or a Secret that exists.',
  object({
    username: string(),
    password: string(),
    usernameFrom: valueFrom,
    passwordFrom: valueFrom,
    secretName: described(
      'A Secret that exists in the namespace of each host, with the keys username and password.',
      string(),
    ),
  }),
);
const specOverrides = partial(bareMetalHostSpec as Schema<Record<string, unknown>>, 'bmc');

const override: SchemaNode = {
  ...specOverrides,
  properties: {
    hosts: described("Which hosts, by index: 7, '10-20' or '1,5,10-20'.", intOrString()),
    ...(specOverrides as SchemaNode).properties,
    bmc: partial(specField('bmc') as Schema<Record<string, unknown>>),
    labels: strings,
    annotations: strings,
    credentials,
    paused: boolean(),
    status: startingStatus,
  },
  required: ['hosts'],
};

const hostSet = object({
  count: required(described('How many hosts.', integer({ minimum: 0, maximum: 2 ** 24 - 2 }))),
  name: described("Name of the set, and first part of its hosts' names (worker).", string()),
  namePattern: described(
    'How a host is named: {index} or {index:WIDTH} once, {name} for the name of the set ({name}-{index}).',
    string(),
  ),
  firstIndex: described('Index of the first host (1).', integer({ minimum: 0 })),
  namespace: described(
    'Namespace of the hosts (default); with hostsPerNamespace, the first of several: NAMESPACE-2 and on follow.',
    string(),
  ),
  namespaces: described('Namespaces by name, instead of namespace.', array(string(), { minItems: 1 })),
  hostsPerNamespace: described(
    'How many hosts a namespace takes (20 where no namespace is named, else no limit).',
    integer({ minimum: 1 }),
  ),
  bmcProtocol: described('Scheme of the BMC addresses (libvirt).', enumeration(...BMC_PROTOCOLS)),
  bmcAddresses: described(
    'CIDR blocks of the BMCs, filled one after the other (192.168.122.0/24, then 10.0.0.0/8).',
    array(string(), { minItems: 1 }),
  ),
  bmcEndpoint: described('One Redfish endpoint for all hosts, host or host:port, instead of bmcAddresses.', string()),
  systemId: described("Id of a host's system at bmcEndpoint, with {uuid}, {index} or {host} once ({uuid}).", string()),
  bmcPort: described(
    'Port of the BMCs (6233 for libvirt, otherwise none is written).',
    integer({ minimum: 1, maximum: 65535 }),
  ),
  disableCertificateVerification: described('Whether BMO takes any certificate of a BMC.', boolean()),
  credentials,
  secretPer: described(
    'Whether each host has a Secret of its own (host), or those of a namespace share one (namespace).',
    enumeration('host', 'namespace'),
  ),
  macPrefix: described('First octets of the boot MAC addresses (default: 00:60:2f).', string()),
  bootMAC: described('Whether hosts have a boot MAC address (true).', boolean()),
  online: described('Whether the hosts shall be powered on (true).', boolean()),
  image: described('Image to provision at once (none).', specField('image') as Schema<Record<string, unknown>>),
  userData: specField('userData'),
  networkData: specField('networkData'),
  rootDeviceHints: specField('rootDeviceHints'),
  inspectionMode: specField('inspectionMode'),
  automatedCleaningMode: specField('automatedCleaningMode'),
  paused: described('Whether BMO shall leave the hosts alone (false).', boolean()),
  status: described('The status that hosts start with (none).', startingStatus as Schema<Record<string, unknown>>),
  spec: described(
    'Any other field of the hosts.',
    partial(bareMetalHostSpec as Schema<Record<string, unknown>>, 'bmc', 'bootMACAddress', 'online'),
  ),
  labels: strings,
  annotations: strings,
  overrides: described('What some hosts have otherwise, by index.', array(override as Schema<Record<string, unknown>>)),
});

const resources = object({
  limits: map(intOrString()),
  requests: map(intOrString()),
});
const imagePullPolicy = enumeration('Always', 'IfNotPresent', 'Never');

const operator = object({
  version: described('Release of the Bare Metal Operator (v0.13.2).', string()),
  manifests: described(
    "Name of the release's own manifests, for one that is not built in: 'metal3-testbed manifests add' takes them in.",
    string(),
  ),
  testMode: described('Whether all hosts are fake, so that no Ironic is needed (true).', boolean()),
  namespace: described('Namespace of the operator (baremetal-operator-system).', string()),
  createNamespace: boolean(),
  namePrefix: described("First part of the names of the operator's objects.", string()),
  crds: described('Whether the CRDs are installed with it (with the operator of the newest release).', boolean()),
  image: string(),
  imagePullPolicy,
  resources,
  ironicConfig: strings,
  kubeApiQps: described('Requests a second to the Kubernetes API.', number({ minimum: 0 })),
  kubeApiBurst: described('Requests at once to the Kubernetes API.', integer({ minimum: 1 })),
  concurrency: described('Objects of each kind worked on at the same time.', integer({ minimum: 1 })),
  watchedNamespaces: described('Namespaces whose hosts this operator takes care of (all).', array(string())),
  hostClaims: described('Whether hosts are handed to HostClaims (from v0.14 on).', boolean()),
  leaderElection: boolean(),
  webhook: described('Whether the operator checks hosts when they are written (true).', boolean()),
  extraArgs: array(string()),
  extraEnv: strings,
});

const perComponent = <T>(schema: Schema<T>) => object({ controller: schema, webhook: schema, cainjector: schema });

const certManager = object({
  version: described('Release of cert-manager (v1.21.1).', enumeration(...certManagerVersions)),
  namespace: described('Namespace of cert-manager (cert-manager).', string()),
  createNamespace: boolean(),
  crds: boolean(),
  replicas: perComponent(integer({ minimum: 1 })),
  resources: perComponent(resources),
  featureGates: map(boolean()),
  logLevel: integer({ minimum: 0, maximum: 10 }),
  extraArgs: perComponent(array(string())),
  imageRegistry: described('Where the images are pulled from (quay.io/jetstack).', string()),
  imagePullPolicy,
  kubeApiQps: number({ minimum: 0 }),
  kubeApiBurst: integer({ minimum: 1 }),
  leaderElectionNamespace: string(),
});

/** A number, or the least and the most as a list: structural schemas cannot say it, so the stages check it themselves. */
const milliseconds = described('Milliseconds: a number, or the least and the most.', unknownFields()) as SchemaNode;
const { type: _, ...anyMilliseconds } = milliseconds;

const simulator = object({
  registeringMilliseconds: anyMilliseconds,
  inspectingMilliseconds: anyMilliseconds,
  preparingMilliseconds: anyMilliseconds,
  provisioningMilliseconds: anyMilliseconds,
  deprovisioningMilliseconds: anyMilliseconds,
  poweringMilliseconds: anyMilliseconds,
  deletingMilliseconds: anyMilliseconds,
  failures: described('Shares of the hosts that fail, each in one state.', failuresSchema),
  events: boolean(),
  workers: integer({ minimum: 1, maximum: 16 }),
});

const testbed = object({
  certManager: described("cert-manager, which makes the certificates of the operators' webhooks.", certManager),
  installCertManager: described(
    'Whether cert-manager is part of the testbed (if an operator has its webhook on).',
    boolean(),
  ),
  operators: described(
    'The Bare Metal Operators (one, in test mode, for all namespaces). [] for none.',
    array(operator),
  ),
  hostSets: described('The hosts (one set of 10, as in the blog).', array(hostSet)),
  simulator: described('How the hosts behave where kwok simulates them.', simulator),
  scenario: scenarioSchema,
});

/** What testbed.yaml may say. */
export const testbedSchema: SchemaNode = testbed;

/** The same as a JSON Schema document, as the package publishes it for editors. */
export function testbedJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/metal3-testbed/testbed.schema.json',
    title: 'metal3-testbed',
    description: 'A Metal3 test environment: operators and fake bare-metal hosts.',
    ...strict(testbed),
    $defs: { [STEP]: strict({ ...stepSchema }) },
  };
}

/**
 * @param value the content of testbed.yaml
 * @param lineOf on which line of the file something is, by its path
 * @throws TestbedError (`invalid-input`) naming every field that is unknown or not allowed
 */
export function requireTestbedShape(value: unknown, file: string, lineOf?: (path: string) => number): void {
  const problems = check(testbedSchema, value, '');
  if (problems.length === 0) return;
  const lines = problems.map(({ path, message }) => {
    const where = lineOf === undefined ? '' : `${file}:${lineOf(path)}: `;
    return `  ${where}${path || 'testbed'}: ${message}`;
  });
  throw invalidInput(`${file} is refused:\n${lines.join('\n')}`);
}

/** The name by which the schema document refers to a step, which may hold steps. */
const STEP = 'step';

/** In a CRD unknown fields are dropped; here they are refused, which JSON Schema has to be told. */
export function strict(node: SchemaNode): Readonly<Record<string, unknown>> {
  if (node === stepSchema) return { $ref: `#/$defs/${STEP}` };
  const { nullable, properties, items, additionalProperties, ...rest } = node;
  const kept = Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-'));
  const isOpen = node['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...Object.fromEntries(kept),
    ...(nullable && { type: [node.type, 'null'] }),
    ...(items && { items: strict(items) }),
    ...(additionalProperties && { additionalProperties: strict(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, strict(each)])),
      ...(!isOpen && { additionalProperties: false }),
    }),
  };
}
