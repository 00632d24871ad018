import { dateTime, enumeration, integer, mapList, object, required, string } from '../../../crd';
import { list } from './since';

/** A key of a Secret in the namespace of the object, or for a ClusterIssuer, in cert-manager's own. */
export const secretKeySelector = object({ name: required(string()), key: string() });

/** A Secret whose keys are known. */
export const localObjectReference = object({ name: required(string()) });

/** A ServiceAccount for which cert-manager asks for a token. */
export const serviceAccountReference = object({ name: required(string()), audiences: list(string()) });

/** The Issuer or ClusterIssuer that is asked to sign. */
export const issuerReference = object({ name: required(string()), kind: string(), group: string() });

/** What a certificate may be used for. */
export const keyUsage = enumeration(
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
);

/** Where an Order or a Challenge stands, in the words of ACME. */
export const acmeState = enumeration('valid', 'ready', 'pending', 'processing', 'invalid', 'expired', 'errored');

/** cert-manager's own kind of condition: looser than `metav1.Condition`. */
const conditionFields = {
  type: required(string()),
  status: required(enumeration('True', 'False', 'Unknown')),
  reason: string(),
  message: string(),
  lastTransitionTime: dateTime(),
};

/** Conditions of a request, which is made once and never changed. */
export const requestConditions = mapList(object(conditionFields), ['type']);

/** Conditions that say which generation of the object they are about. */
export const conditions = mapList(object({ ...conditionFields, observedGeneration: integer({ format: 'int64' }) }), [
  'type',
]);
