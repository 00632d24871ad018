/** How hosts go: deprovisioned, powered off, and let go of by taking the finalizer away. */
import type { Behaviour } from './behaviour';
import { delayOf, sameHealth, transition } from './behaviour';
import type { HostState } from './host-state';
import { availableStates, everyStateBut, hostFinalizer, otherState } from './host-state';
import {
  all,
  hasFinalizer,
  isDeleting,
  isDeletionOfDetachedDelayed,
  isDetached,
  isGivenUp,
  isPoweredOn,
  isState,
  lacksCredentials,
  needsRegistration,
  not,
  wasRefused,
} from './queries';
import type { HostStage, StageState } from './stage';
import { either, hasValue, newProvisioning, newStatus, patchHost, patchStatus } from './status-patch';
import { Template, expressionFromHost } from './template';

type Way = readonly [from: readonly StageState[], to: HostState];

/** The states that a deletion leads out of, and where to. A host that is deprovisioning finishes that first. */
const nextOnDeletion: readonly Way[] = [
  [['unmanaged'], 'deleting'],
  [['registering'], 'deleting'],
  [['inspecting'], 'powering off before delete'],
  [['provisioning'], 'deprovisioning'],
  [['provisioned'], 'deprovisioning'],
  [
    ['match profile', 'preparing', ...availableStates, 'externally provisioned', otherState],
    'powering off before delete',
  ],
];
const givenUp: readonly Way[] = [
  [['deprovisioning'], 'deleting'],
  [['powering off before delete'], 'deleting'],
];

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
      from: everyStateBut('', 'deleting'),
      when: all(isDeleting, isDetached, not(isDeletionOfDetachedDelayed)),
      steps: [
        patchStatus({
          states: ['deleting'],
          operationalStatus: 'detached',
          status: { provisioning: { state: 'deleting' } },
        }),
      ],
    },
    transition({
      name: 'delete-unseen',
      from: '',
      to: 'deleting',
      when: all(isDeleting, hasFinalizer),
      status: newStatus,
      provisioning: newProvisioning,
    }),
    goOn('delete', goesOn, nextOnDeletion),
    goOn('give-up', all(goesOn, isGivenUp), givenUp),
    {
      // What was wrong before is forgotten as soon as there is something to do.
      name: 'forget-refusal',
      from: ['deprovisioning', 'powering off before delete'],
      when: all(goesOn, wasRefused, `(${isState('deprovisioning')} or ${isPoweredOn})`),
      steps: [
        patchStatus({
          states: ['deprovisioning', 'powering off before delete'],
          operationalStatus: 'OK',
          status: { errorType: null, errorMessage: '' },
        }),
      ],
    },
    transition({
      name: 'power-off-before-delete',
      from: 'powering off before delete',
      to: 'deleting',
      // One that is in this state by what others say of it is registered first.
      when: `(${isDeleting} or (${lacksCredentials} or ${needsRegistration} | not))`,
      delay: delayOf(behaviour, 'powering off before delete'),
      status: { ...sameHealth, poweredOn: false },
    }),
  ];
}

/** One stage for all ways: kwok asks each about every host. The last way is taken in whatever states are left. */
function goOn(name: string, when: string, ways: readonly Way[]): HostStage {
  const steps = ways.map(([from, to]) => transition({ name, from, to, status: sameHealth }).steps[0] ?? patchHost({}));
  const step = steps.reduceRight((otherwise, each, i) => {
    const isThere = (ways[i]?.[0] ?? []).map((state) => hasValue('status.provisioning.state', state)).join(' ');
    return either(`or ${isThere}`, each, otherwise);
  });
  return { name, from: ways.flatMap(([from]) => from), when, steps: [step] };
}
