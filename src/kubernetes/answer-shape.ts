/**
 * Whether an answer is what was asked for. A proxy, a login page, or another server altogether may say 200 as well; what
 * reads an answer relies on what is checked here, so that it needs no check of its own for names, labels and lists.
 */
import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import { isMap } from '../util/is-map';
import { canBe } from './known-shapes';
import { MAX_DEPTH, MAX_VALUES } from './limits';

type Fields = Readonly<Record<string, unknown>>;

/** What a path leads to. */
type Target =
  | { readonly type: 'groups' | 'resources' | 'part' | 'other' }
  | { readonly type: 'collection'; readonly kind: string }
  | { readonly type: 'item'; readonly kind: string; readonly name: string };

const IMPOSSIBLE = 'says what no object of its kind can be';
/** Texts shorter than this cannot be nested so deep that it matters. */
const SHALLOW_LENGTH = 2 * MAX_DEPTH;
const AS = /;as=(\w+)/;
/** As names of kinds in URLs are, with a subresource behind them. */
const PLURAL = /^[a-z0-9][a-z0-9.-]*(\/[a-zA-Z0-9._-]+)*$/;

/**
 * The JSON of an answer.
 *
 * @param path of the request, below the address of the API server
 * @param accept what was asked for
 * @throws TestbedError (`cluster`) for what no API server answers. Neither the text nor the parser's error is part of it:
 * both may quote a Secret.
 */
export function checkedJson<T>(text: string, method: string, path: string, accept = 'application/json'): T {
  const fail = (what: string) =>
    new TestbedError(
      'cluster',
      `the answer to ${method} ${quoted(path)} ${what}: check that the address is an API server's, and what proxy is in front of it`,
    );
  if (text === '') throw fail('is empty');
  const excess = text.length > SHALLOW_LENGTH ? excessOf(text) : undefined;
  if (excess !== undefined) throw fail(excess);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail(`is not valid JSON (${text.length} characters)`);
  }
  const wrong = whatIsWrong(value, method, targetOf(path), AS.exec(accept)?.[1]);
  if (wrong !== undefined) throw fail(wrong);
  return value as T;
}

/** @returns how the answer differs from what was asked for; undefined where it does not */
function whatIsWrong(value: unknown, method: string, target: Target, as: string | undefined): string | undefined {
  if (!isMap(value)) return 'is not a Kubernetes object';
  const { kind } = value;
  if (target.type === 'other') return undefined;
  if (typeof kind !== 'string' || kind === '') return 'has no kind';
  if (target.type === 'groups' || target.type === 'resources') return wrongDiscovery(value, target.type);
  if (typeof value['apiVersion'] !== 'string') return 'has no apiVersion';
  // An object, a list of objects, or a Status, whichever the server prefers.
  if (method === 'DELETE') return undefined;
  if (!isMap(value['metadata'])) return 'has no metadata';
  if (as !== undefined && kind !== as) return `is a ${quoted(kind, 64)}, and a ${as} was asked for`;
  if (method === 'GET' && target.type === 'collection')
    return as === 'Table' ? wrongTable(value) : wrongList(value, as === undefined ? target.kind : undefined);
  const name = target.type === 'item' ? target.name : undefined;
  if (!isMetadata(value['metadata'])) return 'has metadata that no object has';
  if (name !== undefined && value['metadata']['name'] !== name) return 'is another object';
  return target.type === 'item' && as === undefined && !canBe(target.kind, value) ? IMPOSSIBLE : undefined;
}

function wrongDiscovery(value: Fields, type: 'groups' | 'resources'): string | undefined {
  const kind = type === 'groups' ? 'APIGroupList' : 'APIResourceList';
  if (value['kind'] !== kind) return `is not of kind ${kind}`;
  const isVersion = (each: unknown) => isMap(each) && typeof each['groupVersion'] === 'string';
  const isFine =
    type === 'groups'
      ? every(value['groups'], ({ name, preferredVersion, versions }) => {
          return typeof name === 'string' && isVersion(preferredVersion) && every(versions, isVersion);
        })
      : every(value['resources'], (each) => {
          const { name, namespaced } = each;
          const isName = typeof name === 'string' && PLURAL.test(name);
          return isName && typeof each['kind'] === 'string' && typeof namespaced === 'boolean';
        });
  return isFine ? undefined : `is not of kind ${kind}`;
}

