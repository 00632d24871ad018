import {
  described,
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

const spec = described(
  'How a switch port is set up.',
  object({
    mode: required(
      described(
        'Whether the port carries one VLAN untagged (access), several tagged ones (trunk), or both (hybrid).',
        withDefault(enumeration('access', 'trunk', 'hybrid'), 'access'),
      ),
    ),
    nativeVLAN: required(described('VLAN of untagged traffic.', integer({ minimum: 1, maximum: 4094 }))),
    allowedVLANs: described(
      'VLANs of tagged traffic, by id or as a range: 100-200.',
      array(string({ pattern: '^\\d+(-\\d+)?$' })),
    ),
    mtu: described('Largest packet of the port, in bytes.', integer({ minimum: 68, maximum: 9216 })),
  }),
);
export type HostNetworkAttachmentSpec = Infer<typeof spec>;

export const hostNetworkAttachment = customResource({
  description: 'How the switch ports of hosts are set up.',
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
