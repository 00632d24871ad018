import { EnvHttpProxyAgent, fetch, type Dispatcher, type Response } from 'undici';
import { invalidInput, TestbedError } from '../../lib/errors';
import { innermostMessage } from '../util/innermost-error';

/** More than any manifest has; it is held in memory until it is whole. */
const MOST_BYTES = 64 * 1024 * 1024;
/** As many as kubectl follows. */
const MOST_REDIRECTS = 10;
/** As often as kubectl asks a server that has a fault of its own. */
const TRIES = 3;
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const DEADLINE_MS = 120_000;

/** The URL that an argument is, as kubectl tells them from files; undefined for a file. */
export function urlOf(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  if (!URL.canParse(text))
    throw invalidInput('a URL of manifests is not a valid URL: give http://HOST/PATH or https://HOST/PATH');
  return new URL(text);
}

/**
 * The manifest at a URL, whole.
 *
 * @returns its content, and whether the server has said where it ends
 * @throws TestbedError (`environment`) where it cannot be had within the limits of size, time and redirects; of the URL
 * neither password nor query is shown
 * @throws the signal's reason
 */
export async function fetchManifest(
  url: URL,
  signal: AbortSignal | undefined,
  limits: { readonly maxBytes?: number; readonly timeoutMs?: number; readonly silenceMs?: number } = {},
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const { maxBytes = MOST_BYTES, timeoutMs = DEADLINE_MS, silenceMs = SILENCE_MS } = limits;
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const where = shown(url);
  try {
    for (let attempt = 1; ; attempt++) {
      const response = await follow(url, dispatcher, ended);
      if (response.ok) return await bodyOf(response, where, maxBytes);
      await response.body?.cancel();
      if (response.status >= 500 && attempt < TRIES) continue;
      throw new TestbedError('environment', `${where} answered ${response.status}: check the address`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TestbedError) throw error;
    const why = deadline.aborted ? `it took more than ${timeoutMs / 1000} s` : innermostMessage(error).slice(0, 300);
    throw new TestbedError('environment', `${where} cannot be fetched: ${why}; check the address`, {
      cause: error,
    });
  } finally {
    await dispatcher.destroy();
  }
}

async function follow(url: URL, dispatcher: Dispatcher, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const { username, password } = url;
    // Whoever is redirected to is not shown the password.
    const isTrusted = at.origin === url.origin && username !== '';
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const target = new URL(at);
    [target.username, target.password] = ['', ''];
    const response = await fetch(target, {
      dispatcher,
      signal,
      redirect: 'manual' as const,
      headers: isTrusted ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {},
    });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    if (redirects === MOST_REDIRECTS)
      throw new TestbedError(
        'environment',
        `${shown(url)} redirects more than ${MOST_REDIRECTS} times: give the address at which it ends`,
      );
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol))
      throw new TestbedError(
        'environment',
        `${shown(at)} redirects to an address that is not http or https: give another`,
      );
    at = next;
  }
}

async function bodyOf(response: Response, where: string, maxBytes: number) {
  const tooLarge = () =>
    new TestbedError(
      'environment',
      `${where} has more than ${maxBytes / 2 ** 20} MiB, which no manifest has: give another`,
    );
  const length = response.headers.get('content-length');
  if (Number(length) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk as Uint8Array);
  }
  const isWhole = length !== null || response.headers.get('transfer-encoding') !== null;
  return { bytes: Buffer.concat(chunks), isWhole };
}

function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
