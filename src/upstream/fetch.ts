import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { TestbedError } from '../../lib/errors';
import { MAX_MANIFEST_BYTES } from './cache';
import { mirrorsVariable } from './mirrors';
import { requireUrl } from './source';
import { innermostMessage } from '../util/innermost-error';

/** How far a server is trusted. */
export interface FetchLimits {
  /** @default 33554432: 32 MiB, a hundred times what a release has */
  readonly maxBytes?: number;
  /** @default 5 */
  readonly maxRedirects?: number;
  /** For the whole of it. @default 120000 */
  readonly timeoutMs?: number;
  /** How long a server may stay silent. @default 30000 */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const connectMs = 10_000;

/**
 * What a URL gives, unpacked where it comes compressed.
 *
 * @throws TestbedError (`environment`) where it cannot be had, or a limit is passed, with what to do
 * @throws the signal's reason
 */
export async function fetchBytes(url: URL, limits: FetchLimits = {}): Promise<Uint8Array> {
  const { maxBytes = MAX_MANIFEST_BYTES, timeoutMs = 120_000, silenceMs = 30_000, signal } = limits;
  // Honours HTTPS_PROXY and NO_PROXY, as every other downloader does.
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    const response = await follow(url, limits.maxRedirects ?? 5, (each) =>
      fetch(each, { dispatcher, redirect: 'manual', signal: ended }),
    );
    return await readBody(response, url, maxBytes);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TestbedError) throw error;
    const reason = deadline.aborted ? `it took more than ${timeoutMs / 1000} s` : innermostMessage(error);
    throw new TestbedError(
      'environment',
      `${url.href} cannot be fetched: ${reason}; check the network, or name a mirror or folder in ${mirrorsVariable}`,
      { cause: error },
    );
  } finally {
    await dispatcher.destroy();
  }
}

async function follow(url: URL, maxRedirects: number, get: (url: URL) => Promise<Response>): Promise<Response> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const response = await get(at);
    if (response.ok) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      const hint = response.status === 404 ? '; is the name of the release right?' : '';
      const answer = `${response.status} ${response.statusText}`.trimEnd();
      throw new TestbedError('environment', `${at.href} answered ${answer}${hint}`);
    }
    if (redirects === maxRedirects) {
      throw new TestbedError(
        'environment',
        `${url.href} redirects more than ${maxRedirects} times: give the address it ends at`,
      );
    }
    at = requireUrl(new URL(location, at).href);
  }
}

async function readBody(response: Response, url: URL, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new TestbedError('environment', `${url.href} has more than ${maxBytes} bytes, which no release's manifests have`);
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
