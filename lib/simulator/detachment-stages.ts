/** Hosts that are taken away from the operator for a time by the `detached` annotation. */
import type { HostState } from './host-state';
import { all, isDetachForced, isDetachRequested, isDetached, isInError, not, state } from './queries';
import type { HostStage } from './stage';
import { patchStatus } from './status-patch';

/** The states in which the operator has something to do with a host it manages. */
const managed: readonly HostState[] = [
  ...(['registering', 'inspecting', 'preparing', 'available', 'provisioning'] as const),
  ...(['provisioned', 'externally provisioned', 'deprovisioning'] as const),
];
const atRest = `(${state} | IN("available", "provisioned", "externally provisioned"))`;
const mayBeDetached = `(${atRest} or ${isDetachForced})`;
/** Detached hosts stay as they are until they are attached again. */
export function detachmentStages(): HostStage[] {
  return [
    {
      name: 'detach',
      from: managed,
      when: all(isDetachRequested, not(isDetached), mayBeDetached),
      steps: [patchStatus({ states: managed, operationalStatus: 'detached', status: {} })],
    },
    { name: 'rest-while-detached', from: managed, when: all(isDetachRequested, isDetached), steps: [] },
    ...(
      [
        ['attach-in-error', isInError, 'error'],
        ['attach', 'true', 'OK'],
      ] as const
    ).map(([name, when, operationalStatus]) => ({
      ...{ name, from: managed, when: all(isDetached, when) },
      steps: [patchStatus({ states: managed, operationalStatus, status: {} })],
    })),
  ];
}
