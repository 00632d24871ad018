/** Fetches official builds, of which nothing is kept or run unless its digest is the pinned one. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import type { Operation } from '../util/events';
import { run } from '../process/spawn';
import { ByteProgress } from './byte-progress';
import { asCacheError, isFileError } from './cache-error';
import { cacheDir, downloadedFile, platform } from './cache';
import type { Download, ProgramSpec } from './catalog';
import type { FetchOptions } from './fetch-options';
import { fillCache, inPartial } from './fill-cache';
import { innermostMessage } from '../util/innermost-error';

/** Where downloads come from unless METAL3_TESTBED_DOWNLOADS names a mirror that has the same paths. */
const DOWNLOADS = 'https://github.com';
/** No program, and no archive of programs, is so large; the largest has 170 MB. */
const MAX_BYTES = 512 * 1024 * 1024;
/** For the whole of it: 512 MiB at 150 KB/s. */
const DOWNLOAD_MS = 60 * 60_000;
const CONNECT_MS = 10_000;
/** How long a server may stay silent. */
const SILENCE_MS = 30_000;

/** The base of all downloads. */
export function downloadsBase(env: NodeJS.ProcessEnv): string {
  return (env['METAL3_TESTBED_DOWNLOADS'] || DOWNLOADS).replace(/\/+$/, '');
}

/**
 * Downloads a program, and what else comes in the same archive, into the cache.
 *
 * @returns its file; undefined where there is no official build with a known digest for this platform
 * @throws TestbedError (environment) where the download fails or its digest is another; nothing of it is kept then
 */
export async function downloadRelease(spec: ProgramSpec, options: FetchOptions): Promise<string | undefined> {
  const { release } = spec;
  const download = release?.downloads[platform()];
  if (!release || !download) return undefined;
  const { listener, signal } = options;
  const file = downloadedFile(cacheDir(options.env), release.id, spec.name);
  const dir = dirname(file);
  try {
    return await fillCache(dir, { task: spec.name, doing: 'downloading it', listener, signal }, async () => {
      if (existsSync(file)) return file;
      const started = performance.now();
      const url = `${downloadsBase(options.env)}/${download.path}`;
      listener?.({ type: 'start', task: spec.name, detail: `downloading ${url}` });
      await inPartial(dir, async (partial) => {
        await fill(partial, url, download, spec.name, { listener, signal, maxBytes: options.maxBytes });
        await rm(dir, { recursive: true, force: true });
        await rename(partial, dir);
      });
      listener?.({
        type: 'done',
        task: spec.name,
        detail: `downloaded ${file}`,
        seconds: (performance.now() - started) / 1000,
      });
      return file;
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw asCacheError(error, dir);
  }
}

/** What fetching a file needs. */
interface FetchFileOptions extends Operation {
  /** The most that is taken. @default 536870912 */
  readonly maxBytes?: number | undefined;
}

function tooLarge(url: string, maxBytes: number): TestbedError {
  return new TestbedError(
    'environment',
    `${url} has more than ${Math.round(maxBytes / 1024 / 1024)} MiB, which no program has; it was thrown away. Check METAL3_TESTBED_DOWNLOADS, and any proxy in between`,
  );
}

/** Fills a folder with the programs of a download. */
async function fill(
  dir: string,
  url: string,
  download: Download,
  task: string,
  options: FetchFileOptions,
): Promise<void> {
  if (!download.members) {
    const file = join(dir, task);
    await fetchFile(url, download.digest, file, task, options);
    await chmod(file, 0o755);
    return;
  }
  const archive = join(dir, 'archive.tar.gz');
  await fetchFile(url, download.digest, archive, task, options);
  for (const [name, member] of Object.entries(download.members)) {
    await extractMember(archive, member, join(dir, name), options.signal);
  }
  await rm(archive);
}

/** Writes what a URL gives to a file, and refuses it where its digest is not the pinned one. */
async function fetchFile(
  url: string,
  digest: string,
  file: string,
  task: string,
  options: FetchFileOptions,
): Promise<void> {
  const [algorithm, expected] = digest.split(':');
  if ((algorithm !== 'sha256' && algorithm !== 'sha512') || !expected) throw new Error(`not a digest: ${digest}`);
  // Honours HTTPS_PROXY and NO_PROXY, as every other downloader does.
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  const hash = createHash(algorithm);
  const output = await open(file, 'w', 0o600);
  let done = 0;
  try {
    const deadline = AbortSignal.timeout(DOWNLOAD_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    const response = await fetch(url, { dispatcher, signal });
    if (!response.ok || !response.body) {
      throw new TestbedError(
        'environment',
        `${url} answered ${response.status} ${quoted(response.statusText, 200)}`.trimEnd(),
      );
    }
    const total = Number(response.headers.get('content-length')) || undefined;
    const maxBytes = options.maxBytes ?? MAX_BYTES;
    if (total !== undefined && total > maxBytes) throw tooLarge(url, maxBytes);
    const progress = new ByteProgress(task, total, options.listener);
    for await (const chunk of response.body) {
      const bytes = chunk as Uint8Array;
      if (done + bytes.length > maxBytes) throw tooLarge(url, maxBytes);
      hash.update(bytes);
      await output.writeFile(bytes);
      done += bytes.length;
      progress.at(done);
    }
  } catch (error) {
    if (error instanceof TestbedError || isFileError(error)) throw error;
    options.signal?.throwIfAborted();
    throw new TestbedError(
      'environment',
      `${url} ${done > 0 ? `broke off after ${done} bytes` : 'cannot be reached'}: ${innermostMessage(error)}`,
      { cause: error },
    );
  } finally {
    await output.close();
    await dispatcher.destroy();
  }
  const actual = hash.digest('hex');
  if (actual !== expected) {
    throw new TestbedError(
      'environment',
      `${url} has ${algorithm} ${actual}, and ${expected} is expected; it was thrown away. Check METAL3_TESTBED_DOWNLOADS, and any proxy in between`,
    );
  }
}

/**
 * Takes one program out of an archive. The system's tar writes it to its standard output, so that no path in an
 * archive ever decides where something is written.
 */
async function extractMember(
  archive: string,
  member: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const output = await open(file, 'w', 0o755);
  try {
    const tar = await run('tar', ['-xzOf', archive, member], { stdoutTo: output.fd, signal });
    if (tar.startError)
      throw new TestbedError(
        'environment',
        `the program tar is needed to unpack a download: ${tar.startError.message}`,
      );
    if (tar.code !== 0) throw new TestbedError('environment', `cannot unpack ${member}: ${tar.stderr.trim()}`);
    const { size } = await output.stat();
    if (size === 0) throw new TestbedError('environment', `cannot unpack ${member}: it is empty, or not a file`);
  } finally {
    await output.close();
  }
}
