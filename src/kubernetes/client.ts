import type { Duplex } from 'node:stream';
import { WebSocket, type Dispatcher } from 'undici';
import { invalidInput, TestbedError } from '../../lib/errors';
import { isMap } from '../util/is-map';
import { quoted } from '../../lib/visible';
import { checkedJson } from './answer-shape';
import { ApiError, apiErrorOf } from './api-error';
import type { Identity } from './authentication';
import { Authentication } from './authentication';
import { createDispatcher, upgradeTold } from './dispatcher';
import { exchange, opened, refusalText, StuckError, type Answer, type Limits } from './exchange';
import type { Credentials } from './kubeconfig';
import { LimitError, MAX_ANSWER_BYTES } from './limits';
import { linesOf } from './lines';
import type { Retry } from './retry';
import { errorCode, hasNoRoom, isRetriedCode, isRetriedStatus, isSilence, pauseBeforeRetry } from './retry';
import { unreachable } from './unreachable';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** @default 'application/json' */
  readonly contentType?: string;
  /** @default 'application/json' */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /**
   * How long to go on trying after refused or lost connections, 409, 429, 500, 502, 503 and 504, in milliseconds.
   * @default 30000, or 180000 while a server that has answered before is silent: it is there, and busy
   */
  readonly retryMs?: number;
  /** How long the API server may be silent before it answers, and while it does, in milliseconds. @default 30000 */
  readonly silenceMs?: number;
  /** Told before each further try. */
  readonly onRetry?: (retry: Retry) => void;
  /** Asked before each try, and waited for; what it throws ends the request. */
  readonly beforeTry?: (() => Promise<void> | undefined) | undefined;
}

export interface ClientOptions {
  /**
   * Connections kept open; each carries up to 64 requests at once.
   * @default 2
   */
  readonly connections?: number;
  /**
   * How long one answer may take until it is whole, and at most how long the API server may be silent, and a request be
   * tried again, in milliseconds.
   * @default - METAL3_TESTBED_REQUEST_TIMEOUT, in seconds; 60 seconds where it is not set
   */
  readonly timeoutMs?: number;
}

/** What client code calls a request that had to make room for the answers to others. */
const CROWDED = 'CROWDED';
/** How many seconds one answer may take: more for a slow connection. */
const TIMEOUT_VARIABLE = 'METAL3_TESTBED_REQUEST_TIMEOUT';
const ANSWER_MS = 60_000;
const RETRY_MS = 30_000;
/** A starved API server has taken a minute to accept a connection. */
const BUSY_RETRY_MS = 180_000;
const SILENCE_MS = 30_000;

/** A connection to one API server, over HTTP/2 with as few TLS sessions as it takes. */
export class KubernetesClient {
  readonly server: string;
  /** Where objects go that name no namespace. */
  readonly defaultNamespace: string;
  private readonly origin: string;
  private readonly basePath: string;
  private readonly authentication: Authentication;
  private readonly connections: number;
  private readonly answerMs: number;
  /** The longest that anybody waits for a server; Infinity where it is for each request to say. */
  private readonly patienceMs: number;
  private readonly underWay = { bytes: 0 };
  private readonly impersonation: Readonly<Record<string, string>>;
  private dispatcher: Dispatcher | undefined;
  private isClosed = false;
  private hasAnswered = false;
  /** Whose certificate the connections show. */
  private shown: Identity = {};
  private readonly retired: Promise<unknown>[] = [];

  constructor(
    private readonly credentials: Credentials,
    options: ClientOptions = {},
  ) {
    this.server = credentials.server;
    this.defaultNamespace = credentials.namespace ?? 'default';
    this.origin = new URL(credentials.server).origin;
    this.basePath = new URL(credentials.server).pathname.replace(/\/+$/, '');
    this.authentication = new Authentication(credentials);
    this.connections = options.connections ?? 2;
    const timeoutMs = options.timeoutMs ?? timeoutOf(process.env);
    this.answerMs = timeoutMs ?? ANSWER_MS;
    this.patienceMs = timeoutMs ?? Infinity;
    this.impersonation = credentials.impersonate === undefined ? {} : { 'impersonate-user': credentials.impersonate };
  }

