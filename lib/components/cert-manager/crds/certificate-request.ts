import {
  array,
  boolean,
  bytes,
  type CustomResourceDefinition,
  dateTime,
  type Infer,
  map,
  object,
  required,
  string,
} from '../../../crd';
import { isAtLeast, type CertManagerVersion } from '../releases';
import { issuerReference, keyUsage, requestConditions } from './common';
import { conditionPath, definition } from './definition';
import { list } from './since';

const spec = object({
  issuerRef: required(issuerReference),
  request: required(bytes()),
  duration: string(),
  isCA: boolean(),
  usages: list(keyUsage),

  // Who asked: the webhook fills these in, and lets nobody change them.
  username: string(),
  uid: string(),
  groups: { ...array(string()), 'x-kubernetes-list-type': 'atomic' },
  extra: map(array(string())),
});
/** A request to an issuer to sign. */
export type CertificateRequestSpec = Infer<typeof spec>;

const status = object({ conditions: requestConditions, certificate: bytes(), ca: bytes(), failureTime: dateTime() });
/** What came of a request. */
export type CertificateRequestStatus = Infer<typeof status>;

export function certificateRequest(version: CertManagerVersion): CustomResourceDefinition {
  const isNewest = isAtLeast(version, 'v1.21.1');
  return definition(version, {
    kind: 'CertificateRequest',
    plural: 'certificaterequests',
    shortNames: ['cr', 'crs'],
    spec,
    status,
    required: isNewest ? [] : ['spec'],
    selectableByIssuer: true,
    columns: [
      { name: 'Approved', type: 'string', jsonPath: conditionPath(version, 'Approved', 'status') },
      { name: 'Denied', type: 'string', jsonPath: conditionPath(version, 'Denied', 'status') },
      { name: 'Ready', type: 'string', jsonPath: conditionPath(version, 'Ready', 'status') },
      { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name' },
      { name: isNewest ? 'Requester' : 'Requestor', type: 'string', jsonPath: '.spec.username' },
      { name: 'Status', type: 'string', jsonPath: conditionPath(version, 'Ready', 'message'), priority: 1 },
    ],
  });
}
