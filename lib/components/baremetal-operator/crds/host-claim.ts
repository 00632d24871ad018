import { customDeploy, image } from '../../../kinds/bare-metal-host/schema';
import {
  described,
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

const hostSelector = described(
  'Which hosts fit: those that meet all of it. Default: any.',
  object({
    inNamespace: described('The one namespace whose hosts fit.', string()),
    matchLabels: described('Labels that the host has, with these values.', map(string())),
    matchExpressions: described(
      'What labels of the host have to meet besides.',
      array(
        object({
          key: required(described('Name of the label.', string())),
          operator: required(described('What its value is asked for, such as in, notin or exists.', string())),
          values: required(described('The values that it is compared with.', array(string()))),
        }),
      ),
    ),
  }),
);
export type HostSelector = Infer<typeof hostSelector>;

const spec = described(
  'Which host is asked for, and what is to become of it.',
  object({
    poweredOn: required(described('Whether the host shall be powered on.', boolean())),
    hostSelector,
    failureDomain: described(
      'Failure domain whose hosts are taken first; others where none of those is free.',
      string(),
    ),
    consumerRef: described('The object that uses the claim, such as a Metal3Machine.', objectReference),
    image: described('The image to provision.', image),
    customDeploy,
    userData: described('Secret with the user data for the first boot.', secretReference),
    networkData: described('Secret with the network settings for the first boot.', secretReference),
    metaData: described('Secret with the metadata for the first boot.', secretReference),
  }),
);
export type HostClaimSpec = Infer<typeof spec>;

const status = described(
  'Which host was found, and how it does.',
  object({
    bareMetalHost: described('The host that the claim has. Absent when it has none.', namespacedName),
    hardwareData: described('The HardwareData of that host.', namespacedName),
    poweredOn: described('Whether the host is on.', boolean()),
    lastUpdated: described('When this status was last written.', dateTime()),
    // The one kind whose conditions are a plain list.
    conditions: described('The same in the form of conditions.', array(condition)),
  }),
);
export type HostClaimStatus = Infer<typeof status>;

export const hostClaim = customResource({
  description: 'Asks for any host that fits, on behalf of a user who may not see the hosts themselves.',
  group: 'metal3.io',
  kind: 'HostClaim',
  plural: 'hostclaims',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
