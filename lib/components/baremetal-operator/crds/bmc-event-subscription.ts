import { customResource, object, secretReference, string, type Infer } from '../../../crd';

const spec = object({
  hostName: string(),
  destination: string(),
  context: string(),
  httpHeadersRef: secretReference,
});
export type BMCEventSubscriptionSpec = Infer<typeof spec>;

const status = object({ subscriptionID: string(), error: string() });
export type BMCEventSubscriptionStatus = Infer<typeof status>;

/** Where a host's BMC sends its Redfish events. */
export const bmcEventSubscription = customResource({
  group: 'metal3.io',
  kind: 'BMCEventSubscription',
  plural: 'bmceventsubscriptions',
  shortNames: ['bes', 'bmcevent'],
  versions: [
    {
      name: 'v1alpha1',
      spec,
      status,
      columns: [
        { name: 'Error', type: 'string', jsonPath: '.status.error' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      subresources: { status: {} },
    },
  ],
});
