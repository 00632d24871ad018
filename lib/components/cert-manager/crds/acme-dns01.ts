import { anything, enumeration, object, required, string } from '../../../crd';
import { secretKeySelector, serviceAccountReference } from './common';
import { requiredBefore, since } from './since';

const acmeDNS = object({ host: required(string()), accountSecretRef: required(secretKeySelector) });

const akamai = object({
  serviceConsumerDomain: required(string()),
  accessTokenSecretRef: required(secretKeySelector),
  clientSecretSecretRef: required(secretKeySelector),
  clientTokenSecretRef: required(secretKeySelector),
});

const azureDNS = object({
  subscriptionID: required(string()),
  resourceGroupName: required(string()),
  hostedZoneName: string(),
  zoneType: since('v1.21.1', enumeration('AzurePublicZone', 'AzurePrivateZone')),
  environment: enumeration('AzurePublicCloud', 'AzureChinaCloud', 'AzureGermanCloud', 'AzureUSGovernmentCloud'),
  tenantID: string(),
  clientID: string(),
  clientSecretSecretRef: secretKeySelector,
  managedIdentity: object({ clientID: string(), resourceID: string(), tenantID: since('v1.21.1', string()) }),
});

const cloudDNS = object({
  project: required(string()),
  hostedZoneName: string(),
  serviceAccountSecretRef: secretKeySelector,
});

const cloudflare = object({
  email: string(),
  apiKeySecretRef: secretKeySelector,
  apiTokenSecretRef: secretKeySelector,
});

const digitalocean = object({ tokenSecretRef: required(secretKeySelector) });

const rfc2136 = object({
  nameserver: required(string()),
  protocol: since('v1.21.1', enumeration('TCP', 'UDP')),
  tsigAlgorithm: string(),
  tsigKeyName: string(),
  tsigSecretSecretRef: secretKeySelector,
});

const route53 = object({
  region: requiredBefore('v1.21.1', string()),
  hostedZoneID: string(),
  role: string(),
  auth: since(
    'v1.21.1',
    object({ kubernetes: required(object({ serviceAccountRef: required(serviceAccountReference) })) }),
  ),
  accessKeyID: string(),
  accessKeyIDSecretRef: secretKeySelector,
  secretAccessKeySecretRef: secretKeySelector,
});

/** A DNS provider that cert-manager does not know, served by a webhook; `config` is the webhook's own affair. */
const webhook = object({ groupName: required(string()), solverName: required(string()), config: anything() });

/** Proof by a TXT record, at one of these providers. */
export const dns01 = object({
  cnameStrategy: enumeration('None', 'Follow'),
  acmeDNS,
  akamai,
  azureDNS,
  cloudDNS,
  cloudflare,
  digitalocean,
  rfc2136,
  route53,
  webhook,
});
