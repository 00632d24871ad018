import { WebSocket, type Dispatcher } from 'undici';
import { TestbedError } from '../../lib/errors';
import { isMap } from '../util/is-map';
import { ApiError, apiErrorOf, jsonOf } from './api-error';
import type { Identity } from './authentication';
import { Authentication } from './authentication';
import { createDispatcher } from './dispatcher';
import { exchange, opened, StuckError, type Answer, type Limits } from './exchange';
import type { Credentials } from './kubeconfig';
import type { Retry } from './retry';
import { errorCode, hasNoRoom, isRetriedCode, isRetriedStatus, pauseBeforeRetry } from './retry';
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
   * @default 30000
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
}

const RETRY_MS = 30_000;
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
  private readonly impersonation: Readonly<Record<string, string>>;
  private dispatcher: Dispatcher | undefined;
  private isClosed = false;
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
    this.impersonation = credentials.impersonate === undefined ? {} : { 'impersonate-user': credentials.impersonate };
  }

  /**
   * One request, repeated where that can help.
   *
   * @returns the body as JSON
   * @throws ApiError with what the API server said; TestbedError (`cluster`) where it cannot be reached
   */
  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    const { text } = await this.answer(method, path, options);
    if (options.accept === 'text/plain') return text as T;
    return text === '' ? (undefined as T) : jsonOf<T>(text, method, path);
  }

  /** As {@link request}, with the HTTP status (201 where an object was made), and the body as it has come. */
  async answer(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
    const deadline = performance.now() + (options.retryMs ?? RETRY_MS);
    let isSecondTry = false;
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
        const code = errorCode(error);
        if (this.isClosed || !isRetriedCode(code) || performance.now() > deadline)
          throw unreachable(this.server, error, code);
        options.onRetry?.({ code });
        await pauseBeforeRetry(attempt, NaN, deadline, options.signal);
        continue;
      }
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
      options.onRetry?.({ status, code: '' });
      await pauseBeforeRetry(attempt, answer.retryAfter * 1000, deadline, options.signal);
    }
  }

  /** The lines of a response that does not end by itself, such as a watch. @param onOpened called once it has begun */
  async *lines(
    path: string,
    options: RequestOptions = {},
    onOpened?: () => void,
  ): AsyncGenerator<string, void, undefined> {
    const { statusCode, body } = await this.send('GET', path, options, opened);
    // A reader that has gone, or has not come yet, does not listen; one that is there is told by its iteration.
    body.on('error', () => undefined);
    if (statusCode >= 300) {
      if (statusCode === 401) this.authentication.invalidate();
      throw apiErrorOf(statusCode, await body.text(), 'GET', path);
    }
    onOpened?.();
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  /**
   * Opens a WebSocket on a connection of its own.
   *
   * @param protocol the only one that is spoken
   * @throws TestbedError (`cluster`) where it is refused
   */
  async webSocket(path: string, query: NonNullable<RequestOptions['query']>, protocol: string): Promise<WebSocket> {
    const identity = await this.authentication.current();
    // API servers upgrade connections of HTTP/1.1 only.
    const dispatcher = createDispatcher(this.credentials, identity, { connections: 1, allowH2: false });
    const url = `${this.origin.replace(/^http/, 'ws')}${this.basePath}${path}${searchOf(query)}`;
    const socket = new WebSocket(url, { protocols: protocol, dispatcher, headers: this.headersOf(identity) });
    socket.addEventListener('close', () => void dispatcher.destroy());
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(socket));
      socket.addEventListener('error', ({ message, error }) => {
        const why = (error as Error | undefined)?.message ?? message;
        reject(new TestbedError('cluster', `the API server opens no WebSocket for ${path}: ${why}`, { cause: error }));
      });
    });
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
        ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    };
    try {
      return await how(dispatcher, request, { silenceMs: options.silenceMs ?? SILENCE_MS, signal: options.signal });
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
      this.dispatcher = createDispatcher(this.credentials, identity, { connections: this.connections });
      this.shown = identity;
      // What is under way on the old connections ends there.
      if (before !== undefined) this.retired.push(before.close());
    }
    return this.dispatcher;
  }

  private headersOf({ token }: Identity): Record<string, string> {
    return {
      'user-agent': 'metal3-testbed',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
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

function searchOf(asked: RequestOptions['query'] = {}): string {
  let search = '';
  for (const [key, value] of Object.entries(asked))
    if (value !== undefined) search += `${search === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`;
  return search;
}
