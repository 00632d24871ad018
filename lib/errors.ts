/**
 * Who can mend an error, which is also what a script can react to. The CLI ends with the exit code in brackets.
 *
 * - `invalid-input` (2): a description, flag or file says something that is not allowed.
 * - `environment` (3): the machine lacks something: a program, a free port, disk space, a running engine.
 * - `timeout` (4): what was waited for did not come before its deadline.
 * - `cluster` (5): the API server refused, or could not be reached.
 */
export type ErrorCode = 'invalid-input' | 'environment' | 'timeout' | 'cluster';

/**
 * An error that its reader can mend. The message says, in lower case, what was given, what is allowed and what to do;
 * no stack trace is owed to anybody. Anything else that is thrown is a fault of this package.
 */
export class TestbedError extends Error {
  readonly code: ErrorCode;
  /** The part of the description that it is about, such as `hostSets[0]`, where the message does not begin with it. */
  readonly path?: string;

  /**
   * @param code who can mend it
   * @param message what was given, what is allowed, how to mend it
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TestbedError';
    this.code = code;
  }

  /** The same error, about a part of a description; one that has a part already keeps it, which is the narrower one. */
  at(path: string): TestbedError {
    return this.path === undefined ? Object.assign(this, { path }) : this;
  }
}

/** The error for a description that says something that is not allowed. */
export function invalidInput(message: string): TestbedError {
  return new TestbedError('invalid-input', message);
}
