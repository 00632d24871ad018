import { hardwareDetails } from '../../../kinds/bare-metal-host/schema';
import { described, customResource, object, type Infer } from '../../../crd';

const spec = described('What inspection found.', object({ hardware: hardwareDetails }));
export type HardwareDataSpec = Infer<typeof spec>;

export const hardwareData = customResource({
  description: 'What inspection found on the host of the same name.',
  group: 'metal3.io',
  kind: 'HardwareData',
  plural: 'hardwaredata',
  shortNames: ['hd'],
  versions: [
    {
      name: 'v1alpha1',
      spec,
      columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
      subresources: {},
    },
  ],
});
