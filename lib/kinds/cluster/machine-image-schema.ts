import { enumeration, object, required, string, type Schema } from '../../crd';
import { image } from '../bare-metal-host/schema';

const { format } = image.properties ?? {};

/** The image of the machines of a cluster: `MachineImage`. */
export const machineImage = object({
  url: required(string()),
  checksum: string(),
  checksumType: enumeration('md5', 'sha256', 'sha512'),
  diskFormat: format as Schema<string>,
});
