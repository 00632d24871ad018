/** A registry of the tests' own: answers like a real one but for what a test has it do otherwise. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Blob, Image } from './images';
import { atEnd } from './temp-dir';

/** One request as a test sees it. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly body: string;
}

/** @returns whether the test has answered */
export type Hook = (asked: Asked, response: ServerResponse) => boolean | Promise<boolean>;

/** Starts a server on loopback, which ends with the test. */
export async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<{ readonly host: string; readonly origin: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  atEnd(t, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const at = `${host}:${(server.address() as AddressInfo).port}`;
  return { host: at, origin: `http://${at}` };
}

export class FakeRegistry {
  readonly asked: Asked[] = [];
  /** Looks at each request first. */
  hook: Hook = () => false;
  private readonly blobs = new Map<string, Blob>();
  private readonly tags = new Map<string, Blob>();

  private constructor(private at: { readonly host: string; readonly origin: string }) {}

  static async start(t: TestContext): Promise<FakeRegistry> {
    const registry = new FakeRegistry({ host: '', origin: '' });
    registry.at = await serve(t, (request, response) => void registry.answer(request, response));
    return registry;
  }

  get host(): string {
    return this.at.host;
  }

  get origin(): string {
    return this.at.origin;
  }

  /** Has an image, and all that it names, in every repository. */
  add(tag: string, { manifest, blobs, images }: Image): void {
    for (const each of [manifest, ...blobs]) this.blobs.set(each.digest, each);
    for (const each of images) this.add(each.manifest.digest, each);
    this.tags.set(tag, manifest);
  }

  /** What a blob or manifest is from here on, whatever its digest says. */
  replace(digest: string, bytes: Buffer): void {
    const blob = this.blobs.get(digest);
    if (blob !== undefined) this.blobs.set(digest, { ...blob, bytes });
    this.tags.delete(digest);
  }

  paths(): string[] {
    return this.asked.map(({ path }) => path.replace(/^\/v2\/[^?]*\/(manifests|blobs)\//, '$1/'));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, authorization: headers.authorization, range: headers.range, body };
    this.asked.push(asked);
    if (await this.hook(asked, response)) return;
    const [, kind, name = ''] = /\/(manifests|blobs)\/([^?]+)$/.exec(path) ?? [];
    const found = kind === 'manifests' ? (this.tags.get(name) ?? this.blobs.get(name)) : this.blobs.get(name);
    if (found === undefined) return void response.writeHead(404).end();
    sendBlob(found.bytes, asked, response, found.mediaType);
  }
}

/** Sends bytes, or from where they are asked for. */
export function sendBlob(
  bytes: Buffer,
  { range }: Asked,
  response: ServerResponse,
  type = 'application/octet-stream',
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  const headers = { 'content-type': type, 'content-length': part.length };
  if (start === 0) return void response.writeHead(200, headers).end(part);
  response
    .writeHead(206, { ...headers, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` })
    .end(part);
}

/** Sends the beginning of a blob and cuts the connection. */
export function cutAfter(count: number, bytes: Buffer, asked: Asked, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(asked.range ?? '')?.[1] ?? 0);
  const rest = bytes.length - start;
  const range = start === 0 ? {} : { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start === 0 ? 200 : 206, { 'content-length': rest, ...range });
  response.write(bytes.subarray(start, start + count), () => response.destroy());
}
