import { array, conditionList, customResource, enumeration, object, string, type Infer } from '../../../crd';

const imageFormat = enumeration('iso', 'initrd');
export type ImageFormat = Infer<typeof imageFormat>;

const spec = object({
  architecture: string(),
  acceptFormats: array(imageFormat),
  networkDataName: string(),
});
export type PreprovisioningImageSpec = Infer<typeof spec>;

const status = object({
  architecture: string(),
  format: imageFormat,
  imageUrl: string(),
  kernelUrl: string(),
  extraKernelParams: string(),
  networkData: object({ name: string(), version: string() }),
  conditions: conditionList(),
});
export type PreprovisioningImageStatus = Infer<typeof status>;

/** The image that a host boots for inspection and deployment, built for that host. */
export const preprovisioningImage = customResource({
  group: 'metal3.io',
  kind: 'PreprovisioningImage',
  plural: 'preprovisioningimages',
  shortNames: ['ppimg'],
  versions: [
    {
      name: 'v1alpha1',
      spec,
      status,
      columns: [
        { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
        { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason" },
      ],
      subresources: { status: {} },
    },
  ],
});
