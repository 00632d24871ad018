import { array, customResource, object, required, string, type Infer } from '../../../crd';

const spec = object({
  hostClaimNamespaces: object({
    names: array(string()),
    nameMatches: string(),
    hasLabels: array(object({ name: required(string()), value: string() })),
  }),
});
export type HostDeployPolicySpec = Infer<typeof spec>;

/** From which namespaces HostClaims may take the hosts of this one. */
export const hostDeployPolicy = customResource({
  group: 'metal3.io',
  kind: 'HostDeployPolicy',
  plural: 'hostdeploypolicies',
  versions: [{ name: 'v1alpha1', spec, status: object({}), subresources: { status: {} } }],
});
