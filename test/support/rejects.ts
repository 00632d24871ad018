import assert from 'node:assert/strict';
import { TestbedError, type ErrorCode } from '../../lib/errors';

/** Asserts that the promise is rejected with an error its reader can mend. @returns the message */
export async function rejects(promise: Promise<unknown>, message: RegExp, code: ErrorCode): Promise<string> {
  const error = await promise.then(
    () => assert.fail(`nothing was refused; expected ${message}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TestbedError, `not an error that a reader can mend: ${String((error as Error).stack)}`);
  assert.match(error.message, message);
  assert.equal(error.code, code);
  return error.message;
}
