import {
  boolean,
  bytes,
  type CustomResourceDefinition,
  enumeration,
  type Infer,
  object,
  required,
  string,
} from '../../../crd';
import { isAtLeast, type CertManagerVersion } from '../releases';
import { acmeSolver } from './acme-solver';
import { conditions, localObjectReference, secretKeySelector, serviceAccountReference } from './common';
import { conditionPath, definition } from './definition';
import { list, requiredBefore, sayingSince, since } from './since';

const acme = object({
  server: required(string()),
  email: string(),
  privateKeySecretRef: required(secretKeySelector),
  externalAccountBinding: object({
    keyID: required(string()),
    keySecretRef: required(secretKeySelector),
    keyAlgorithm: enumeration('HS256', 'HS384', 'HS512'),
  }),
  disableAccountKeyGeneration: boolean(),
  preferredChain: string({ maxLength: 64 }),
  profile: since('v1.21.1', string()),
  enableDurationFeature: boolean(),
  caBundle: bytes(),
  skipTLSVerify: boolean(),
  solvers: list(acmeSolver),
});

/** A CA whose key and certificate are in a Secret. */
const ca = object({
  secretName: required(string()),
  crlDistributionPoints: list(string()),
  issuingCertificateURLs: since('v1.21.1', list(string())),
  ocspServers: list(string()),
});

const selfSigned = object({ crlDistributionPoints: list(string()) });

const vaultAuth = object({
  appRole: object({
    path: required(string()),
    roleId: required(string()),
    secretRef: required(secretKeySelector),
  }),
  aws: since(
    'v1.21.1',
    object({
      role: required(string({ minLength: 1 })),
      iamRoleArn: string(),
      mountPath: string(),
      region: string(),
      serviceAccountRef: serviceAccountReference,
      vaultHeaderValue: string(),
    }),
  ),
  clientCertificate: since('v1.21.1', object({ mountPath: string(), name: string(), secretName: string() })),
  kubernetes: object({
    role: required(string()),
    mountPath: string(),
    secretRef: requiredBefore('v1.21.1', secretKeySelector),
    serviceAccountRef: since('v1.21.1', serviceAccountReference),
  }),
  tokenSecretRef: secretKeySelector,
});

const vault = object({
  server: required(string()),
  serverName: since('v1.21.1', string()),
  path: required(string()),
  namespace: string(),
  auth: required(vaultAuth),
  caBundle: bytes(),
  caBundleSecretRef: secretKeySelector,
  clientCertSecretRef: since('v1.21.1', secretKeySelector),
  clientKeySecretRef: since('v1.21.1', secretKeySelector),
});

const venafi = sayingSince(
  'v1.21.1',
  object({
    zone: required(string()),
    cloud: object({ url: string(), apiTokenSecretRef: required(secretKeySelector) }),
    ngts: since(
      'v1.21.1',
      object({
        tsgID: required(string()),
        url: string(),
        tokenEndpoint: string(),
        credentialsRef: required(localObjectReference),
      }),
    ),
    tpp: object({
      url: required(string()),
      credentialsRef: required(localObjectReference),
      caBundle: bytes(),
      caBundleSecretRef: since('v1.21.1', secretKeySelector),
    }),
  }),
  {
    'x-kubernetes-validations': [
      {
        rule: '(has(self.tpp) ? 1 : 0) + (has(self.cloud) ? 1 : 0) + (has(self.ngts) ? 1 : 0) == 1',
        message: 'exactly one of tpp, cloud, or ngts must be configured',
      },
    ],
  },
);

const spec = object({ acme, ca, selfSigned, vault, venafi });
/** Who signs, and how it is reached: the same for an Issuer and a ClusterIssuer. */
export type IssuerSpec = Infer<typeof spec>;

const status = object({
  conditions,
  acme: object({
    uri: string(),
    lastRegisteredEmail: string(),
    lastPrivateKeyHash: since('v1.21.1', string()),
  }),
});
/** Whether an issuer is ready to sign. */
export type IssuerStatus = Infer<typeof status>;

/** Signs for the Certificates of its own namespace. */
export function issuer(version: CertManagerVersion): CustomResourceDefinition {
  return definition(version, {
    kind: 'Issuer',
    plural: 'issuers',
    shortNames: isAtLeast(version, 'v1.21.1') ? ['iss'] : undefined,
    ...bothIssuers(version),
  });
}

/** Signs for the Certificates of every namespace. */
export function clusterIssuer(version: CertManagerVersion): CustomResourceDefinition {
  return definition(version, {
    kind: 'ClusterIssuer',
    plural: 'clusterissuers',
    scope: 'Cluster',
    shortNames: isAtLeast(version, 'v1.21.1') ? ['ciss'] : undefined,
    ...bothIssuers(version),
  });
}

function bothIssuers(version: CertManagerVersion) {
  return {
    spec,
    status,
    required: ['spec'],
    columns: [
      { name: 'Ready', type: 'string', jsonPath: conditionPath(version, 'Ready', 'status') },
      { name: 'Status', type: 'string', jsonPath: conditionPath(version, 'Ready', 'message'), priority: 1 },
    ],
  } as const;
}
