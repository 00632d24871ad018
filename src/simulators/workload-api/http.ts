/** Requests and answers, of HTTP/1.1 and HTTP/2 alike, with their bounds. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { withoutUndefined } from '../../../lib/without-undefined';
import { isMap } from '../../util/is-map';
import { decodeBody } from './kubernetes-protobuf';
import { badRequest, StatusError } from './status-error';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** As much as API servers take. */
const MOST_BODY_BYTES = 3 * 1024 * 1024;
const BODY_MS = 30_000;
/** How long an answer may take until its reader has it. */
const ANSWER_MS = 60_000;
/** As deep as no object is. */
const MOST_DEPTH = 200;

/** Whether the client has shown a certificate of the cluster's CA. */
export function isAuthorized({ socket }: { readonly socket: unknown }): boolean {
  return (socket as TLSSocket).authorized;
}

/** @throws StatusError for a body that is too large (413), does not come (408), or is not of a known type (415) */
export async function bodyOf(request: Request): Promise<{ readonly value: unknown; readonly contentType: string }> {
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';', 1)[0]!.trim().toLowerCase();
  const bytes = await bytesOf(request);
  if (bytes.length === 0) return { value: undefined, contentType };
  if (contentType === 'application/vnd.kubernetes.protobuf') return { value: decodeBody(bytes), contentType };
  if (!/^application\/([\w.-]+\+)?json$/.test(contentType) && contentType !== 'application/apply-patch+yaml')
    throw new StatusError(
      415,
      `the body of the request was in an unknown format (${contentType.slice(0, 100)}) - accepted media types include: application/json, application/vnd.kubernetes.protobuf`,
    );
  if (contentType === 'application/apply-patch+yaml') return { value: {}, contentType };
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    requireShallow(value, 0);
    return { value, contentType };
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`the body of the request is not valid JSON: ${(error as Error).message}`);
  }
}

function requireShallow(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MOST_DEPTH) throw badRequest(`the body of the request is more than ${MOST_DEPTH} levels deep`);
  for (const each of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    requireShallow(each, depth + 1);
}

/** @throws StatusError (400) */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isMap(value)) return value;
  throw badRequest('the body of the request has to be an object');
}

function bytesOf(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: Error) => {
      clearTimeout(timer);
      request.removeAllListeners('data');
      // What is still to come is thrown away, and no more than the connection holds.
      request.resume();
      reject(error);
    };
    const timer = setTimeout(() => fail(new StatusError(408, `the body did not come in ${BODY_MS / 1000} s`)), BODY_MS);
    timer.unref();
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BODY_BYTES) fail(new StatusError(413, `a body may have ${MOST_BODY_BYTES} bytes`));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    request.on('error', fail);
    request.on('close', () => fail(badRequest('the connection has ended')));
  });
}

/** Answers with JSON, or with a text as it is. @param type another content type, which some clients look at */
export function send(response: Response, code: number, body: object | string, type = 'application/json'): void {
  if (response.headersSent || response.destroyed) return;
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  head(response, code, {
    'content-type': isText ? 'text/plain; charset=utf-8' : type,
    'content-length': String(bytes.length),
    'retry-after': code === 429 ? '1' : undefined,
  });
  const timer = setTimeout(() => response.destroy(), ANSWER_MS);
  timer.unref();
  response.on('close', () => clearTimeout(timer));
  end(response, bytes);
}

/** The two kinds of answers have the same methods, of which TypeScript does not see that they are. */
export function head(response: Response, code: number, headers: Readonly<Record<string, string | undefined>>): void {
  const all = withoutUndefined({ 'cache-control': 'no-cache, private', ...headers });
  (response as ServerResponse).writeHead(code, all);
}

export function write(response: Response, text: string): void {
  (response as ServerResponse).write(text);
}

export function end(response: Response, bytes?: Buffer): void {
  (response as ServerResponse).end(bytes);
}
