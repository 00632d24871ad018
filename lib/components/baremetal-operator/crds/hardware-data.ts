import { hardwareDetails } from '../../../kinds/bare-metal-host/schema';
import { customResource, object, type Infer } from '../../../crd';

const spec = object({ hardware: hardwareDetails });
export type HardwareDataSpec = Infer<typeof spec>;

/** What inspection found on the host of the same name. */
export const hardwareData = customResource({
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