  /**
   * One request, repeated where that can help.
   *
   * @returns the body as JSON, which is an object, a list or a table as it was asked for
   * @throws ApiError with what the API server said; TestbedError (`cluster`) where it cannot be reached, or answers with
   * something else
   */
  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    const { text } = await this.answer(method, path, options);
    if (options.accept === 'text/plain') return text as T;
    return checkedJson<T>(text, method, path, options.accept);
  }

  /** How long a list of many pages may be waited for, in milliseconds. */
  get listMs(): number {
    return 10 * this.answerMs;
  }

  /** As {@link request}, with the HTTP status (201 where an object was made), and the body as it has come. */
  async answer(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
    const startedAt = performance.now();
    const until = (retryMs: number) => startedAt + Math.min(options.retryMs ?? retryMs, this.patienceMs);
    const deadline = until(RETRY_MS);
    let isSecondTry = false;
    let refusal: ApiError | undefined;
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      const due = options.beforeTry?.();
      if (due !== undefined) await due;
      let answer: Answer;
      try {
        answer = await this.send(method, path, options, exchange);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (error instanceof TestbedError) throw error;
        const isCrowded = error instanceof LimitError && error.limit === 'bytes under way';
        if (error instanceof LimitError && !(isCrowded && performance.now() < deadline))
          throw tooMuch(error, method, path);
        const code = isCrowded ? CROWDED : errorCode(error);
        const last = this.hasAnswered && isSilence(code) ? until(BUSY_RETRY_MS) : deadline;
        if (this.isClosed || !(isCrowded || isRetriedCode(code)) || performance.now() > last)
          // What the server has said before tells more.
          throw refusal ?? unreachable(this.server, error, code);
        options.onRetry?.({ code });
        await pauseBeforeRetry(attempt, NaN, last, options.signal);
        continue;
      }
      this.hasAnswered = true;
      const { status, text } = answer;
      if (status < 300) return answer;
      if (status === 401 && this.authentication.isRenewable && !isSecondTry) {
        isSecondTry = true;
        this.authentication.invalidate();
        continue;
      }
      const error = apiErrorOf(status, text, method, path);
      if (hasNoRoom(error)) throw noRoom(error);
      const isLost = status === 409 && namesVersion(options.body);
      if (!isRetriedStatus(error) || isLost || performance.now() > deadline) throw error;
      refusal = error;
      options.onRetry?.({ status, code: '' });
      await pauseBeforeRetry(attempt, answer.retryAfter * 1000, deadline, options.signal);
    }
  }

  /**
   * The lines of a response that does not end by itself, such as a watch.
   *
   * @param onOpened called once it has begun
   * @throws ApiError with what the API server said; TestbedError (`cluster`) for a line that is longer than any it writes
   */
  async *lines(
    path: string,
    options: RequestOptions & {
      /** The longest line that makes sense, in bytes. @default 8388608 */
      readonly maxLineBytes?: number;
    } = {},
    onOpened?: () => void,
  ): AsyncGenerator<string, void, undefined> {
    const { statusCode, body } = await this.send('GET', path, options, opened);
    // A reader that has gone, or has not come yet, does not listen; one that is there is told by its iteration.
    body.on('error', () => undefined);
    if (statusCode >= 300) {
      if (statusCode === 401) this.authentication.invalidate();
      const text = await refusalText(body, this.answerMs).catch((error: unknown) => {
        throw error instanceof LimitError ? tooMuch(error, 'GET', path) : error;
      });
      throw apiErrorOf(statusCode, text, 'GET', path);
    }
    onOpened?.();
    try {
      yield* linesOf(body as AsyncIterable<Uint8Array>, options.maxLineBytes ?? MAX_ANSWER_BYTES);
    } catch (error) {
      throw error instanceof LimitError ? tooMuch(error, 'GET', path) : error;
    }
  }

  /**
   * Opens a WebSocket on a connection of its own.
   *
   * @param protocol the only one that is spoken
   * @returns the socket, and what ends its connection at once: closing it waits for the other side, which may not care
   * @throws TestbedError (`cluster`) where it is refused
   */
  async webSocket(
    path: string,
    query: NonNullable<RequestOptions['query']>,
    protocol: string,
  ): Promise<{ readonly socket: WebSocket; readonly end: () => void }> {
    const identity = await this.authentication.current();
    // API servers upgrade connections of HTTP/1.1 only.
    const pool = createDispatcher(this.credentials, identity, { connections: 1, allowH2: false });
    let connection: Duplex | undefined;
    const dispatcher = pool.compose(upgradeTold((upgraded) => (connection = upgraded)));
    const url = `${this.origin.replace(/^http/, 'ws')}${this.basePath}${path}${searchOf(query)}`;
    const socket = new WebSocket(url, { protocols: protocol, dispatcher, headers: this.headersOf(identity) });
    socket.addEventListener('close', () => void pool.destroy());
    return new Promise((resolve, reject) => {
      const fail = (why: string, cause?: unknown) =>
        reject(new TestbedError('cluster', `cannot open a WebSocket for ${path}: ${why}`, { cause }));
      const silenceMs = Math.min(SILENCE_MS, this.patienceMs);
      const timer = setTimeout(() => {
        fail(`no data for ${silenceMs / 1000} s`);
        void pool.destroy();
      }, silenceMs);
      const end = () => clearTimeout(timer);
      socket.addEventListener('open', () => (end(), resolve({ socket, end: () => void connection?.destroy() })));
      socket.addEventListener('close', () => (end(), fail('it was closed at once')));
      socket.addEventListener('error', ({ message, error }) => {
        end();
        const why = (error as Error | undefined)?.message || message || 'the API server refuses it';
        fail(quoted(why), error);
      });
    });
  }

  /**
   * Ends all connections at once, so that nothing is sent any more of what waits to be; what is under way is sent again
   * over new ones, where it is retried.
   */
  reset(): void {
    const before = this.dispatcher;
    if (before === undefined) return;
    this.dispatcher = undefined;
    this.retired.push(before.destroy());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.authentication.close();
    await this.dispatcher?.destroy();
    await Promise.all(this.retired);
  }

  /** Sends one request. @param how exchange or opened */
  private async send<T>(
    method: Method,
    path: string,
    options: RequestOptions,
    how: (dispatcher: Dispatcher, request: Dispatcher.RequestOptions, limits: Limits) => Promise<T>,
  ): Promise<T> {
    const current = this.authentication.current();
    const identity = current instanceof Promise ? await unlessAborted(current, options.signal) : current;
    const dispatcher = this.dispatcherFor(identity);
    const request = {
      origin: this.origin,
      method,
      path: `${this.basePath}${path}${searchOf(options.query)}`,
      headers: {
        ...this.headersOf(identity),
        accept: options.accept ?? 'application/json',
        'content-type': options.body === undefined ? undefined : (options.contentType ?? 'application/json'),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    };
    try {
      return await how(dispatcher, request, {
        silenceMs: Math.min(options.silenceMs ?? SILENCE_MS, this.patienceMs),
        answerMs: this.answerMs,
        signal: options.signal,
        underWay: this.underWay,
      });
    } catch (error) {
      // Nothing has come back; the connections are made anew.
      if (error instanceof StuckError && this.dispatcher === dispatcher) {
        this.dispatcher = undefined;
        this.retired.push(dispatcher.destroy());
      }
      throw error;
    }
  }

  /** The connections, made anew where a plugin has given another certificate. */
  private dispatcherFor(identity: Identity): Dispatcher {
    if (this.dispatcher === undefined || identity.cert !== this.shown.cert) {
      const before = this.dispatcher;
      this.dispatcher = createDispatcher(this.credentials, identity, {
        connections: this.connections,
        patienceMs: this.patienceMs,
      });
      this.shown = identity;
      // What is under way on the old connections ends there.
      if (before !== undefined) this.retired.push(before.close());
    }
    return this.dispatcher;
  }

  private headersOf({ token }: Identity): Record<string, string | undefined> {
    return {
      'user-agent': 'metal3-testbed',
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      ...this.impersonation,
    };
  }
}

