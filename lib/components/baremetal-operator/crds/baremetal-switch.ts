import {
  boolean,
  conditionList,
  customResource,
  enumeration,
  integer,
  object,
  required,
  secretReference,
  string,
  withDefault,
  type Infer,
} from '../../../crd';

const spec = object({
  address: required(string()),
  macAddress: required(string({ pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' })),
  deviceType: required(string()),
  driver: withDefault(enumeration('generic-switch'), 'generic-switch'),
  port: integer({ format: 'int32', minimum: 1, maximum: 65535 }),
  credentials: secretReference,
  disableCertificateVerification: boolean(),
});
export type BareMetalSwitchSpec = Infer<typeof spec>;

const status = object({ conditions: conditionList() });
export type BareMetalSwitchStatus = Infer<typeof status>;

/** A switch that hosts are connected to. From v0.14 on. */
export const bareMetalSwitch = customResource({
  group: 'metal3.io',
  kind: 'BareMetalSwitch',
  plural: 'baremetalswitches',
  shortNames: ['bms'],
  versions: [
    {
      name: 'v1alpha1',
      spec,
      status,
      columns: [
        { name: 'Driver', type: 'string', jsonPath: '.spec.driver' },
        { name: 'Device Type', type: 'string', jsonPath: '.spec.deviceType' },
        { name: 'Address', type: 'string', jsonPath: '.spec.address' },
        { name: 'Valid', type: 'string', jsonPath: '.status.conditions[?(@.type=="Valid")].status' },
      ],
      subresources: { status: {} },
    },
  ],
});
