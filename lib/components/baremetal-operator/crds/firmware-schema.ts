import {
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

const settingSchema = object({
  attribute_type: enumeration('Enumeration', 'String', 'Integer', 'Boolean', 'Password'),
  allowable_values: array(string()),
  lower_bound: integer(),
  upper_bound: integer(),
  min_length: integer(),
  max_length: integer(),
  read_only: boolean(),
  unique: boolean(),
});
export type SettingSchema = Infer<typeof settingSchema>;

const spec = object({
  hardwareVendor: string(),
  hardwareModel: string(),
  schema: required(map(settingSchema)),
});
export type FirmwareSchemaSpec = Infer<typeof spec>;

/** The firmware settings that one model of hardware has, and the values they take. Hosts of one model share it. */
export const firmwareSchema = customResource({
  group: 'metal3.io',
  kind: 'FirmwareSchema',
  plural: 'firmwareschemas',
  versions: [{ name: 'v1alpha1', spec }],
});
