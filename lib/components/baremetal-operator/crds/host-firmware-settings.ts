import {
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

const spec = object({ settings: required(map(intOrString())) });
export type HostFirmwareSettingsSpec = Infer<typeof spec>;

const status = object({
  schema: namespacedName,
  settings: required(map(string())),
  lastUpdated: dateTime(),
  conditions: conditionList(),
});
export type HostFirmwareSettingsStatus = Infer<typeof status>;

/** The firmware settings of the host of the same name, as they are and as they are asked to be. */
export const hostFirmwareSettings = customResource({
  group: 'metal3.io',
  kind: 'HostFirmwareSettings',
  plural: 'hostfirmwaresettings',
  shortNames: ['hfs'],
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
