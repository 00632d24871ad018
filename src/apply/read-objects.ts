import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { parseDocument } from 'yaml';
import { invalidInput } from '../../lib/errors';
import type { KubernetesObject } from '../kubernetes/objects';

const MANIFEST = /\.(ya?ml|json)$/;
/** The limit of etcd for one object is 1.5 MiB; a document that goes on for longer is none. */
const MAX_DOCUMENT = 16 * 1024 * 1024;

/**
 * The Kubernetes objects in files, folders (their .yaml, .yml and .json files by name) and, for `-`, in a stream; YAML
 * with any number of documents, or JSON. Read as they are needed, one document at a time.
 *
 * @throws TestbedError (`invalid-input`) naming file and line for what is no YAML or no Kubernetes object; the content is
 * never shown, since it may be a credential
 */
export async function* readObjects(
  files: readonly string[],
  stdin: Readable,
): AsyncGenerator<KubernetesObject, void, undefined> {
  for (const file of files) {
    if (file === '-') yield* objectsIn(stdin, 'stdin');
    else for (const each of await manifestsAt(file)) yield* objectsIn(createReadStream(each), each);
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
  const decoder = new TextDecoder();
  let rest = '';
  let line = 1;
  const take = (text: string): Document => {
    const document = { text, line };
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) line++;
    return document;
  };
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true });
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
  yield take(rest);
}

function* objectsOf(text: string, where: string, line: number): Generator<KubernetesObject, void, undefined> {
  const value = parse(text, where, line);
  if (value === null || value === undefined) return;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (const item of items as unknown[]) yield requireObject(item, where, line);
  } else {
    yield requireObject(value, where, line);
  }
}

function parse(text: string, where: string, line: number): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML in flow style also begins with a brace.
    }
  }
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error === undefined) return document.toJS({ maxAliasCount: 100 });
  const at = line + text.slice(0, error.pos[0]).split('\n').length - 1;
  throw invalidInput(`${where}:${at} is no valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`);
}

function requireObject(value: unknown, where: string, line: number): KubernetesObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown } | null;
  };
  const missing = [
    ...(typeof apiVersion === 'string' && apiVersion !== '' ? [] : ['apiVersion']),
    ...(typeof kind === 'string' && kind !== '' ? [] : ['kind']),
    ...(typeof metadata?.name === 'string' && metadata.name !== '' ? [] : ['metadata.name']),
    ...(['string', 'undefined'].includes(typeof metadata?.namespace) ? [] : ['metadata.namespace']),
  ];
  if (missing.length > 0) {
    throw invalidInput(
      `${where}: the document from line ${line} on is no Kubernetes object: give it ${missing.join(', ')} as text`,
    );
  }
  return value as KubernetesObject;
}
