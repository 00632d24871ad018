import { invalidInput } from '../../lib/errors';
import { requireState } from '../../lib/kinds';
import type { Kind } from '../../lib/kinds/kind';
import type { WaitFor } from './fleet-state';

/** @throws TestbedError (`invalid-input`) for what nothing can be waited for by */
export function requireWaitFor(where: string, kind: Kind, waitFor: WaitFor): WaitFor {
  if (waitFor === 'settled' || waitFor === 'none') return waitFor;
  if (typeof waitFor !== 'object' || waitFor === null || typeof waitFor.state !== 'string')
    throw invalidInput(
      `waitFor of ${where} is ${JSON.stringify(waitFor)}: use 'settled', 'none', or { state: 'available', share: 0.95 }`,
    );
  const { state, share = 1, ...others } = waitFor;
  if (!(share > 0) || share > 1)
    throw invalidInput(`waitFor.share of ${where} is ${share}: give a share above 0, and at most 1`);
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw invalidInput(`waitFor.${other} of ${where} is not known: give a state, and a share of ${kind.noun.many}`);
  requireState(kind, state);
  return waitFor;
}
