import { described, customResource, dateTime, integer, object, required, string, type Infer } from '../../../crd';

const spec = described(
  'Which image is attached.',
  object({ url: required(described('Where the ISO image is loaded from.', string())) }),
);
export type DataImageSpec = Infer<typeof spec>;

const status = described(
  'What is attached, and what went wrong.',
  object({
    attachedImage: described(
      'The image that is attached. Absent when none is.',
      object({ url: required(described('Where it was loaded from.', string())) }),
    ),
    error: described(
      'What went wrong last.',
      object({
        count: required(described('How many times in a row.', integer())),
        message: required(described('The last error in words.', string())),
      }),
    ),
    lastReconciled: described('When the operator last looked at it.', dateTime()),
  }),
);
export type DataImageStatus = Infer<typeof status>;

export const dataImage = customResource({
  description: 'An ISO image that is attached, as a virtual CD, to the provisioned host of the same name.',
  group: 'metal3.io',
  kind: 'DataImage',
  plural: 'dataimages',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
