import { customDeploy, image } from '../../../kinds/bare-metal-host/schema';
import {
  array,
  boolean,
  condition,
  customResource,
  dateTime,
  map,
  object,
  objectReference,
  required,
  secretReference,
  string,
  type Infer,
} from '../../../crd';
import { namespacedName } from './common';

const hostSelector = object({
  inNamespace: string(),
  matchLabels: map(string()),
  matchExpressions: array(
    object({ key: required(string()), operator: required(string()), values: required(array(string())) }),
  ),
});
export type HostSelector = Infer<typeof hostSelector>;

const spec = object({
  poweredOn: required(boolean()),
  hostSelector,
  failureDomain: string(),
  consumerRef: objectReference,
  image,
  customDeploy,
  userData: secretReference,
  networkData: secretReference,
  metaData: secretReference,
});
export type HostClaimSpec = Infer<typeof spec>;

const status = object({
  bareMetalHost: namespacedName,
  hardwareData: namespacedName,
  poweredOn: boolean(),
  lastUpdated: dateTime(),
  // The one kind whose conditions are a plain list.
  conditions: array(condition),
});
export type HostClaimStatus = Infer<typeof status>;

/** Asks for any host that fits, on behalf of a user who may not see the hosts themselves. */
export const hostClaim = customResource({
  group: 'metal3.io',
  kind: 'HostClaim',
  plural: 'hostclaims',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
