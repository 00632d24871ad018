import { BMC_PROTOCOLS } from '../kinds/bare-metal-host/bmc-address';
import { bareMetalHostSpec, startingStatus } from '../kinds/bare-metal-host/schema';
import {
  array,
  boolean,
  enumeration,
  integer,
  intOrString,
  map,
  object,
  required,
  string,
  type Schema,
  type SchemaNode,
} from '../crd';
import type { CredentialsEntry } from './entries';

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
/** A field of a host's spec. */
export const specField = (name: string): SchemaNode => hostSpec.properties?.[name] ?? {};

/** Where a value is read from: `ValueSource`. */
export const valueFrom = object({ env: string(), file: string() });

const credentials: Schema<CredentialsEntry> = object({
  username: string(),
  password: string(),
  usernameFrom: valueFrom,
  passwordFrom: valueFrom,
  secretName: string(),
});
const specOverrides = partial(bareMetalHostSpec as Schema<Record<string, unknown>>, 'bmc');

const override: SchemaNode = {
  ...specOverrides,
  properties: {
    hosts: intOrString(),
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

/** What a host is like, wherever it is, and whatever it is called. */
export const hostFields = {
  bmcProtocol: enumeration(...BMC_PROTOCOLS),
  bmcAddresses: array(string(), { minItems: 1 }),
  bmcEndpoint: string(),
  systemId: string(),
  bmcPort: integer({ minimum: 1, maximum: 65535 }),
  disableCertificateVerification: boolean(),
  credentials,
  secretPer: enumeration('host', 'namespace'),
  macPrefix: string(),
  bootMAC: boolean(),
  online: boolean(),
  userData: specField('userData'),
  networkData: specField('networkData'),
  rootDeviceHints: specField('rootDeviceHints'),
  inspectionMode: specField('inspectionMode'),
  automatedCleaningMode: specField('automatedCleaningMode'),
  paused: boolean(),
  status: startingStatus,
  spec: partial(bareMetalHostSpec as Schema<Record<string, unknown>>, 'bmc', 'bootMACAddress', 'online'),
  labels: strings,
  annotations: strings,
};

/** A host set. */
export const hostSetSchema = object({
  count: required(integer({ minimum: 0, maximum: 2 ** 24 - 2 })),
  name: string(),
  namePattern: string(),
  firstIndex: integer({ minimum: 0 }),
  namespace: string(),
  namespaces: array(string(), { minItems: 1 }),
  hostsPerNamespace: integer({ minimum: 1 }),
  image: specField('image'),
  ...hostFields,
  overrides: array(override as Schema<Record<string, unknown>>),
});
