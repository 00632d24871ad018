import {
  described,
  array,
  conditionList,
  customResource,
  dateTime,
  object,
  required,
  string,
  type Infer,
} from '../../../crd';

const update = described(
  'One update.',
  object({
    component: required(described('What is updated: bios, bmc, or nic: and its name.', string())),
    url: required(described('Where the firmware is loaded from.', string())),
  }),
);
export type FirmwareUpdate = Infer<typeof update>;

const component = described(
  'One part and its firmware.',
  object({
    component: required(described('What it is: bios, bmc, or nic: and its name.', string())),
    initialVersion: required(described('Version that it had when it was first looked at.', string())),
    currentVersion: described('Version that it has.', string()),
    lastVersionFlashed: described('Version of the last update.', string()),
    updatedAt: described('When it was last updated.', dateTime()),
  }),
);
export type FirmwareComponentStatus = Infer<typeof component>;

const spec = described(
  'Which firmware a host should have.',
  object({ updates: required(described('The updates that are asked for.', array(update))) }),
);
export type HostFirmwareComponentsSpec = Infer<typeof spec>;

const status = described(
  'Which firmware a host has.',
  object({
    updates: described('The updates that were last asked for.', array(update)),
    components: described('The parts that have firmware.', array(component)),
    lastUpdated: described('When this status was last written.', dateTime()),
    conditions: described('Whether the updates are valid, and are to be made, as conditions.', conditionList()),
  }),
);
export type HostFirmwareComponentsStatus = Infer<typeof status>;

export const hostFirmwareComponents = customResource({
  description: 'The firmware versions of the host of the same name, and the updates asked for.',
  group: 'metal3.io',
  kind: 'HostFirmwareComponents',
  plural: 'hostfirmwarecomponents',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
