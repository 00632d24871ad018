import type { dynamic } from '@pulumi/pulumi';

/** A provider in which nothing is left to the engine's defaults. */
export type CompleteProvider<Inputs, Outputs> = Required<Omit<dynamic.ResourceProvider<Inputs, Outputs>, 'configure'>>;

/**
 * The error by which the engine records a resource as made, but not as it should be: the next `up` updates it.
 *
 * @param properties what the state is to hold; a value that is undefined is left out, since the engine would wait for it
 * for ever
 */
export function partialSuccess(cause: unknown, id: string, properties: object): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const recorded: unknown = JSON.parse(JSON.stringify(properties));
  const error = new Error(`${id} is not complete: ${reason}`, { cause });
  return Object.assign(error, { id, properties: recorded, reasons: [reason] });
}
