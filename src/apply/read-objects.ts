import type { Readable } from 'node:stream';
import type { KubernetesObject } from '../kubernetes/objects';
import { readStream } from '../manifests/read-stream';
import { manifestSources, type SourceOptions } from './manifest-sources';

/**
 * The Kubernetes objects in files, folders, URLs and, for `-`, in a stream; YAML with any number of documents, or JSON.
 * Read as they are needed, one document at a time.
 *
 * @param signal ends the reading of a stream from which nothing comes
 * @throws TestbedError (`invalid-input`) naming file and line for what is not valid YAML or no Kubernetes object; the content is
 * never shown, since it may be a credential
 */
export async function* readObjects(
  files: readonly string[],
  stdin: Readable,
  signal?: AbortSignal,
  options: Omit<SourceOptions, 'signal'> = {},
): AsyncGenerator<KubernetesObject, void, undefined> {
  try {
    const sources = manifestSources(files, stdin, { ...options, signal });
    for await (const { where, stream } of sources)
      for await (const { object } of readStream(stream, where, signal)) yield object;
  } catch (error) {
    // An aborted stream says only that it was aborted; the signal says why.
    signal?.throwIfAborted();
    throw error;
  }
}
