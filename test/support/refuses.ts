import assert from 'node:assert/strict';
import { TestbedError, type ErrorCode } from '../../lib/errors';

/** Asserts that the action is refused with an error its reader can mend. @returns the message */
export function refuses(action: () => unknown, message: RegExp, code: ErrorCode = 'invalid-input'): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof TestbedError, `not an error that a reader can mend: ${String((error as Error).stack)}`);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return error.message;
  }
  return assert.fail(`nothing was refused; expected ${message}`);
}
