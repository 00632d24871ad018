import { described, customResource, enumeration, object, type Infer } from '../../../crd';

const updatePolicy = enumeration('onPreparing', 'onReboot');
export type UpdatePolicy = Infer<typeof updatePolicy>;

const spec = described(
  'When which part is changed.',
  object({
    firmwareSettings: described('When firmware settings are changed. Default: onPreparing.', updatePolicy),
    firmwareUpdates: described('When firmware is updated. Default: onPreparing.', updatePolicy),
  }),
);
export type HostUpdatePolicySpec = Infer<typeof spec>;

export const hostUpdatePolicy = customResource({
  description:
    'When the firmware of the host of the same name may be changed: while it is prepared, or when it is rebooted.',
  group: 'metal3.io',
  kind: 'HostUpdatePolicy',
  plural: 'hostupdatepolicies',
  versions: [{ name: 'v1alpha1', spec, status: described('Nothing is written here.', object({})) }],
});
