import {
  described,
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

const spec = described(
  'How a switch is reached.',
  object({
    address: required(described('Address of its management interface, an IP address or a host name.', string())),
    macAddress: required(
      described(
        'MAC address by which LLDP of its ports names it.',
        string({ pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' }),
      ),
    ),
    deviceType: required(
      described('What the driver knows its sort of switch by, such as netmiko_cisco_ios.', string()),
    ),
    driver: described('What drives it.', withDefault(enumeration('generic-switch'), 'generic-switch')),
    port: described(
      'Port of its management interface. Default: that of the protocol.',
      integer({ format: 'int32', minimum: 1, maximum: 65535 }),
    ),
    credentials: described('Secret with what logs in at the switch.', secretReference),
    disableCertificateVerification: described(
      'Whether any TLS certificate of the switch is trusted. Default: false.',
      boolean(),
    ),
  }),
);
export type BareMetalSwitchSpec = Infer<typeof spec>;

const status = described(
  'What is known of a switch.',
  object({ conditions: described('Whether its settings are valid, as conditions.', conditionList()) }),
);
export type BareMetalSwitchStatus = Infer<typeof status>;

export const bareMetalSwitch = customResource({
  description: 'A switch that hosts are connected to.',
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
