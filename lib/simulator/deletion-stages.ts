/** How hosts go: deprovisioned, powered off, and let go of by taking the finalizer away. */
import type { Behaviour } from './behaviour';
import { delayOf, transition } from './behaviour';
import { anyState } from './conditions';
import { hostFinalizer } from './host-state';
import type { HostState } from './host-state';
import { all, hasFinalizer, isDeleting, isDeletionOfDetachedDelayed, isDetached, not } from './queries';
import type { HostStage } from './stage';
import { patchHost, patchStatus } from './status-patch';
import { Template, expressionFromHost } from './template';

/** The states that a deletion leads out of, and where to. A host that is deprovisioning finishes that first. */
const nextOnDeletion: readonly (readonly [from: HostState, to: HostState])[] = [
  ['unmanaged', 'deleting'],
  ['registering', 'deleting'],
  ['inspecting', 'powering off before delete'],
  ['preparing', 'powering off before delete'],
  ['available', 'powering off before delete'],
  ['externally provisioned', 'powering off before delete'],
  ['provisioning', 'deprovisioning'],
  ['provisioned', 'deprovisioning'],
];

/** The stages of hosts that are being deleted. */
export function deletionStages(behaviour: Behaviour): HostStage[] {
  return [
    {
      name: 'remove-finalizer',
      from: ['', 'deleting'],
      when: all(isDeleting, hasFinalizer),
      delay: delayOf(behaviour, 'deleting'),
      steps: [
        patchHost({
          metadata: {
            finalizers: new Template(
              `without (${expressionFromHost('metadata.finalizers', 'list')}) "${hostFinalizer}"`,
            ),
          },
        }),
      ],
    },
    {
      // What became of a detached host is not ours to know: it is neither deprovisioned nor powered off.
      name: 'delete-detached',
      from: anyState.filter((state) => state !== '' && state !== 'deleting'),
      when: all(isDeleting, isDetached, not(isDeletionOfDetachedDelayed)),
      steps: [
        patchStatus({
          states: ['deleting'],
          operationalStatus: 'detached',
          status: { provisioning: { state: 'deleting' } },
        }),
      ],
    },
    ...nextOnDeletion.map(([from, to]) =>
      transition({ name: `delete-${from.replaceAll(' ', '-')}`, from, to, when: all(isDeleting, not(isDetached)) }),
    ),
    transition({
      ...{ name: 'power-off-before-delete', from: 'powering off before delete', to: 'deleting' },
      delay: delayOf(behaviour, 'powering off before delete'),
      status: { poweredOn: false },
    }),
  ];
}
