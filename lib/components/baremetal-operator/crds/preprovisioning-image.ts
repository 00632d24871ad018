import { described, array, conditionList, customResource, enumeration, object, string, type Infer } from '../../../crd';

const imageFormat = enumeration('iso', 'initrd');
export type ImageFormat = Infer<typeof imageFormat>;

const spec = described(
  'Which image is asked for.',
  object({
    architecture: described('CPU architecture that the image is for.', string()),
    acceptFormats: described('Formats that the host can boot.', array(imageFormat)),
    networkDataName: described(
      'Secret with the network settings that the image holds, in the same namespace.',
      string(),
    ),
  }),
);
export type PreprovisioningImageSpec = Infer<typeof spec>;

const status = described(
  'Which image was built.',
  object({
    architecture: described('CPU architecture of the image.', string()),
    format: described('Format of the image.', imageFormat),
    imageUrl: described('Where the image is.', string()),
    kernelUrl: described('Where the kernel of an initrd is.', string()),
    extraKernelParams: described('Parameters for the kernel.', string()),
    networkData: described(
      'The Secret whose network settings the image holds.',
      object({
        name: described('Name of the Secret.', string()),
        version: described('resourceVersion of the Secret when the image was built.', string()),
      }),
    ),
    conditions: described('Whether the image is ready, or cannot be built, as conditions.', conditionList()),
  }),
);
export type PreprovisioningImageStatus = Infer<typeof status>;

export const preprovisioningImage = customResource({
  description: 'The image that a host boots for inspection and deployment, built for that host.',
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
