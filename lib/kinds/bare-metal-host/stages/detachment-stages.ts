/** Hosts that are taken away from the operator for a time by the `detached` annotation. */
import { isInErrorExpression } from './behaviour';
import { anyState } from './conditions';
import type { OperationalStatus } from './host-state';
import { everyStateBut, switchableStates } from './host-state';
import { all, isDetachForced, isDetachRequested, isDetached, isState } from './queries';
import type { HostStage } from './stage';
import { either, hasValue, patchStatus } from './status-patch';

const mayBeDetached = `(${isDetached} or ${isState(...switchableStates)} or ${isDetachForced})`;
/** There is nothing to detach before a host is seen, nor once it goes. */
const there = everyStateBut('', 'deleting');
const says = (operationalStatus: OperationalStatus) => patchStatus({ states: anyState, operationalStatus, status: {} });

/** Detached hosts stay as they are until they are attached again. */
export function detachmentStages(): HostStage[] {
  return [
    {
      name: 'detach',
      from: there,
      when: all(isDetachRequested, mayBeDetached),
      steps: [either(`not ${hasValue('status.operationalStatus', 'detached')}`, says('detached'))],
    },
    { name: 'attach', from: there, when: isDetached, steps: [either(isInErrorExpression, says('error'), says('OK'))] },
  ];
}
