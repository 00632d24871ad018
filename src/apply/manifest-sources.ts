/** Where manifests come from: files, folders, URLs, kustomizations and streams. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { invalidInput } from '../../lib/errors';
import { kustomized } from '../upstream/kustomize';
import { fetchManifest, urlOf } from './fetch-manifest';
import { marked } from './stream-marks';

const MANIFEST = /\.(ya?ml|json)$/;

export interface SourceOptions {
  /** Whether folders are read with all folders below them. @default false */
  readonly recursive?: boolean;
  /** Folder of a kustomization, which kustomize or kubectl renders. @default none */
  readonly kustomize?: string;
  /** Ends the reading of a stream from which nothing comes. */
  readonly signal?: AbortSignal;
  /** Told of each stream that has ended without a proof that it was whole: a pipe may have broken. */
  readonly onUnproven?: (where: string) => void;
}

/** One text of manifests. */
export interface ManifestSource {
  /** Names it in errors. */
  readonly where: string;
  readonly stream: Readable;
}

/**
 * Opens what is named, one after the other: files, folders (their .yaml, .yml and .json files by name), URLs, and for `-`
 * a stream.
 *
 * @throws TestbedError (`invalid-input`) for what is not there, and at the end of a text of `generate` that was cut
 */
export async function* manifestSources(
  files: readonly string[],
  stdin: Readable,
  options: SourceOptions = {},
): AsyncGenerator<ManifestSource, void, undefined> {
  const { signal, kustomize } = options;
  const opened = (where: string, stream: Readable, needsProof: boolean): ManifestSource => ({
    where,
    stream: Readable.from(
      marked(stream, where, (isWhole) => {
        if (needsProof && !isWhole) options.onUnproven?.(where);
      }),
    ),
  });
  if (kustomize !== undefined) {
    const rendered = await kustomized(kustomize, { env: process.env, signal });
    yield { where: `kustomization ${kustomize}`, stream: Readable.from([rendered]) };
  }
  for (const file of files) {
    const url = urlOf(file);
    if (url !== undefined) {
      const { bytes, isWhole } = await fetchManifest(url, signal);
      yield opened(`${url.origin}${url.pathname}`, Readable.from([bytes]), !isWhole);
    } else if (file === '-') {
      yield opened('stdin', signal ? addAbortSignal(signal, stdin) : stdin, true);
    } else {
      for (const { path, isStream } of await manifestsAt(file, options.recursive ?? false)) {
        const stream = createReadStream(path);
        yield opened(path, isStream && signal ? addAbortSignal(signal, stream) : stream, isStream);
      }
    }
  }
}

interface ManifestFile {
  readonly path: string;
  /** Whether it is a pipe or a device, of which nobody can say where it ends. */
  readonly isStream: boolean;
}

async function manifestsAt(path: string, isRecursive: boolean): Promise<readonly ManifestFile[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return [{ path, isStream: !found.isFile() }];
    const files = await manifestsBelow(path, isRecursive);
    if (files.length > 0) return files;
    const below = isRecursive ? ', nor has any folder below it' : ' (those of the folders below it are read with -R)';
    throw invalidInput(`folder ${path} has no .yaml, .yml or .json file${below}: name another`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'invalid-input') throw error;
    throw invalidInput(`${path} cannot be read (${code}): name an existing file or folder`);
  }
}

/** In the order of their names, as kubectl walks; links to folders are not followed. */
async function manifestsBelow(folder: string, isRecursive: boolean): Promise<readonly ManifestFile[]> {
  const found: ManifestFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isRecursive) found.push(...(await manifestsBelow(path, isRecursive)));
    } else if (MANIFEST.test(entry.name)) {
      const target = entry.isSymbolicLink() ? await stat(path) : entry;
      if (!target.isDirectory()) found.push({ path, isStream: !target.isFile() });
    }
  }
  return found;
}
