import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { invalidInput } from '../../lib/errors';
import type { KubernetesObject } from '../kubernetes/objects';
import { isMap } from '../util/is-map';
import { DocumentError, parseValues } from './parse-document';

const MANIFEST = /\.(ya?ml|json)$/;
const API_VERSION = /^([\w.-]+\/)?\w+$/;
const KIND = /^[A-Za-z][\w-]*$/;
/** The limit of etcd for one object is 1.5 MiB; a document that goes on for longer is none. */
const MAX_DOCUMENT = 16 * 1024 * 1024;

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
    if (file === '-') yield* endedBy(signal, objectsIn(signal ? addAbortSignal(signal, stdin) : stdin, 'stdin'));
    else for (const each of await manifestsAt(file)) yield* objectsIn(createReadStream(each), each);
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

async function* objectsIn(stream: Readable, where: string): AsyncGenerator<KubernetesObject, void, undefined> {
  for await (const { text, line } of documents(stream, where)) yield* objectsOf(text, where, line);
}

interface Document {
  readonly text: string;
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
}

/** Cuts a stream where a line begins with `---`, which in YAML nothing but a new document can. */
async function* documents(stream: Readable, where: string): AsyncGenerator<Document, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw invalidInput(`${where} has bytes that are no UTF-8 in the document from line ${line} on: convert it`);
    }
  };
  let rest = '';
  let line = 1;
  const take = (text: string): Document => {
    const document = { text, line };
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) line++;
    return document;
  };
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decode(chunk as Uint8Array);
    let start = 0;
    for (let end = rest.indexOf('\n---'); end >= 0; end = rest.indexOf('\n---', end + 1)) {
      const after = rest[end + 4];
      // What follows the marker has not come yet.
      if (after === undefined) break;
      if (!/\s/.test(after)) continue;
      yield take(rest.slice(start, end + 1));
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > MAX_DOCUMENT)
      throw invalidInput(
        `${where}:${line} begins a document of more than ${MAX_DOCUMENT / 2 ** 20} MiB: cut it into objects`,
      );
  }
  yield take(rest + decode());
}

function* objectsOf(text: string, where: string, line: number): Generator<KubernetesObject, void, undefined> {
  for (const value of valuesOf(text, where, line)) {
    if (value === null || value === undefined) continue;
    const { apiVersion, kind, items } = value as { apiVersion?: unknown; kind?: unknown; items?: unknown };
    if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) {
      yield requireObject(value, where, line);
      continue;
    }
    // The items of a list of one kind, as the API server gives it, do not say what they are.
    const common = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
    for (const item of items as unknown[])
      yield requireObject(isMap(item) ? { ...common, ...item } : item, where, line);
  }
}

function valuesOf(text: string, where: string, line: number): readonly unknown[] {
  try {
    return parseValues(text);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw invalidInput(`${where}:${line + error.line} is no valid YAML (${error.message})`);
  }
}

function requireObject(value: unknown, where: string, line: number): KubernetesObject {
  const document = `${where}: the document from line ${line} on`;
  const { apiVersion, kind, metadata } = (value ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown; labels?: unknown } | null;
  };
  const { name, namespace, labels } = metadata ?? {};
  const isText = (each: unknown, pattern = /./) => typeof each === 'string' && pattern.test(each);
  const missing = [
    ...(isText(apiVersion, API_VERSION) ? [] : ['apiVersion']),
    ...(isText(kind, KIND) ? [] : ['kind']),
    ...(isText(name) ? [] : ['metadata.name']),
    ...(isNone(namespace) || typeof namespace === 'string' ? [] : ['metadata.namespace']),
  ];
  if (missing.length > 0)
    throw invalidInput(`${document} is no Kubernetes object: give it ${missing.join(', ')} as text`);
  if (!isNone(labels) && !isMap(labels))
    throw invalidInput(`${document} has metadata.labels that are no map: give each as NAME: VALUE`);
  if (namespace === undefined || isText(namespace)) return value as KubernetesObject;
  // As for kubectl, an empty namespace is none.
  const { namespace: _, ...rest } = metadata as Readonly<Record<string, unknown>>;
  return { ...(value as object), metadata: rest } as unknown as KubernetesObject;
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}
