import { described, customResource, object, secretReference, string, type Infer } from '../../../crd';

const spec = described(
  'Which events go where.',
  object({
    hostName: described('BareMetalHost of the same namespace whose BMC is asked.', string()),
    destination: described('URL that the BMC sends its events to.', string()),
    context: described('A text that comes with each event.', string()),
    httpHeadersRef: described('Secret with the HTTP headers that are sent with each event.', secretReference),
  }),
);
export type BMCEventSubscriptionSpec = Infer<typeof spec>;

const status = described(
  'What became of a subscription.',
  object({
    subscriptionID: described('Id of the subscription in the BMC.', string()),
    error: described('Why there is none. Empty when there is one.', string()),
  }),
);
export type BMCEventSubscriptionStatus = Infer<typeof status>;

export const bmcEventSubscription = customResource({
  description: 'Where the BMC of a host sends its Redfish events.',
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
