/** How hosts go: deprovisioned, powered off, and let go of by taking the finalizer away. */
import type { Behaviour } from './behaviour';
import { delayOf, transition } from './behaviour';
import { anyState } from './conditions';
import { hostFinalizer } from './host-state';
import type { HostState } from './host-state';
import {
  all,
  hasFinalizer,
  isDeleting,
  isDeletionOfDetachedDelayed,
  isDetached,
  isGivenUp,
  isPoweredOn,
  isState,
  isUnknownState,
  not,
  wasRefused,
} from './queries';
import type { HostStage } from './stage';
import { newProvisioning, newStatus, patchHost, patchStatus } from './status-patch';
import { Template, expressionFromHost, fromHost } from './template';

/** The states that a deletion leads out of, and where to. A host that is deprovisioning finishes that first. */
const nextOnDeletion: readonly (readonly [from: HostState, to: HostState])[] = [
  ['unmanaged', 'deleting'],
  ['registering', 'deleting'],
  ['inspecting', 'powering off before delete'],
  ['match profile', 'powering off before delete'],
  ['preparing', 'powering off before delete'],
  ['available', 'powering off before delete'],
  ['ready', 'powering off before delete'],
  ['externally provisioned', 'powering off before delete'],
  ['provisioning', 'deprovisioning'],
  ['provisioned', 'deprovisioning'],
];

/** That a host goes says nothing of how it does. */
const sameHealth = {
  operationalStatus: fromHost('status.operationalStatus', '""'),
  errorType: fromHost('status.errorType'),
  errorMessage: fromHost('status.errorMessage', '""'),
};

/** The stages of hosts that are being deleted. */
export function deletionStages(behaviour: Behaviour): HostStage[] {
  const goesOn = all(isDeleting, not(isDetached));
  return [
    {
      name: 'attach-for-good',
      from: ['deleting'],
      when: all(isDeleting, isDetached),
      steps: [patchStatus({ states: ['deleting'], operationalStatus: 'OK', status: {} })],
    },
    {
      name: 'remove-finalizer',
      from: ['deleting'],
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
      from: anyState,
      when: all(isDeleting, isDetached, not(isState('', 'deleting')), not(isDeletionOfDetachedDelayed)),
      steps: [
        patchStatus({
          states: ['deleting'],
          operationalStatus: 'detached',
          status: { provisioning: { state: 'deleting' } },
        }),
      ],
    },
    transition({
      ...{ name: 'delete-unseen', from: '', to: 'deleting', when: all(isDeleting, hasFinalizer) },
      ...{ status: newStatus, provisioning: newProvisioning },
    }),
    ...nextOnDeletion.map(([from, to]) =>
      transition({ name: `delete-${from.replaceAll(' ', '-')}`, from, to, when: goesOn, status: sameHealth }),
    ),
    transition({
      ...{ name: 'delete-unknown', from: anyState, to: 'powering off before delete' },
      ...{ when: all(goesOn, isUnknownState), status: sameHealth },
    }),
    ...(['deprovisioning', 'powering off before delete'] as const).map((from) =>
      transition({
        ...{ name: `give-up-${from.replaceAll(' ', '-')}`, from, to: 'deleting' },
        ...{ when: all(goesOn, isGivenUp), status: sameHealth },
      }),
    ),
    // What was wrong before is forgotten as soon as there is something to do.
    ...(
      [
        ['deprovisioning', 'true'],
        ['powering off before delete', isPoweredOn],
      ] as const
    ).map(([state, when]): HostStage => ({
      ...{ name: `forget-refusal-${state.replaceAll(' ', '-')}`, from: [state] },
      when: all(goesOn, wasRefused, when),
      steps: [
        patchStatus({
          ...{ states: [state], operationalStatus: 'OK' },
          status: { errorType: null, errorMessage: '' },
        }),
      ],
    })),
    transition({
      ...{ name: 'power-off-before-delete', from: 'powering off before delete', to: 'deleting' },
      delay: delayOf(behaviour, 'powering off before delete'),
      status: { ...sameHealth, poweredOn: false },
    }),
  ];
}
