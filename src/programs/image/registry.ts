/** The pull half of the OCI distribution protocol: https://github.com/opencontainers/distribution-spec. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { TestbedError } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';
import type { Operation } from '../../util/events';
import { isMap } from '../../util/is-map';
import { pause } from '../../util/pause';
import { ByteProgress } from '../byte-progress';
import { isFileError } from '../cache-error';
import { parseChallenges, type Challenge } from './challenge';
import { Connection, discard, readAll, reasonOf, refusal, type Answer, type Sent } from './connection';
import { loginTo, type Login } from './credentials';
import type { ImageLimits } from './limits';
import { MANIFEST_TYPES, type Descriptor } from './manifest';
import { isLoopback, type RegistryPlace } from './reference';

interface RegistryOptions extends Operation {
  readonly env: NodeJS.ProcessEnv;
  /** The task of its events. */
  readonly task: string;
  readonly limits: ImageLimits;
}

/** What is asked of a registry in one request. */
interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What servers say that have too much to do, or cannot be reached behind their proxy. */
const BUSY = [429, 500, 502, 503, 504];
const MAX_TOKEN_BYTES = 1024 * 1024;
/** What HTTP allows in a header; anything else would be refused where it is sent. */
const TOKEN = /^[\x21-\x7e]+$/;

/** One repository of a registry. */
export class Registry {
  private readonly connection: Connection;
  private readonly login: Login;
  private authorization: string | undefined;

  constructor(
    private readonly place: RegistryPlace,
    private readonly options: RegistryOptions,
  ) {
    this.connection = new Connection(options.env, isLoopback(place.registry), options.limits);
    this.login = loginTo(place.registry, options.env);
    const { registryToken } = this.login.credentials ?? {};
    if (registryToken !== undefined && TOKEN.test(registryToken)) this.authorization = `Bearer ${registryToken}`;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /**
   * @param reference a tag or a digest
   * @returns the manifest or index as it was sent, and what its digest is
   * @throws TestbedError (`environment`) where it cannot be had, or has not the digest that it was asked for by
   */
  async manifest(reference: string): Promise<{ readonly bytes: Buffer; readonly digest: string }> {
    const url = this.url(`manifests/${reference}`);
    const { manifestBytes } = this.options.limits;
    const bytes = await this.within(url, this.options.limits.manifestMs, async (signal) => {
      const { answer, at } = await this.ask(url, { headers: { accept: MANIFEST_TYPES }, signal });
      if (answer.statusCode !== 200) throw await this.refused(url, answer);
      return readAll(answer, at, manifestBytes);
    });
    const wanted = /^(sha\d+):/.test(reference) ? reference : undefined;
    const digest = digestOf(bytes, wanted);
    if (wanted !== undefined && digest !== wanted)
      throw refusal(url, `has the digest ${digest}, and ${wanted} was asked for: it was thrown away`);
    return { bytes, digest };
  }

  /**
   * Writes a blob into a file. Where the connection is cut it goes on from there.
   *
   * @throws TestbedError (`environment`) where it cannot be had, or what comes is not what the manifest says
   */
  async blob({ digest, size }: Descriptor, output: FileHandle): Promise<void> {
    const { limits, listener, task } = this.options;
    const url = this.url(`blobs/${digest}`);
    if (size > limits.blobBytes)
      throw refusal(url, `has ${size} bytes, and at most ${limits.blobBytes} are taken of a layer`);
    const progress = new ByteProgress(task, size, listener);
    await this.within(url, limits.blobMs, async (signal) => {
      let done = 0;
      let hash = createHash(algorithmOf(digest));
      // Counted anew whenever much of it came: a large layer over a bad line may be cut many times.
      for (let failures = 0; ;) {
        const before = done;
        try {
          const { start, chunks } = await this.blobFrom(url, done, signal);
          if (start === 0) hash = createHash(algorithmOf(digest));
          done = start;
          for await (const chunk of chunks) {
            if (done + chunk.length > size)
              throw refusal(url, `has more than the ${size} bytes that its manifest says: it was thrown away`);
            hash.update(chunk);
            // A disk that is almost full takes a part.
            for (let written = 0; written < chunk.length;)
              written += (await output.write(chunk, written, chunk.length - written, done + written)).bytesWritten;
            done += chunk.length;
            progress.at(done);
          }
        } catch (error) {
          if (!isCut(error)) throw error;
        }
        if (done === size) break;
        failures = done - before >= limits.leastBytes ? 1 : failures + 1;
        if (failures > limits.retries) throw refusal(url, `broke off after ${done} of ${size} bytes`);
        listener?.({ type: 'progress', task, detail: `was cut off after ${done} of ${size} bytes, going on` });
        await pause(backoff(failures - 1, limits), signal);
      }
      const actual = `${algorithmOf(digest)}:${hash.digest('hex')}`;
      if (actual !== digest) throw refusal(url, `has the digest ${actual} instead: it was thrown away`);
    });
    await output.truncate(size);
  }

  /** A blob from a byte on, or from its start where the server does not do that. */
  private async blobFrom(
    url: URL,
    done: number,
    signal: AbortSignal,
  ): Promise<{ readonly start: number; readonly chunks: AsyncIterable<Buffer> }> {
    const { answer, at } = await this.ask(url, { headers: done > 0 ? { range: `bytes=${done}-` } : {}, signal });
    if (answer.statusCode === 200) return { start: 0, chunks: this.steadily(answer, at) };
    if (done === 0) throw await this.refused(url, answer);
    if (isPartFrom(answer, done)) return { start: done, chunks: this.steadily(answer, at) };
    if (answer.statusCode !== 206 && answer.statusCode !== 416) throw await this.refused(url, answer);
    await discard(answer);
    return this.blobFrom(url, 0, signal);
  }

  private url(path: string): URL {
    return new URL(`${this.place.origin}/v2/${this.place.repository}/${path}`);
  }

  /** What a layer is sent as, for as long as enough of it comes. */
  private async *steadily({ body }: Answer, url: URL): AsyncIterable<Buffer> {
    const { leastBytes, leastBytesMs } = this.options.limits;
    let came = 0;
    let isSlow = false;
    const watch = setInterval(() => {
      isSlow = came < leastBytes;
      came = 0;
      if (isSlow) body.destroy();
    }, leastBytesMs);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        came += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw isSlow ? refusal(url, `sends less than ${leastBytes} bytes in ${leastBytesMs / 1000} s`) : error;
    } finally {
      clearInterval(watch);
    }
  }

