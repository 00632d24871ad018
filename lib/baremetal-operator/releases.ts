import type { k8s } from 'cdk8s-plus-27';
import type { CustomResourceDefinition } from '../crd';
import * as crds from './crds';
import { managerRulesV0_13 } from './rbac';

/** What differs from one built-in release of BMO to the next. */
export interface Release {
  readonly image: string;
  /** In the order of their names. */
  readonly crds: readonly CustomResourceDefinition[];
  readonly managerRules: readonly k8s.PolicyRule[];
  /** The resources that its webhook checks when they are created or updated, by plural and lower-case kind. */
  readonly webhooks: readonly { readonly plural: string; readonly singular: string }[];
  readonly admissionReviewVersions: readonly string[];
}

const builtIn = {
  'v0.13.2': {
    image: 'quay.io/metal3-io/baremetal-operator:v0.13.2',
    crds: [
      crds.bareMetalHost,
      crds.bmcEventSubscription,
      crds.dataImage,
      crds.firmwareSchema,
      crds.hardwareData,
      crds.hostClaim,
      crds.hostDeployPolicy,
      crds.hostFirmwareComponents,
      crds.hostFirmwareSettings,
      crds.hostUpdatePolicy,
      crds.preprovisioningImage,
    ],
    managerRules: managerRulesV0_13,
    webhooks: [crds.bareMetalHost.spec.names, crds.bmcEventSubscription.spec.names],
    // 'v1beta' is no version that exists; the release names it.
    admissionReviewVersions: ['v1', 'v1beta'],
  },
} as const satisfies Record<string, Release>;

/** A release whose manifests are built in. */
export type BareMetalOperatorVersion = keyof typeof builtIn;

export const releases: Readonly<Record<BareMetalOperatorVersion, Release>> = builtIn;

export const defaultVersion: BareMetalOperatorVersion = 'v0.13.2';

/** What is wrong with a version, where it is not built in. */
export function versionProblems(version: string): string[] {
  if (Object.hasOwn(releases, version)) return [];
  return [`version: must be one of ${Object.keys(releases).join(', ')}; given '${version}'`];
}
