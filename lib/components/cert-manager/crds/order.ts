import {
  boolean,
  bytes,
  type CustomResourceDefinition,
  dateTime,
  type Infer,
  object,
  required,
  string,
} from '../../../crd';
import type { CertManagerVersion } from '../releases';
import { acmeState, issuerReference } from './common';
import { definition } from './definition';
import { list, since } from './since';

const spec = object({
  issuerRef: required(issuerReference),
  request: required(bytes()),
  commonName: string(),
  dnsNames: list(string()),
  ipAddresses: list(string()),
  duration: string(),
  profile: since('v1.21.1', string()),
  replaces: since('v1.21.1', string()),
});
/** An order of a certificate from an ACME server. */
export type OrderSpec = Infer<typeof spec>;

const authorization = object({
  url: required(string()),
  identifier: string(),
  wildcard: boolean(),
  initialState: acmeState,
  challenges: list(object({ url: required(string()), token: required(string()), type: required(string()) })),
});

const status = object({
  state: acmeState,
  reason: string(),
  url: string(),
  finalizeURL: string(),
  authorizations: list(authorization),
  certificate: bytes(),
  failureTime: dateTime(),
});
/** Where an order stands. */
export type OrderStatus = Infer<typeof status>;

export function order(version: CertManagerVersion): CustomResourceDefinition {
  return definition(version, {
    group: 'acme.cert-manager.io',
    kind: 'Order',
    plural: 'orders',
    spec,
    status,
    required: ['metadata', 'spec'],
    selectableByIssuer: true,
    columns: [
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name', priority: 1 },
      { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
    ],
  });
}
