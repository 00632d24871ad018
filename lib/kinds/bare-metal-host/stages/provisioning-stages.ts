/** What hosts that are available do, and how they are provisioned and deprovisioned. */
import { isAtLeast } from '../../../version';
import type { Behaviour } from './behaviour';
import { delayOf, failing, transition } from './behaviour';
import { availableStates } from './host-state';
import {
  all,
  hasHardwareDetails,
  hasNewSettings,
  isDeleting,
  isExternallyProvisioned,
  isInError,
  isInspectionDisabled,
  isInspectionRequested,
  isProvisioningCancelled,
  needsProvisioning,
  not,
  wasProvisioned,
} from './queries';
import type { HostStage } from './stage';
import { recordEvent, replacement, wholeOrNull } from './status-patch';
import { Template, expressionFromHost, fromHost } from './template';
import type { Templated } from './template';

const imageKeys = ['url', 'checksum', 'checksumType', 'format', 'ociAuthSecretName'];
const noImage = { ...Object.fromEntries(imageKeys.map((key) => [key, null])), url: '' };

/** A Go template expression for what the spec says, or else the status. */
const specOr = (field: string, path: string): string =>
  `${expressionFromHost(`spec.${field}`)} | default (${expressionFromHost(path)})`;
const imageToCome = specOr('image', 'status.provisioning.image');

/** A host that was provisioned by others, and is to be ours. */
const releasedBeforeV014: readonly HostStage[] = [
  transition({
    name: 'inspect-for-the-first-time',
    from: 'externally provisioned',
    to: 'inspecting',
    when: all(not(isExternallyProvisioned), not(wasProvisioned), not(isInspectionDisabled), not(hasHardwareDetails)),
  }),
  transition({
    name: 'prepare-released',
    from: 'externally provisioned',
    to: 'preparing',
    when: not(isExternallyProvisioned),
  }),
];

/** From v0.14 on it counts as provisioned with what it is to be provisioned with; without an image it is deprovisioned. */
const released: readonly HostStage[] = [
  transition({
    name: 'take-over-released',
    from: 'externally provisioned',
    to: 'provisioned',
    when: not(isExternallyProvisioned),
    provisioning: {
      image: {
        ...replacement(imageToCome, imageKeys),
        url: new Template(`dig "url" "" (${imageToCome} | default dict)`),
      },
      customDeploy: new Template(specOr('customDeploy', 'status.provisioning.customDeploy')),
    },
  }),
];

/** The stages of hosts that are registered, other than switching their power. */
export function provisioningStages(behaviour: Behaviour): HostStage[] {
  return [
    // Older releases matched profiles between inspecting and preparing.
    transition({ name: 'match-profile', from: 'match profile', to: 'preparing' }),
    transition({
      name: 'adopt',
      from: availableStates,
      to: 'externally provisioned',
      when: isExternallyProvisioned,
    }),
    ...(isAtLeast(behaviour.release, 'v0.14') ? released : releasedBeforeV014),
    transition({ name: 'inspect-again', from: availableStates, to: 'inspecting', when: isInspectionRequested }),
    transition({ name: 'prepare-again', from: availableStates, to: 'preparing', when: hasNewSettings }),
    transition({
      name: 'provision',
      from: availableStates,
      to: 'provisioning',
      when: needsProvisioning,
      status: {
        ...keptErrorCount(behaviour),
        lastAttemptedImage: isAtLeast(behaviour.release, 'v0.14')
          ? wholeOrNull(specOr('image', 'status.lastAttemptedImage'), imageKeys)
          : undefined,
      },
    }),

    transition({
      name: 'cancel-provisioning',
      from: 'provisioning',
      to: 'deprovisioning',
      when: all(isProvisioningCancelled, not(isInError)),
    }),
    // An error while provisioning is answered by a fresh start, once the wait is over.
    {
      ...transition({
        name: 'deprovision-failed',
        from: 'provisioning',
        to: 'deprovisioning',
        when: isInError,
        status: keptErrorCount(behaviour),
      }),
      delay: delayOf(behaviour, 'provisioning'),
    },
    ...failing(behaviour, 'provisioning'),
    transition({
      name: 'finish-provisioning',
      from: 'provisioning',
      to: 'provisioned',
      delay: delayOf(behaviour, 'provisioning'),
      provisioning: {
        // A custom deployment may do without an image, a status not without its URL.
        image: { ...replacement(expressionFromHost('spec.image'), imageKeys), url: fromHost('spec.image.url', '""') },
        customDeploy: fromHost('spec.customDeploy'),
      },
      events: [recordEvent('ProvisioningComplete', 'Image provisioning completed')],
    }),

    transition({
      name: 'deprovision',
      from: 'provisioned',
      to: 'deprovisioning',
      when: isProvisioningCancelled,
      events: [recordEvent('DeprovisionStarted', 'Image deprovisioning started')],
    }),
    ...failing(behaviour, 'deprovisioning'),
    ...(
      [
        ['finish-deprovisioning-for-good', 'powering off before delete', isDeleting],
        ['finish-deprovisioning', 'available', 'true'],
      ] as const
    ).map(([name, to, when]) =>
      transition({
        name,
        to,
        when,
        from: 'deprovisioning',
        delay: delayOf(behaviour, 'deprovisioning'),
        // Those that a host is to have are set again once it is available.
        provisioning: { image: noImage, customDeploy: null, firmware: null, rootDeviceHints: null },
        status: keptErrorCount(behaviour),
        events: [recordEvent('DeprovisionComplete', 'Image deprovisioning completed')],
      }),
    ),
  ];
}

/**
 * A host that fails at being provisioned begins again from available, where the operator forgets how often it has
 * failed. One that is to recover must not: its count is kept until it does, and what fails on the way adds to it.
 */
function keptErrorCount(behaviour: Behaviour): { readonly errorCount?: Templated } {
  const isCounted = behaviour.failures.get('provisioning')?.recoversAfter !== undefined;
  return isCounted ? { errorCount: fromHost('status.errorCount', '0') } : {};
}