/** @param kind of the objects, where they are whole */
function wrongList(value: Fields, kind: string | undefined): string | undefined {
  const { items, metadata } = value;
  if (!isListMetadata(metadata)) return 'has metadata that no list has';
  // A list of metadata that has none comes as null.
  if (items !== null && !Array.isArray(items)) return 'has no list of items';
  const isFine = every(items ?? [], (item) => isMetadata(item['metadata']) && !!item['metadata']['name']);
  if (!isFine) return 'has items that are not objects';
  const canAllBe = kind === undefined || every(items ?? [], (item) => canBe(kind, item));
  return canAllBe ? undefined : IMPOSSIBLE;
}

function wrongTable(value: Fields): string | undefined {
  const { columnDefinitions, rows, metadata } = value;
  if (!isListMetadata(metadata)) return 'has metadata that no list has';
  const hasColumns = every(columnDefinitions, (each) => typeof each['name'] === 'string');
  const hasRows = every(rows ?? [], ({ cells, object }) => {
    return Array.isArray(cells) && isMap(object) && isMetadata(object['metadata']);
  });
  return hasColumns && hasRows ? undefined : 'is not a table';
}

/** Whether a value is a list, and each entry a map of which something holds. */
function every(list: unknown, holds: (entry: Fields) => boolean): boolean {
  return Array.isArray(list) && list.every((each) => isMap(each) && holds(each));
}

function isListMetadata(value: unknown): boolean {
  return isMap(value) && isText(value['continue']) && isText(value['resourceVersion']);
}

/** Whether what is there of an object's metadata is of the type that it has to be. */
export function isMetadata(value: unknown): value is Fields {
  if (!isMap(value)) return false;
  const { labels, annotations, finalizers, managedFields, deletionTimestamp } = value;
  return (
    isText(value['name']) &&
    isText(value['namespace']) &&
    isText(value['uid']) &&
    isText(value['resourceVersion']) &&
    (deletionTimestamp === null || isText(deletionTimestamp)) &&
    isTexts(labels) &&
    isTexts(annotations) &&
    (finalizers == null || (Array.isArray(finalizers) && finalizers.every((each) => typeof each === 'string'))) &&
    (managedFields == null || every(managedFields, () => true))
  );
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** Whether a value is a map of texts, or is not there. */
function isTexts(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isMap(value)) return false;
  for (const key in value) if (typeof value[key] !== 'string') return false;
  return true;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology */
function targetOf(path: string): Target {
  const [, root, ...rest] = path.split('/');
  if (root !== 'api' && root !== 'apis') return { type: 'other' };
  if (root === 'apis' && rest.length === 0) return { type: 'groups' };
  const versionLength = root === 'api' ? 1 : 2;
  let below = rest.slice(versionLength);
  if (below.length === 0) return { type: 'resources' };
  if (below[0] === 'namespaces' && below.length > 2) below = below.slice(2);
  const kind = [...rest.slice(0, versionLength), below[0]].join('/');
  if (below.length === 1) return { type: 'collection', kind };
  return below.length === 2 ? { type: 'item', kind, name: decodeURIComponent(below[1] ?? '') } : { type: 'part' };
}

/** @returns what of a text would take too much, once it is read as JSON, or could not be gone through */
function excessOf(text: string): string | undefined {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i + 1);
        break;
      case 0x7b: // {
      case 0x5b: // [
        values++;
        if (++depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
        break;
      case 0x2c: // ,
        values++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
    }
  }
  return values > MAX_VALUES ? `has more than ${MAX_VALUES} values` : undefined;
}

/** Where a string ends that begins before `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return text.length;
}
