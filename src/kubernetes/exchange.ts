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
  /** How long the server may take to begin its answer, in milliseconds. */
  readonly headersMs: number;
  readonly signal: AbortSignal | undefined;
}

/** The server has not begun to answer; a request that is lost between two connections would wait for ever. */
export class StuckError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One request and its whole answer, on undici's own events: a stream for each of many small answers would take half as much
 * time again.
 *
 * @throws StuckError where it does not begin; the signal's reason; the transport's error for a lost connection
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { headersMs, signal }: Limits,
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
    const timer = setTimeout(() => fail(new StuckError()), headersMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        // It had to wait for a place on a connection until it was of no use.
        if (failure !== undefined) started.abort(failure);
      },
      onResponseStart(_controller, statusCode, headers) {
        clearTimeout(timer);
        status = statusCode;
        retryAfter = Number(headers['retry-after']);
      },
      onResponseData(_controller, chunk) {
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
 * The beginning of an answer that may last.
 *
 * @throws as {@link exchange}
 */
export async function opened(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
  { headersMs, signal }: Limits,
): Promise<Dispatcher.ResponseData> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new StuckError()), headersMs);
  try {
    return await dispatcher.request({
      ...request,
      signal: signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}
