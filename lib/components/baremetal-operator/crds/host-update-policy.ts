import { customResource, enumeration, object, type Infer } from '../../../crd';

const updatePolicy = enumeration('onPreparing', 'onReboot');
export type UpdatePolicy = Infer<typeof updatePolicy>;

const spec = object({ firmwareSettings: updatePolicy, firmwareUpdates: updatePolicy });
export type HostUpdatePolicySpec = Infer<typeof spec>;

/** When the firmware of the host of the same name may be changed. */
export const hostUpdatePolicy = customResource({
  group: 'metal3.io',
  kind: 'HostUpdatePolicy',
  plural: 'hostupdatepolicies',
  versions: [{ name: 'v1alpha1', spec, status: object({}) }],
});
