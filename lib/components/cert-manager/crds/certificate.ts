import {
  boolean,
  type CustomResourceDefinition,
  dateTime,
  enumeration,
  type Infer,
  integer,
  map,
  object,
  required,
  string,
} from '../../../crd';
import { isAtLeast, type CertManagerVersion } from '../releases';
import { conditions, issuerReference, keyUsage, secretKeySelector } from './common';
import { conditionPath, definition } from './definition';
import { list, requiredBefore, since } from './since';

const subject = object({
  countries: list(string()),
  localities: list(string()),
  organizationalUnits: list(string()),
  organizations: list(string()),
  postalCodes: list(string()),
  provinces: list(string()),
  serialNumber: string(),
  streetAddresses: list(string()),
});

const privateKey = object({
  algorithm: enumeration('RSA', 'ECDSA', 'Ed25519'),
  encoding: enumeration('PKCS1', 'PKCS8'),
  rotationPolicy: enumeration('Never', 'Always'),
  size: integer(),
});

const keystores = object({
  jks: object({
    create: required(boolean()),
    passwordSecretRef: requiredBefore('v1.21.1', secretKeySelector),
    password: since('v1.21.1', string()),
    alias: since('v1.21.1', string()),
  }),
  pkcs12: object({
    create: required(boolean()),
    passwordSecretRef: requiredBefore('v1.21.1', secretKeySelector),
    password: since('v1.21.1', string()),
    profile: since('v1.21.1', enumeration('LegacyRC2', 'LegacyDES', 'Modern2023', 'Modern2026')),
  }),
});

const permittedNames = object({
  dnsDomains: list(string()),
  emailAddresses: list(string()),
  ipRanges: list(string()),
  uriDomains: list(string()),
});

/** Names that a CA may sign for. */
const nameConstraints = object({ critical: boolean(), permitted: permittedNames, excluded: permittedNames });

/** When a certificate is renewed. */
const renewal = object({
  policy: enumeration('RenewBefore', 'Disabled'),
  windows: list(
    object({
      cron: required(string({ minLength: 1 })),
      windowDuration: required(string({ pattern: '^([0-9]+(\\.[0-9]+)?(s|m|h))+$' })),
      timezone: string({ minLength: 1 }),
    }),
  ),
});

const signatureAlgorithm = enumeration(
  'SHA256WithRSA',
  'SHA384WithRSA',
  'SHA512WithRSA',
  'ECDSAWithSHA256',
  'ECDSAWithSHA384',
  'ECDSAWithSHA512',
  'PureEd25519',
);

const spec = object({
  secretName: required(string()),
  issuerRef: required(issuerReference),
  secretTemplate: object({ annotations: map(string()), labels: map(string()) }),

  commonName: string(),
  dnsNames: list(string()),
  emailAddresses: list(string()),
  ipAddresses: list(string()),
  uris: list(string()),
  otherNames: since('v1.21.1', list(object({ oid: string(), utf8Value: string() }))),
  subject,
  literalSubject: string(),

  isCA: boolean(),
  nameConstraints: since('v1.21.1', nameConstraints),
  usages: list(keyUsage),
  encodeUsagesInRequest: boolean(),
  privateKey,
  signatureAlgorithm: since('v1.21.1', signatureAlgorithm),
  additionalOutputFormats: list(object({ type: required(enumeration('DER', 'CombinedPEM')) })),
  keystores,

  duration: string(),
  renewBefore: string(),
  renewBeforePercentage: since('v1.21.1', integer({ format: 'int32' })),
  renewal: since('v1.21.1', renewal),
  revisionHistoryLimit: integer({ format: 'int32' }),
});
/** What a certificate should be. */
export type CertificateSpec = Infer<typeof spec>;

/** What the ACME server says of the time to renew (ACME Renewal Information, RFC 9773). */
const renewalInformation = object({
  explanationURL: string(),
  lastChecked: dateTime(),
  lastError: string(),
  nextCheck: dateTime(),
  suggestedWindow: object({ start: required(dateTime()), end: required(dateTime()) }),
});

const status = object({
  conditions,
  revision: integer(),
  notBefore: dateTime(),
  notAfter: dateTime(),
  renewalTime: dateTime(),
  nextPrivateKeySecretName: string(),
  lastFailureTime: dateTime(),
  failedIssuanceAttempts: integer(),
  acme: since('v1.21.1', object({ ari: renewalInformation })),
});
/** What is known of a certificate. */
export type CertificateStatus = Infer<typeof status>;

export function certificate(version: CertManagerVersion): CustomResourceDefinition {
  return definition(version, {
    kind: 'Certificate',
    plural: 'certificates',
    shortNames: ['cert', 'certs'],
    spec,
    status,
    required: isAtLeast(version, 'v1.21.1') ? [] : ['spec'],
    selectableByIssuer: true,
    columns: [
      { name: 'Ready', type: 'string', jsonPath: conditionPath(version, 'Ready', 'status') },
      { name: 'Secret', type: 'string', jsonPath: '.spec.secretName' },
      { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name', priority: 1 },
      { name: 'Status', type: 'string', jsonPath: conditionPath(version, 'Ready', 'message'), priority: 1 },
    ],
  });
}