  /** Runs what has a deadline, and says of what undici throws what was asked for. */
  private async within<T>(url: URL, ms: number, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(ms);
    const signal = this.options.signal ? AbortSignal.any([this.options.signal, deadline]) : deadline;
    try {
      return await action(signal);
    } catch (error) {
      this.options.signal?.throwIfAborted();
      if (error instanceof TestbedError || isFileError(error)) throw error;
      const why = deadline.aborted ? `did not come in ${ms / 1000} s` : `cannot be had: ${reasonOf(error)}`;
      throw refusal(url, why, { cause: error });
    }
  }

  /** Asks, and where it takes credentials, again with those. */
  private async ask(url: URL, { headers, signal }: Question): Promise<{ readonly answer: Answer; readonly at: URL }> {
    const send = () => this.patiently(url, { headers, signal, authorization: this.authorization });
    const first = await send();
    // A token also ends, some minutes after it was given.
    if (first.answer.statusCode !== 401 || first.at.origin !== url.origin) return first;
    await discard(first.answer);
    const header = [first.answer.headers['www-authenticate'] ?? ''].flat().join(', ');
    await this.authorize(parseChallenges(header), url, signal);
    return send();
  }

  /** Asks again where the server is busy or the connection breaks. */
  private async patiently(url: URL, sent: Sent): Promise<{ readonly answer: Answer; readonly at: URL }> {
    const { limits } = this.options;
    for (let failures = 0; ; failures++) {
      try {
        const { answer, url: at } = await this.connection.send(url, sent);
        if (!BUSY.includes(answer.statusCode) || failures >= limits.retries) return { answer, at };
        await discard(answer);
        await this.wait(answer, at, failures, sent.signal);
      } catch (error) {
        if (!isCut(error) || failures >= limits.retries) throw error;
        await pause(backoff(failures, limits), sent.signal);
      }
    }
  }

  /** Waits for as long as a busy server asks for. */
  private async wait(answer: Answer, url: URL, failures: number, signal: AbortSignal): Promise<void> {
    const { limits, listener, task } = this.options;
    const asked = retryAfter(answer.headers['retry-after']);
    const ms = Math.max(asked ?? 0, backoff(failures, limits));
    const seconds = Math.ceil(ms / 1000);
    if (ms > limits.longestWaitMs)
      throw refusal(url, `answered ${answer.statusCode} and asks to wait for ${seconds} s: run this again then`);
    const detail = `${quoted(url.host, 100)} answered ${answer.statusCode}; asking again in ${seconds} s`;
    listener?.({ type: 'progress', task, detail });
    await pause(ms, signal);
  }

