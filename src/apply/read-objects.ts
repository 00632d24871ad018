import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { invalidInput } from '../../lib/errors';
import type { KubernetesObject } from '../kubernetes/objects';
import { readStream } from '../manifests/read-stream';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * The Kubernetes objects in files, folders (their .yaml, .yml and .json files by name) and, for `-`, in a stream; YAML
 * with any number of documents, or JSON. Read as they are needed, one document at a time.
 *
 * @param signal ends the reading of a stream from which nothing comes
 * @throws TestbedError (`invalid-input`) naming file and line for what is no YAML or no Kubernetes object; the content is
 * never shown, since it may be a credential
 */
export async function* readObjects(
  files: readonly string[],
  stdin: Readable,
  signal?: AbortSignal,
): AsyncGenerator<KubernetesObject, void, undefined> {
  for (const file of files) {
    if (file === '-')
      yield* endedBy(signal, objectsIn(signal ? addAbortSignal(signal, stdin) : stdin, 'stdin', signal));
    else for (const each of await manifestsAt(file)) yield* objectsIn(createReadStream(each), each, signal);
  }
}

/** An aborted stream says only that it was aborted; the signal says why. */
async function* endedBy<T>(signal: AbortSignal | undefined, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function manifestsAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => MANIFEST.test(name)).sort();
    if (names.length === 0) throw invalidInput(`folder ${path} has no .yaml, .yml or .json file: name another`);
    return names.map((name) => join(path, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'invalid-input') throw error;
    throw invalidInput(`${path} cannot be read (${code}): name an existing file or folder`);
  }
}

async function* objectsIn(
  stream: Readable,
  where: string,
  signal?: AbortSignal,
): AsyncGenerator<KubernetesObject, void, undefined> {
  for await (const { object } of readStream(stream, where, signal)) yield object;
}
