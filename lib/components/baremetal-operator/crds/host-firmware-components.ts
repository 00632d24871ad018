import { array, conditionList, customResource, dateTime, object, required, string, type Infer } from '../../../crd';

const update = object({ component: required(string()), url: required(string()) });
export type FirmwareUpdate = Infer<typeof update>;

const component = object({
  component: required(string()),
  initialVersion: required(string()),
  currentVersion: string(),
  lastVersionFlashed: string(),
  updatedAt: dateTime(),
});
export type FirmwareComponentStatus = Infer<typeof component>;

const spec = object({ updates: required(array(update)) });
export type HostFirmwareComponentsSpec = Infer<typeof spec>;

const status = object({
  updates: array(update),
  components: array(component),
  lastUpdated: dateTime(),
  conditions: conditionList(),
});
export type HostFirmwareComponentsStatus = Infer<typeof status>;

/** The firmware versions of the host of the same name, and the updates asked for. */
export const hostFirmwareComponents = customResource({
  group: 'metal3.io',
  kind: 'HostFirmwareComponents',
  plural: 'hostfirmwarecomponents',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