  /** Gets what a registry asks to be shown. */
  private async authorize(challenges: readonly Challenge[], url: URL, signal: AbortSignal): Promise<void> {
    const { credentials } = this.login;
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) this.authorization = `Bearer ${await this.token(bearer, url, signal)}`;
    else if (challenges.some(({ scheme }) => scheme === 'basic') && credentials?.basic !== undefined)
      this.authorization = `Basic ${credentials.basic}`;
    else throw refusal(url, `answered 401: ${this.howToLogIn()}`);
  }

  /** Exchanges what the registry knows us by, if anything, for a token of this repository. */
  private async token({ parameters }: Challenge, url: URL, signal: AbortSignal): Promise<string> {
    const text = parameters.get('realm') ?? '';
    if (!URL.canParse(text)) throw refusal(url, 'answered 401 and names no URL that gives a token');
    const realm = new URL(text);
    realm.username = '';
    realm.password = '';
    const { basic, identityToken } = this.login.credentials ?? {};
    const query = new URLSearchParams();
    const service = parameters.get('service');
    if (service !== undefined) query.set('service', service);
    query.set('scope', parameters.get('scope') ?? `repository:${this.place.repository}:pull`);
    if (identityToken !== undefined) {
      query.set('grant_type', 'refresh_token');
      query.set('client_id', 'metal3-testbed');
      query.set('refresh_token', identityToken);
    } else for (const [name, value] of query) realm.searchParams.set(name, value);
    const authorization = basic === undefined || identityToken !== undefined ? undefined : `Basic ${basic}`;
    const form = identityToken === undefined ? {} : { form: query };
    const { answer, at } = await this.patiently(realm, { ...form, authorization, signal });
    if (answer.statusCode !== 200) {
      await discard(answer);
      const isRefused = answer.statusCode === 401 || answer.statusCode === 403;
      throw refusal(realm, `gives no token (${answer.statusCode})${isRefused ? `: ${this.howToLogIn()}` : ''}`);
    }
    const given = tokenOf(await readAll(answer, at, MAX_TOKEN_BYTES));
    if (given === undefined) throw refusal(realm, 'answers with no token');
    return given;
  }

  private async refused(url: URL, answer: Answer): Promise<TestbedError> {
    await discard(answer);
    // Not what the server says besides: it may repeat what it was shown.
    const { statusCode } = answer;
    const why =
      statusCode === 401 || statusCode === 403
        ? this.howToLogIn()
        : statusCode === 404
          ? 'the image does not exist, or needs credentials'
          : 'run this again later, or name a mirror';
    return refusal(url, `answered ${statusCode}: ${why}`);
  }

  private howToLogIn(): string {
    const { credentials, file, unused } = this.login;
    if (credentials !== undefined) return `the credentials in ${file} for ${this.place.registry} are refused`;
    const how = `it asks for credentials, which 'docker login ${this.place.registry}' writes into ${file}`;
    return unused === undefined ? how : `${how}; ${unused}`;
  }
}

/** The digest of a manifest, with the algorithm of the one that it should have. */
function digestOf(bytes: Buffer, wanted = 'sha256:'): string {
  const algorithm = algorithmOf(wanted);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** Whether an answer goes on where something was cut: a server may send another part. */
function isPartFrom({ statusCode, headers }: Answer, start: number): boolean {
  const range = headers['content-range'];
  return statusCode === 206 && typeof range === 'string' && /^bytes (\d+)-/.exec(range)?.[1] === String(start);
}

/** The wait that a server asks for, in milliseconds: a number of seconds, or a date. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const text = [header].flat()[0]?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function backoff(failures: number, { backoffMs, longestWaitMs }: ImageLimits): number {
  return Math.min(backoffMs * 2 ** failures, longestWaitMs);
}

/** What an answer is that says it is longer. */
const SHORT = ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE'];

/** Whether a connection broke, which it may not do the next time. Names that do not resolve and closed ports stay so. */
function isCut(error: unknown): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT', ...SHORT].includes(codeOf(inner)))
      return true;
  return false;
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? '';
}

function tokenOf(bytes: Buffer): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  if (!isMap(value)) return undefined;
  const token = value['token'] ?? value['access_token'];
  return typeof token === 'string' && TOKEN.test(token) ? token : undefined;
}
