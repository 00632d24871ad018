import {
  boolean,
  type CustomResourceDefinition,
  dateTime,
  enumeration,
  type Infer,
  object,
  required,
  string,
} from '../../../crd';
import type { CertManagerVersion } from '../releases';
import { acmeSolver } from './acme-solver';
import { acmeState, issuerReference } from './common';
import { definition } from './definition';
import { since } from './since';

const spec = object({
  issuerRef: required(issuerReference),
  authorizationURL: required(string()),
  url: required(string()),
  type: required(enumeration('HTTP-01', 'DNS-01')),
  dnsName: required(string()),
  wildcard: boolean(),
  token: required(string()),
  key: required(string()),
  solver: required(acmeSolver),
});
/** A proof, asked for by an ACME server, that a name is ours. */
export type ChallengeSpec = Infer<typeof spec>;

const status = object({
  state: acmeState,
  reason: string(),
  presented: boolean(),
  presentedAt: since('v1.21.1', dateTime()),
  processing: boolean(),
});
/** Where a challenge stands. */
export type ChallengeStatus = Infer<typeof status>;

export function challenge(version: CertManagerVersion): CustomResourceDefinition {
  return definition(version, {
    group: 'acme.cert-manager.io',
    kind: 'Challenge',
    plural: 'challenges',
    spec,
    status,
    required: ['metadata', 'spec'],
    selectableByIssuer: true,
    columns: [
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Domain', type: 'string', jsonPath: '.spec.dnsName' },
      { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
    ],
  });
}
