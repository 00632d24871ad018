import { described, array, customResource, object, required, string, type Infer } from '../../../crd';

const spec = described(
  'Who may take hosts.',
  object({
    hostClaimNamespaces: described(
      'The namespaces whose HostClaims may: those that meet all of it. None may where it is absent.',
      object({
        names: described('Names, of which the namespace has one.', array(string())),
        nameMatches: described('A regular expression that its name has a match for.', string()),
        hasLabels: described(
          'Labels that it has.',
          array(
            object({
              name: required(described('Name of the label.', string())),
              value: described('Value of the label. Default: any.', string()),
            }),
          ),
        ),
      }),
    ),
  }),
);
export type HostDeployPolicySpec = Infer<typeof spec>;

export const hostDeployPolicy = customResource({
  description: 'From which namespaces HostClaims may take the hosts of this one.',
  group: 'metal3.io',
  kind: 'HostDeployPolicy',
  plural: 'hostdeploypolicies',
  versions: [
    { name: 'v1alpha1', spec, status: described('Nothing is written here.', object({})), subresources: { status: {} } },
  ],
});
