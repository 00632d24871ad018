import type { k8s } from 'cdk8s-plus-27';
import { isAtLeast } from '../../version';

const metal3 = 'metal3.io';

const read = ['get', 'list', 'watch'];

/**
 * What the manager of a release does, in the namespaces that it watches.
 *
 * @param release from v0.13 on
 */
export function managerRules(release: string): readonly k8s.PolicyRule[] {
  const isV0_14 = isAtLeast(release, 'v0.14');
  return [
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: isV0_14 ? read : ['get'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['delete', 'get', 'list', 'update', 'watch'] },
    { apiGroups: ['ironic.metal3.io'], resources: ['ironics'], verbs: read },
    {
      apiGroups: [metal3],
      resources: [
        'baremetalhosts',
        'bmceventsubscriptions',
        'dataimages',
        'firmwareschemas',
        'hardwaredata',
        'hostclaims',
        'hostfirmwarecomponents',
        'hostfirmwaresettings',
        'preprovisioningimages',
      ],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    {
      apiGroups: [metal3],
      resources: [
        'baremetalhosts/finalizers',
        'dataimages/finalizers',
        'hardware/finalizers',
        'hostclaims/finalizers',
        'hostfirmwarecomponents/finalizers',
      ],
      verbs: ['update'],
    },
    {
      apiGroups: [metal3],
      resources: [
        'baremetalhosts/status',
        ...(isV0_14 ? ['baremetalswitches/status'] : []),
        'bmceventsubscriptions/status',
        'dataimages/status',
        'firmwareschemas/status',
        'hostclaims/status',
        'hostfirmwarecomponents/status',
        'hostfirmwaresettings/status',
        'preprovisioningimages/status',
      ],
      verbs: ['get', 'patch', 'update'],
    },
    {
      apiGroups: [metal3],
      resources: [...(isV0_14 ? ['baremetalswitches'] : []), 'hostdeploypolicies'],
      verbs: read,
    },
    {
      apiGroups: [metal3],
      resources: ['hostupdatepolicies'],
      verbs: [...(isV0_14 ? ['delete'] : []), 'get', 'list', 'update', 'watch'],
    },
  ];
}

/** What its HostClaims take beyond the namespaces that it watches: the cache has namespaces by listing them all. */
export const hostClaimRules: readonly k8s.PolicyRule[] = [{ apiGroups: [''], resources: ['namespaces'], verbs: read }];

const ownAll = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** Leader election, in the operator's own namespace. */
export const leaderElectionRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: ownAll },
  { apiGroups: [''], resources: ['configmaps/status'], verbs: ['get', 'update', 'patch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ownAll },
];

/** Asking the API server whether whoever reads the metrics may do so. */
export const metricsAuthRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

/** For whoever reads the metrics; the release binds it to nobody. */
export const metricsReaderRules: readonly k8s.PolicyRule[] = [{ nonResourceUrLs: ['/metrics'], verbs: ['get'] }];
