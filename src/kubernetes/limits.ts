/**
 * What an API server, or whatever stands before it, may ask of this process.
 *
 * An object has 1.5 MiB in etcd at most, and a request 3 MiB; as JSON no object has more than a few. 8 MiB hold any object,
 * and 500 BareMetalHosts of 16 KiB; a page of a list that is larger is asked for again in smaller ones.
 */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Of an answer that refuses, more than this says nothing new. */
export const MAX_REFUSAL_BYTES = 1024 * 1024;
/** Of all answers that are under way on one client. */
export const MAX_BYTES_UNDER_WAY = 48 * 1024 * 1024;
/**
 * How many maps, lists and further entries of them an answer may have: 8 MiB of hosts have 400,000. What they become takes
 * up to 100 bytes each, so that the process stays below 300 MB whatever comes.
 */
export const MAX_VALUES = 1_000_000;
/** As deep as no object of Kubernetes is; what goes through an object by recursion has to end. */
export const MAX_DEPTH = 1_000;

/** Why an answer was not read to its end. */
export class LimitError extends Error {
  constructor(
    readonly limit: 'bytes' | 'bytes under way' | 'line' | 'time',
    what: string,
  ) {
    super(what);
    this.name = 'LimitError';
  }
}

export function inMiB(bytes: number): string {
  return `${Number((bytes / 1024 / 1024).toFixed(1))} MiB`;
}
