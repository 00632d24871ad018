import {
  array,
  customResource,
  enumeration,
  integer,
  object,
  required,
  string,
  withDefault,
  type Infer,
} from '../../../crd';

const spec = object({
  mode: required(withDefault(enumeration('access', 'trunk', 'hybrid'), 'access')),
  nativeVLAN: required(integer({ minimum: 1, maximum: 4094 })),
  allowedVLANs: array(string({ pattern: '^\\d+(-\\d+)?$' })),
  mtu: integer({ minimum: 68, maximum: 9216 }),
});
export type HostNetworkAttachmentSpec = Infer<typeof spec>;

/** How the switch ports of hosts are set up. From v0.14 on. */
export const hostNetworkAttachment = customResource({
  group: 'metal3.io',
  kind: 'HostNetworkAttachment',
  plural: 'hostnetworkattachments',
  versions: [
    {
      name: 'v1alpha1',
      spec,
      columns: [
        { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
        { name: 'Native VLAN', type: 'integer', jsonPath: '.spec.nativeVLAN' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      subresources: { status: {} },
    },
  ],
});
