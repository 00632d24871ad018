import { setImmediate } from 'node:timers/promises';
import type { KubernetesObject } from '../kubernetes/objects';
import { requireObject } from './kubernetes-object';
import { ManifestReader, type ManifestValue } from './manifest-reader';

/** An object, and where it was read. */
export interface LocatedObject {
  readonly object: KubernetesObject;
  /** The file, or `stdin`. */
  readonly where: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
}

/** How long the reader works before it lets others: Ctrl-C is heard between. */
const SLICE_MILLISECONDS = 50;
/** So much is read at a time. */
const SLICE_BYTES = 256 * 1024;

/**
 * The Kubernetes objects in a stream of YAML or JSON, read as they are needed and as kubectl reads them; what a list has
 * is given one by one.
 *
 * @param where names the stream in errors
 * @param signal ends the reading
 * @throws TestbedError (`invalid-input`) naming file and line for what is not valid YAML, JSON or Kubernetes object; the content
 * is never shown, since it may be a credential
 */
export async function* readStream(
  stream: AsyncIterable<unknown>,
  where: string,
  signal?: AbortSignal,
): AsyncGenerator<LocatedObject, void, undefined> {
  const reader = new ManifestReader(where);
  let since = performance.now();
  const located = ({ value, line }: ManifestValue): LocatedObject => ({
    object: requireObject(value, where, line),
    where,
    line,
  });
  const letOthers = async (): Promise<void> => {
    if (performance.now() - since < SLICE_MILLISECONDS) return;
    await setImmediate();
    signal?.throwIfAborted();
    since = performance.now();
  };
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
    for (let i = 0; i < bytes.length; i += SLICE_BYTES) {
      for (const value of reader.push(bytes.subarray(i, i + SLICE_BYTES))) {
        if (value !== undefined) yield located(value);
        await letOthers();
      }
      await letOthers();
    }
  }
  for (const value of reader.end()) {
    if (value !== undefined) yield located(value);
    await letOthers();
  }
}
