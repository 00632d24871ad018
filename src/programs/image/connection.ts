/** HTTP as a registry needs it: bounds on all that is waited for, and redirects that hand no credentials on. */
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { TestbedError } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';
import { innermostError } from '../../util/innermost-error';
import type { ImageLimits } from './limits';
import { isLoopback } from './reference';

export type Answer = Dispatcher.ResponseData;

/** What is sent. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** The header Authorization, for the URL's own origin alone. */
  readonly authorization?: string | undefined;
  /** A form that is posted. */
  readonly form?: URLSearchParams;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
/** Whatever a registry is asked for comes as it is: digests are of those bytes. */
const COMMON = { 'accept-encoding': 'identity', 'user-agent': 'metal3-testbed' };

/** What an answer of a server that is not what it should be is told as. It names no query, which may hold a key. */
export function refusal(url: URL, what: string, options?: ErrorOptions): TestbedError {
  return new TestbedError('environment', `${quoted(`${url.origin}${url.pathname}`, 300)} ${what}`, options);
}

export class Connection {
  private readonly direct: Agent;
  private readonly proxied: EnvHttpProxyAgent;

  /** @param isLocal whether the registry is on this machine: nothing else may lead to plain HTTP */
  constructor(
    env: NodeJS.ProcessEnv,
    private readonly isLocal: boolean,
    { connectMs, silenceMs }: ImageLimits,
  ) {
    const timeouts = { connect: { timeout: connectMs }, headersTimeout: silenceMs, bodyTimeout: silenceMs };
    this.direct = new Agent(timeouts);
    // As every other downloader does. Empty, so that nothing but `env` says what they are.
    const setting = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
    this.proxied = new EnvHttpProxyAgent({
      ...timeouts,
      httpProxy: setting('HTTP_PROXY'),
      httpsProxy: setting('HTTPS_PROXY'),
      noProxy: setting('NO_PROXY'),
    });
  }

  /** @throws TestbedError (`environment`) for a redirect that is not followed; what undici throws where nothing comes */
  async send(url: URL, sent: Sent): Promise<{ readonly answer: Answer; readonly url: URL }> {
    let at = url;
    for (let redirects = 0; ; redirects++) {
      this.requireSafe(at, url);
      const isOwn = at.origin === url.origin;
      const answer = await request(at, {
        dispatcher: isLoopback(at.host) ? this.direct : this.proxied,
        method: sent.form === undefined ? 'GET' : 'POST',
        headers: {
          ...COMMON,
          ...sent.headers,
          authorization: isOwn ? sent.authorization : undefined,
          'content-type': sent.form && 'application/x-www-form-urlencoded',
        },
        body: sent.form?.toString(),
        signal: sent.signal,
      });
      const location = answer.headers['location'];
      if (answer.statusCode < 301 || answer.statusCode > 308 || typeof location !== 'string')
        return { answer, url: at };
      await discard(answer);
      // What is posted is a secret.
      if (sent.form !== undefined) throw refusal(at, 'redirects what asks for a token, which is not followed');
      if (redirects === MAX_REDIRECTS) throw refusal(url, `redirects more than ${MAX_REDIRECTS} times`);
      if (!URL.canParse(location, at.href)) throw refusal(at, 'redirects to what is not a URL');
      at = new URL(location, at.href);
      // Somebody else's credentials are none of ours.
      at.username = '';
      at.password = '';
    }
  }

  private requireSafe(url: URL, asked: URL): void {
    if (url.protocol === 'https:') return;
    if (url.protocol === 'http:' && this.isLocal && isLoopback(url.host)) return;
    if (url.href === asked.href) throw refusal(url, 'is plain HTTP, which is for registries on this machine only');
    throw refusal(asked, `leads to ${quoted(url.origin, 200)}, which is not HTTPS: it is not followed`);
  }

  async close(): Promise<void> {
    await Promise.all([this.direct.destroy(), this.proxied.destroy()]);
  }
}

/** Lets go of an answer that is not read: a small one leaves the connection for the next, a large one ends it. */
export async function discard({ body }: Answer): Promise<void> {
  await body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

/** @throws TestbedError (`environment`) for more than so many bytes */
export async function readAll({ body }: Answer, url: URL, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw refusal(url, `has more than ${maxBytes} bytes, which no registry needs here`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** undici wraps what went wrong, several times over. What it says of what was sent is left out: it may be a secret. */
export function reasonOf(error: unknown): string {
  const inner = innermostError(error);
  if (!(inner instanceof Error)) return 'unknown';
  const { code, name } = inner as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return 'it took too long';
  return WORDS[code ?? ''] ?? quoted(inner.message || code || name, 200);
}

const WORDS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  UND_ERR_INVALID_ARG: 'it asks for what cannot be sent',
};
