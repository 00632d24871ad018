import { customResource, dateTime, integer, object, required, string, type Infer } from '../../../crd';

const spec = object({ url: required(string()) });
export type DataImageSpec = Infer<typeof spec>;

const status = object({
  attachedImage: object({ url: required(string()) }),
  error: object({ count: required(integer()), message: required(string()) }),
  lastReconciled: dateTime(),
});
export type DataImageStatus = Infer<typeof status>;

/** An ISO image attached to a provisioned host as a virtual CD. */
export const dataImage = customResource({
  group: 'metal3.io',
  kind: 'DataImage',
  plural: 'dataimages',
  versions: [{ name: 'v1alpha1', spec, status, subresources: { status: {} } }],
});
