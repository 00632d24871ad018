import { TestbedError } from '../lib/errors';

/**
 * Does a part of a Pulumi program. What its reader can mend is thrown as the kind of error that Pulumi shows by its message
 * alone, without a stack; it is still a {@link TestbedError}.
 */
export function withPlainErrors<T>(work: () => T): T {
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(rethrow) as T) : result;
  } catch (error) {
    return rethrow(error);
  }
}

/** Pulumi tells its own `RunError` by this property, so that two copies of its SDK agree on what one is. */
const RUN_ERROR = '__pulumiRunError';

function rethrow(error: unknown): never {
  if (!(error instanceof TestbedError)) throw error;
  // Where the program itself has ended, and an output turns out to be wrong, Pulumi shows the stack whatever the error is.
  throw Object.defineProperties(error, { [RUN_ERROR]: { value: true }, stack: { value: error.message } });
}
