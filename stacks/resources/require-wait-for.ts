import { invalidInput } from '../../lib/errors';
import { requireState } from '../../lib/kinds';
import type { Kind } from '../../lib/kinds/kind';
import type { WaitFor } from './fleet-state';

/** @throws TestbedError (`invalid-input`) for what nothing can be waited for by */
export function requireWaitFor(where: string, kind: Kind, waitFor: WaitFor): WaitFor {
  if (waitFor === 'settled' || waitFor === 'none') return waitFor;
  if (typeof waitFor !== 'object' || typeof waitFor.state !== 'string')
    throw invalidInput(
      `waitFor of ${where} is ${JSON.stringify(waitFor)}: use 'settled', 'none', or { state: 'available', share: 0.95 }`,
    );
  const { state, share = 1 } = waitFor;
  if (!(share > 0) || share > 1)
    throw invalidInput(`waitFor.share of ${where} is ${share}: give a share above 0, and at most 1`);
  requireState(kind, state);
  return waitFor;
}
