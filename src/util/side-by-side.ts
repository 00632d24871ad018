/** Several of a thing at the same time, each to its end. */
import { TestbedError } from '../../lib/errors';
import type { Listener } from './events';

/** What may have a name among others; one that is alone has none. */
export interface Named {
  readonly name?: string | undefined;
}

/** What came of each that came to its end, and what of the others. */
export interface Settled<T, R> {
  readonly done: readonly (readonly [each: T, result: R])[];
  /** As an error of all that failed, each with its name; undefined where none did. */
  readonly failure: Error | undefined;
}

/** Does something with each at the same time. One that fails ends none of the others. */
export async function sideBySide<T extends Named, R>(
  all: readonly T[],
  work: (each: T) => Promise<R>,
): Promise<Settled<T, R>> {
  const ends = await Promise.allSettled(all.map(async (each) => work(each)));
  return {
    done: ends.flatMap((end, i) => (end.status === 'fulfilled' ? [[all[i]!, end.value] as const] : [])),
    failure: together(
      ends.flatMap((end, i) => (end.status === 'rejected' ? [withName(all[i]!, end.reason as Error)] : [])),
    ),
  };
}

/** An error with the name of what it is about. */
export function withName({ name }: Named, error: Error): Error {
  if (name === undefined || !(error instanceof TestbedError)) return error;
  return new TestbedError(error.code, `${name}: ${error.message}`, { cause: error });
}

/** Errors as one: that of somebody who interrupts, or of a fault, before all others. */
export function together(errors: readonly Error[]): Error | undefined {
  const [first, ...more] = errors;
  if (first === undefined || more.length === 0) return first;
  const other = errors.find((each) => !(each instanceof TestbedError));
  if (other !== undefined) return other;
  const { code } = first as TestbedError;
  return new TestbedError(code, errors.map(({ message }) => message).join('\n'), { cause: first });
}

/** Tells a listener of which of several a task is. */
export function namingTasks(listener: Listener | undefined, { name }: Named): Listener | undefined {
  if (listener === undefined || name === undefined) return listener;
  return (event) => listener({ ...event, task: `${name}: ${event.task}` });
}
