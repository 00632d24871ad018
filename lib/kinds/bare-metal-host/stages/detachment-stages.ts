/** Hosts that are taken away from the operator for a time by the `detached` annotation. */
import { anyState } from './conditions';
import { switchableStates } from './host-state';
import { all, isDetachForced, isDetachRequested, isDetached, isInError, isState, not } from './queries';
import type { HostStage } from './stage';
import { patchStatus } from './status-patch';

const mayBeDetached = `(${isState(...switchableStates)} or ${isDetachForced})`;
/** There is nothing to detach before a host is seen, nor once it goes. */
const isThere = not(isState('', 'deleting'));

/** Detached hosts stay as they are until they are attached again. */
export function detachmentStages(): HostStage[] {
  return [
    {
      name: 'detach',
      from: anyState,
      when: all(isDetachRequested, isThere, not(isDetached), mayBeDetached),
      steps: [patchStatus({ states: anyState, operationalStatus: 'detached', status: {} })],
    },
    { name: 'rest-while-detached', from: anyState, when: all(isDetachRequested, isThere, isDetached), steps: [] },
    ...(
      [
        ['attach-in-error', isInError, 'error'],
        ['attach', 'true', 'OK'],
      ] as const
    ).map(([name, when, operationalStatus]) => ({
      ...{ name, from: anyState, when: all(isDetached, isThere, when) },
      steps: [patchStatus({ states: anyState, operationalStatus, status: {} })],
    })),
  ];
}
