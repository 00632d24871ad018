import type { Dispatcher } from 'undici';
import { Body } from './body';
import { inMiB, LimitError, MAX_ANSWER_BYTES, MAX_BYTES_UNDER_WAY, MAX_REFUSAL_BYTES } from './limits';

/** What a server has answered, whole; of a refusal, its beginning. */
export interface Answer {
  readonly status: number;
  /** Seconds, as Retry-After has them; NaN where it says nothing. */
  readonly retryAfter: number;
  readonly text: string;
}

/** How long a request may take, how large its answer may be, and who may end it. */
export interface Limits {
  /** How long nothing may come before an answer begins, and until it is whole, in milliseconds. */
  readonly silenceMs: number;
  /** How long an answer that has begun may take until it is whole, however steadily it comes, in milliseconds. */
  readonly answerMs: number;
  readonly signal: AbortSignal | undefined;
  /** What all answers of the client hold together; {@link exchange} keeps it. */
  readonly underWay: { bytes: number };
}

/** Retry-After is a number of seconds, or a date. @returns NaN for neither */
function secondsOf(header: string | string[] | undefined): number {
  if (typeof header !== 'string') return NaN;
  return /^\d+$/.test(header) ? Number(header) : Math.max(0, (Date.parse(header) - Date.now()) / 1000);
}

/** How long a write that is under way is waited for once its signal has been aborted, in milliseconds. */
const LANDING_MS = 2_000;

/** The server has gone silent; a request that is lost between two connections would wait for ever. */
export class StuckError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One request and its whole answer, on undici's own events: a stream for each of many small answers would take half as much
 * time again.
 *
 * A write that is under way when its signal is aborted is waited for, for a moment: what is not taken back is better known,
 * and nobody else is let in before it has landed.
 *
 * @throws StuckError where nothing comes, or nothing more; LimitError for an answer that is too large or does not end; the
 * signal's reason; the transport's error for a lost connection
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { silenceMs, answerMs, signal, underWay }: Limits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let failure: Error | undefined;
    let status = 0;
    let retryAfter = NaN;
    let deadline = Infinity;
    const body = new Body();
    let isAborted = false;
    let isOver = false;
    const end = () => {
      isOver = true;
      underWay.bytes -= body.size;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error) => {
      if (isOver) return;
      end();
      failure = error;
      reject(error);
      // Where an HTTP/2 stream is destroyed before its body has gone, Node.js may send empty frames for ever, until its
      // memory is full.
      if (!isWrite || status !== 0) controller?.abort(error);
    };
    const isWrite = request.body !== null && request.body !== undefined;
    const onAbort = () => {
      if (!isWrite || controller === undefined) return fail(signal?.reason as Error);
      isAborted = true;
      deadline = performance.now() + LANDING_MS;
      clearTimeout(timer);
      timer = setTimeout(onTimeout, LANDING_MS);
    };
    const onTimeout = () =>
      fail(isAborted || performance.now() < deadline ? new StuckError() : tooSlow(answerMs, body.size));
    let timer = setTimeout(onTimeout, silenceMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    const succeed = () => {
      if (isOver) return;
      end();
      resolve({ status, retryAfter, text: body.text() });
    };
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        // It had to wait for a place on a connection until it was of no use.
        if (failure !== undefined) started.abort(failure);
      },
      onResponseStart(_controller, statusCode, headers) {
        // Interim answers, of which any number may come, are no beginning.
        if (statusCode < 200) return;
        timer.refresh();
        if (!isAborted) deadline = performance.now() + answerMs;
        // Nobody waits for it any more.
        if (isOver) return controller?.abort(failure ?? new StuckError());
        status = statusCode;
        retryAfter = secondsOf(headers['retry-after']);
        const announced = Number(headers['content-length']);
        if (status < 300 && announced > MAX_ANSWER_BYTES) fail(tooLarge());
      },
      onResponseData(_controller, chunk) {
        if (isOver) return;
        timer.refresh();
        body.add(chunk);
        underWay.bytes += chunk.length;
        if (status >= 300 && body.size > MAX_REFUSAL_BYTES) {
          succeed();
          controller?.abort(new LimitError('bytes', 'has been read far enough'));
        } else if (body.size > MAX_ANSWER_BYTES) fail(tooLarge());
        else if (underWay.bytes > MAX_BYTES_UNDER_WAY) fail(tooMuchAtOnce());
        // A timer for each of many small answers costs; that of the silence goes off once more at the latest.
        else if (performance.now() >= deadline) fail(tooSlow(answerMs, body.size));
      },
      onResponseEnd() {
        succeed();
      },
      onResponseError(_controller, error) {
        if (isOver) return;
        end();
        reject(error);
      },
    });
  });
}

function tooLarge(): LimitError {
  return new LimitError('bytes', `has more than ${inMiB(MAX_ANSWER_BYTES)}`);
}

function tooMuchAtOnce(): LimitError {
  return new LimitError('bytes under way', `is one of several with more than ${inMiB(MAX_BYTES_UNDER_WAY)} together`);
}

function tooSlow(answerMs: number, bytes: number): LimitError {
  return new LimitError('time', `was not complete ${answerMs / 1000} s after it began (${bytes} bytes received)`);
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

/** As much of a refusal as says something, within a time. @throws LimitError, or the transport's error */
export async function refusalText(body: Dispatcher.ResponseData['body'], answerMs: number): Promise<string> {
  const text = new Body();
  const timer = setTimeout(() => body.destroy(tooSlow(answerMs, text.size)), answerMs);
  try {
    for await (const chunk of body) {
      text.add(chunk as Uint8Array);
      if (text.size > MAX_REFUSAL_BYTES) break;
    }
    return text.text();
  } finally {
    clearTimeout(timer);
  }
}
