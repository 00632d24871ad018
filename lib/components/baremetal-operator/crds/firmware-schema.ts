import {
  described,
  array,
  boolean,
  customResource,
  enumeration,
  integer,
  map,
  object,
  required,
  string,
  type Infer,
} from '../../../crd';

const settingSchema = described(
  'What one setting takes.',
  object({
    attribute_type: described(
      'Sort of the value.',
      enumeration('Enumeration', 'String', 'Integer', 'Boolean', 'Password'),
    ),
    allowable_values: described('The values that an Enumeration takes.', array(string())),
    lower_bound: described('The least that an Integer may be.', integer()),
    upper_bound: described('The most that an Integer may be.', integer()),
    min_length: described('The fewest characters that a String takes.', integer()),
    max_length: described('The most characters that a String takes.', integer()),
    read_only: described('Whether it cannot be changed.', boolean()),
    unique: described(
      'Whether it is a value of this one machine, such as a serial number, which no other machine should be given.',
      boolean(),
    ),
  }),
);
export type SettingSchema = Infer<typeof settingSchema>;

const spec = described(
  'The settings of one model.',
  object({
    hardwareVendor: described('Maker of the machine, as its BMC says it.', string()),
    hardwareModel: described('Model of the machine, as its BMC says it.', string()),
    schema: required(described('What each setting takes, by its name.', map(settingSchema))),
  }),
);
export type FirmwareSchemaSpec = Infer<typeof spec>;

export const firmwareSchema = customResource({
  description:
    'The firmware settings that one model of hardware has, and the values they take. Hosts of one model share it.',
  group: 'metal3.io',
  kind: 'FirmwareSchema',
  plural: 'firmwareschemas',
  versions: [{ name: 'v1alpha1', spec }],
});
