import {
  described,
  conditionList,
  customResource,
  dateTime,
  intOrString,
  map,
  object,
  required,
  string,
  type Infer,
} from '../../../crd';
import { namespacedName } from './common';

const spec = described(
  'Which settings a host should have.',
  object({
    settings: required(
      described('Values to set, by the name of the setting. Others stay as they are.', map(intOrString())),
    ),
  }),
);
export type HostFirmwareSettingsSpec = Infer<typeof spec>;

const status = described(
  'Which settings a host has.',
  object({
    schema: described('The FirmwareSchema that says what each setting takes.', namespacedName),
    settings: required(described('All settings of the host, by name.', map(string()))),
    lastUpdated: described('When this status was last written.', dateTime()),
    conditions: described('Whether the values are valid, and are to be changed, as conditions.', conditionList()),
  }),
);
export type HostFirmwareSettingsStatus = Infer<typeof status>;

export const hostFirmwareSettings = customResource({
  description: 'The firmware settings of the host of the same name, as they are and as they are asked to be.',
  group: 'metal3.io',
  kind: 'HostFirmwareSettings',
  plural: 'hostfirmwaresettings',
  shortNames: ['hfs'],
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