/** Whether a body says which version it was made from: once that has been replaced, it is refused however often it comes. */
function namesVersion(body: unknown): boolean {
  return isMap(body) && isMap(body['metadata']) && body['metadata']['resourceVersion'] !== undefined;
}

/** Waits for something that takes no signal. @throws the signal's reason */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function noRoom(error: ApiError): ApiError {
  return new ApiError(
    error.status,
    error.reason,
    `the cluster's etcd is full and takes no more writes (${error.message}): make room on its disk or raise its quota, then run this again to continue`,
  );
}

/** An answer that is not read to its end. */
export class TooMuchError extends TestbedError {
  constructor(
    message: string,
    /** Whether a part of it could be asked for. */
    readonly isTooLarge: boolean,
  ) {
    super('cluster', message);
  }
}

function tooMuch({ limit, message }: LimitError, method: Method, path: string): TooMuchError {
  return new TooMuchError(
    `the answer to ${method} ${quoted(path)} ${message}: check that the address is an API server's, and what proxy is in front of it`,
    limit === 'bytes',
  );
}

/** @throws TestbedError (`invalid-input`) */
function timeoutOf(env: NodeJS.ProcessEnv): number | undefined {
  const text = env[TIMEOUT_VARIABLE];
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw invalidInput(`${TIMEOUT_VARIABLE} is '${quoted(text, 64)}': give a number of seconds, such as 120`);
}

function searchOf(asked: RequestOptions['query'] = {}): string {
  let search = '';
  for (const [key, value] of Object.entries(asked))
    if (value !== undefined) search += `${search === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`;
  return search;
}
