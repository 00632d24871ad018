import type { k8s } from 'cdk8s-plus-27';
import type { CustomResourceDefinition } from '../../crd';
import { releaseProblems } from './command-line';
import * as crds from './crds';
import { managerRules } from './rbac';

/** A kind whose objects the webhook checks when they are created or updated. */
interface CheckedKind {
  readonly kind: string;
  /**
   * Whether it is asked about deletions too.
   * @default false
   */
  readonly onDelete?: boolean;
}

/** What differs from one built-in release of BMO to the next. */
export interface Release {
  readonly image: string;
  /** In the order of their names. */
  readonly crds: readonly CustomResourceDefinition[];
  readonly managerRules: readonly k8s.PolicyRule[];
  readonly webhooks: readonly CheckedKind[];
  readonly admissionReviewVersions: readonly string[];
}

/** The kinds of all releases that are built in; BareMetalHost differs between them. */
const sharedCrds = [
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
];

/** A release whose manifests are built in. */
export type BareMetalOperatorVersion = 'v0.13.2' | 'v0.14.0-rc.0';

export const releases: Readonly<Record<BareMetalOperatorVersion, Release>> = {
  'v0.13.2': {
    image: image('v0.13.2'),
    crds: byName([crds.bareMetalHost('v0.13.2'), ...sharedCrds]),
    managerRules: managerRules('v0.13.2'),
    webhooks: [{ kind: 'BareMetalHost' }, { kind: 'BMCEventSubscription' }],
    // 'v1beta' is no version that exists; the release names it.
    admissionReviewVersions: ['v1', 'v1beta'],
  },
  'v0.14.0-rc.0': {
    image: image('v0.14.0-rc.0'),
    crds: byName([crds.bareMetalHost('v0.14.0-rc.0'), crds.bareMetalSwitch, crds.hostNetworkAttachment, ...sharedCrds]),
    managerRules: managerRules('v0.14.0-rc.0'),
    webhooks: [
      { kind: 'BareMetalHost' },
      { kind: 'BMCEventSubscription' },
      { kind: 'DataImage' },
      { kind: 'HostClaim' },
      { kind: 'HostFirmwareComponents' },
      { kind: 'HostNetworkAttachment', onDelete: true },
    ],
    admissionReviewVersions: ['v1'],
  },
} as const satisfies Record<string, Release>;

export const defaultVersion: BareMetalOperatorVersion = 'v0.13.2';

/** The namespace that an operator runs in. */
export function namespaceOf({ namespace = 'baremetal-operator-system' }: { readonly namespace?: string }): string {
  return namespace;
}

/** What is wrong with a release that is not built in. */
export function builtInProblems(version: string): string[] {
  if (Object.hasOwn(releases, version) || releaseProblems(version).length > 0) return [];
  const known = Object.keys(releases).join(', ');
  return [`version: must be one of ${known}, or come with its manifests; given '${version}'`];
}

function image(version: string): string {
  return `quay.io/metal3-io/baremetal-operator:${version}`;
}

function byName(definitions: readonly CustomResourceDefinition[]): readonly CustomResourceDefinition[] {
  return [...definitions].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
