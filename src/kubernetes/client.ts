import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Credentials } from './kubeconfig';
import { TestbedError } from '../../lib/errors';

/** The API server's own words for a refusal. */
export class ApiError extends TestbedError {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** `reason` of the Status object, such as `NotFound` or `Conflict`; '' where there is none. */
    readonly reason: string,
    message: string,
    /** `details.causes` of the Status object, with what is wrong with each field. */
    readonly causes: readonly { readonly field?: string; readonly message?: string }[] = [],
  ) {
    super('cluster', message);
    this.name = 'ApiError';
  }
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** @default 'application/json' */
  readonly contentType?: string;
  /** @default 'application/json' */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /**
   * How long to go on trying after refused or lost connections, 409, 429 and 5xx, in milliseconds.
   * @default 30000
   */
  readonly retryMs?: number;
}

/** In flight on one connection at most; the API server allows 100 streams, and starts to reject at a few hundred. */
const STREAMS = 64;
const RETRIED_STATUS = new Set([409, 429, 500, 502, 503, 504]);
const RETRIED_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INFO',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
]);

/** A connection to one API server, over HTTP/2 with as few TLS sessions as it takes. */
export class KubernetesClient {
  readonly server: string;
  private readonly pool: Pool;
  private readonly basePath: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(credentials: Credentials, options: { readonly connections?: number } = {}) {
    const url = new URL(credentials.server);
    this.server = credentials.server;
    this.basePath = url.pathname.replace(/\/+$/, '');
    this.headers = {
      'user-agent': 'metal3-testbed',
      ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
    };
    this.pool = new Pool(url.origin, {
      allowH2: true,
      connections: options.connections ?? 2,
      pipelining: STREAMS,
      maxConcurrentStreams: STREAMS,
      // A watch may be silent for long; what must not hang has a signal or an end of its own.
      bodyTimeout: 0,
      headersTimeout: 60_000,
      connect: {
        ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
        ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
        ...(credentials.key === undefined ? {} : { key: credentials.key }),
        ...(credentials.serverName === undefined ? {} : { servername: credentials.serverName }),
      },
    });
  }

  /**
   * One request, repeated where that can help.
   *
   * @returns the body as JSON
   * @throws ApiError with what the API server said; TestbedError (`cluster`) where it cannot be reached
   */
  async request<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: RequestOptions = {},
  ): Promise<T> {
    const deadline = performance.now() + (options.retryMs ?? 30_000);
    for (let attempt = 0; ; attempt++) {
      try {
        const { statusCode, headers, body } = await this.send(method, path, options);
        const text = await body.text();
        if (statusCode < 400) return (text === '' ? undefined : parseBody(text, options.accept)) as T;
        const error = statusError(statusCode, text, method, path);
        if (!isRetried(error) || performance.now() > deadline) throw error;
        await pause(attempt, Number(headers['retry-after']) * 1000, deadline, options.signal);
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason;
        if (error instanceof ApiError) throw error;
        const code = errorCode(error);
        if (!RETRIED_CODES.has(code) || performance.now() > deadline) {
          throw new TestbedError(
            'cluster',
            `the API server at ${this.server} cannot be reached (${code || (error as Error).message}): is the cluster up?`,
            { cause: error },
          );
        }
        await pause(attempt, NaN, deadline, options.signal);
      }
    }
  }

  /** The lines of a response that does not end by itself, such as a watch. */
  async *lines(path: string, options: RequestOptions = {}): AsyncGenerator<string, void, undefined> {
    const { statusCode, body } = await this.send('GET', path, options);
    if (statusCode >= 400) throw statusError(statusCode, await body.text(), 'GET', path);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: RequestOptions) {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) query.set(key, String(value));
    const search = query.size > 0 ? `?${query.toString()}` : '';
    return this.pool.request({
      method,
      path: `${this.basePath}${path}${search}`,
      headers: {
        ...this.headers,
        accept: options.accept ?? 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }
}

/** A 409 may be a lost race, which another try wins, or fields that somebody else owns, which it does not. */
function isRetried({ status, causes }: ApiError): boolean {
  return RETRIED_STATUS.has(status) && !causes.some(({ message }) => message?.startsWith('conflict with'));
}

function parseBody(text: string, accept: string | undefined): unknown {
  return accept === 'text/plain' ? text : JSON.parse(text);
}

function statusError(status: number, text: string, method: string, path: string): ApiError {
  interface Status {
    readonly message?: string;
    readonly reason?: string;
    readonly details?: { readonly causes?: ApiError['causes'] };
  }
  let body: Status = {};
  try {
    body = JSON.parse(text) as Status;
  } catch {
    // Not every refusal is a Status object: the text says what it can.
  }
  const message = body.message ?? (text.trim().slice(0, 200) || `HTTP ${status}`);
  return new ApiError(
    status,
    body.reason ?? '',
    `the API server refused ${method} ${path}: ${message}`,
    body.details?.causes,
  );
}

function errorCode(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? '' : errorCode(cause);
}

/** Full jitter: a random part of a time that doubles, or what the server asked for; never beyond the deadline. */
async function pause(
  attempt: number,
  askedMs: number,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const backoff = Math.random() * Math.min(5_000, 50 * 2 ** attempt);
  const ms = Number.isNaN(askedMs) ? backoff : askedMs + backoff;
  await delay(
    Math.max(1, Math.min(ms, deadline - performance.now() + 1)),
    undefined,
    signal === undefined ? {} : { signal },
  );
}
