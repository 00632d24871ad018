import { setTimeout as delay } from 'node:timers/promises';
import type { ApiError } from './api-error';

/** Statuses that another try may change. 400, 403 and 422 stay as they are, whatever is tried. */
const RETRIED_STATUS = new Set([409, 429, 500, 502, 503, 504]);
/** The network's and the transport's words for a connection that could not be made, or was lost. */
const RETRIED_CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_(SOCKET|INFO|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|HTTP_PARSER|RES_CONTENT_LENGTH_MISMATCH|DESTROYED)|ERR_HTTP2_.*|ERR_STREAM_PREMATURE_CLOSE)$/;
/** Says that etcd takes no writes until somebody makes room, which is no matter of seconds. */
const NO_ROOM = /database space exceeded|no space left on device/;

/** Why a request is tried again. */
export interface Retry {
  /** HTTP status of the refusal; undefined where the connection failed. */
  readonly status?: number;
  /** Code of the connection's error; '' for a refusal. */
  readonly code: string;
}

/** A 409 may be a lost race, which another try wins, or fields that somebody else owns, which it does not. */
export function isRetriedStatus(error: ApiError): boolean {
  return RETRIED_STATUS.has(error.status) && !error.isFieldConflict && !hasNoRoom(error);
}

/** Whether etcd, or the disk below it, is full. */
export function hasNoRoom({ status, message }: ApiError): boolean {
  return status >= 500 && NO_ROOM.test(message);
}

export function isRetriedCode(code: string): boolean {
  return RETRIED_CODES.test(code);
}

/**
 * Whether nothing came, neither a connection nor an answer: a server that has gone refuses. Where one request has found that out,
 * the connections are made anew, and all others that were on them are told that theirs was destroyed.
 */
export function isSilence(code: string): boolean {
  return ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_DESTROYED'].includes(code);
}

/** The code of an error, or of what caused it; '' where none has one. */
export function errorCode(error: unknown): string {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string') return code;
  // An AggregateError has one error for each address that was tried.
  if (errors?.[0] !== undefined) return errorCode(errors[0]);
  return cause === undefined || cause === null ? '' : errorCode(cause);
}

/** The longest pause of our own: short, so that work goes on soon after the server is back. */
const LONGEST_MS = 2_000;

/**
 * Waits before another try: a random part of a time that doubles ("full jitter"), on top of what the server asked for;
 * never beyond the deadline.
 *
 * @param askedMs what Retry-After says; NaN where it says nothing
 * @param deadline on the clock of performance.now()
 * @throws the signal's reason
 */
export async function pauseBeforeRetry(
  attempt: number,
  askedMs: number,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const backoff = Math.random() * Math.min(LONGEST_MS, 50 * 2 ** attempt);
  const ms = Number.isNaN(askedMs) ? backoff : askedMs + backoff;
  const left = deadline - performance.now();
  try {
    await delay(Math.max(1, Math.min(ms, left + 1)), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
