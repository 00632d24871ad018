import type { Dispatcher } from 'undici';

/** What a server has answered, whole. */
export interface Answer {
  readonly status: number;
  /** Seconds, as Retry-After has them; NaN where it says nothing. */
  readonly retryAfter: number;
  readonly text: string;
}

/** How long a request may take, and who may end it. */
export interface Limits {
  /** How long nothing may come before an answer begins, and until it is whole, in milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Retry-After is a number of seconds, or a date. @returns NaN for neither */
function secondsOf(header: string | string[] | undefined): number {
  if (typeof header !== 'string') return NaN;
  return /^\d+$/.test(header) ? Number(header) : Math.max(0, (Date.parse(header) - Date.now()) / 1000);
}

/** The server has gone silent; a request that is lost between two connections would wait for ever. */
export class StuckError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One request and its whole answer, on undici's own events: a stream for each of many small answers would take half as much
 * time again.
 *
 * @throws StuckError where nothing comes, or nothing more; the signal's reason; the transport's error for a lost connection
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { silenceMs, signal }: Limits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let failure: Error | undefined;
    let status = 0;
    let retryAfter = NaN;
    const chunks: Buffer[] = [];
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error) => {
      end();
      failure = error;
      reject(error);
      controller?.abort(error);
    };
    const onAbort = () => fail(signal?.reason as Error);
    const timer = setTimeout(() => fail(new StuckError()), silenceMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        // It had to wait for a place on a connection until it was of no use.
        if (failure !== undefined) started.abort(failure);
      },
      onResponseStart(_controller, statusCode, headers) {
        timer.refresh();
        status = statusCode;
        retryAfter = secondsOf(headers['retry-after']);
      },
      onResponseData(_controller, chunk) {
        timer.refresh();
        chunks.push(chunk);
      },
      onResponseEnd() {
        end();
        const [first] = chunks;
        resolve({
          status,
          retryAfter,
          text: (chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString(),
        });
      },
      onResponseError(_controller, error) {
        end();
        reject(error);
      },
    });
  });
}

/**
 * The beginning of an answer that may last, and be silent in between.
 *
 * @throws as {@link exchange}
 */
export async function opened(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
  { silenceMs, signal }: Limits,
): Promise<Dispatcher.ResponseData> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new StuckError()), silenceMs);
  try {
    return await dispatcher.request({
      ...request,
      signal: signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}
