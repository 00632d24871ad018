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
  const { message } = cause as Error;
  const recorded = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
  return Object.assign(new Error(message, { cause }), { id, properties: recorded, reasons: [message] });
}
