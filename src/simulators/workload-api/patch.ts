/** The patches that API servers take: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and strategic merge. Pure. */
import { isMap } from '../../util/is-map';
import { badRequest, StatusError } from './status-error';

type Map = Readonly<Record<string, unknown>>;

/** As many operations as API servers take. */
const MOST_OPERATIONS = 10_000;
/** As deep as no object is. */
const MOST_DEPTH = 200;
/** What all copies in a patch may come to: each could double what is there. */
const MOST_COPIED_BYTES = 3 * 1024 * 1024;
/** While one is patched, all clusters wait. */
const MOST_MS = 1_000;

/** @throws StatusError (415) for another kind of patch; (400, 422) for what is none */
export function patched(contentType: string, object: Map, patch: unknown): Map {
  switch (contentType) {
    case 'application/json-patch+json':
      return jsonPatch(object, patch);
    case 'application/merge-patch+json':
      return mergePatch(object, mapOf(patch), 0);
    case 'application/strategic-merge-patch+json':
      return strategicMerge(object, mapOf(patch), '', 0);
    default:
      throw new StatusError(
        415,
        contentType === 'application/apply-patch+yaml'
          ? 'the simulated API of workload clusters has no server-side apply: use kubectl apply without --server-side'
          : `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json`,
      );
  }
}

function mapOf(patch: unknown): Map {
  if (!isMap(patch)) throw badRequest('a patch has to be an object');
  return patch;
}

function noDeeper(depth: number): void {
  if (depth > MOST_DEPTH) throw badRequest(`a patch may be ${MOST_DEPTH} levels deep`);
}

export function mergePatch(target: unknown, patch: Map, depth: number): Map {
  noDeeper(depth);
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else set(result, key, isMap(value) ? mergePatch(own(result, key), value, depth + 1) : value);
  }
  return result;
}

/** Lists that are merged, by what their members have in common; others are replaced. By the end of their path. */
const MERGED: readonly (readonly [path: RegExp, key: string])[] = [
  [/(^|\.)metadata\.ownerReferences$/, 'uid'],
  [/^status\.(.*\.)?conditions$/, 'type'],
  [/^status\.addresses$/, 'type'],
  [/^status\.(podIPs|hostIPs)$/, 'ip'],
  [/(^|\.)spec\.(containers|initContainers|ephemeralContainers|volumes|imagePullSecrets|resourceClaims)$/, 'name'],
  [/(^|\.)spec\.hostAliases$/, 'ip'],
  [/(^|\.)spec\.topologySpreadConstraints$/, 'topologyKey'],
  [/ontainers\.env$/, 'name'],
  [/ontainers\.ports$/, 'containerPort'],
  [/ontainers\.volumeMounts$/, 'mountPath'],
  [/ontainers\.volumeDevices$/, 'devicePath'],
  // Of a Service: it has no containers above it.
  [/^spec\.ports$/, 'port'],
  // Of a ServiceAccount.
  [/^(secrets|imagePullSecrets)$/, 'name'],
];
/** Lists of texts that are merged as sets. */
const SETS = /(^metadata\.finalizers|^spec\.podCIDRs)$/;
/** Maps of which one field excludes the others, where the patch says so. */
const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/** @param path of the target, without the members of lists */
function strategicMerge(target: unknown, patch: Map, path: string, depth: number): Map {
  noDeeper(depth);
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return without(patch, DIRECTIVE);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown ${DIRECTIVE} ${JSON.stringify(directive)}`);
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  const retained = patch[RETAIN];
  if (Array.isArray(retained)) {
    const kept = new Set<unknown>(retained);
    for (const key of Object.keys(result)) if (!kept.has(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN || key.startsWith(ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const list = own(result, key.slice(DELETE_FROM.length));
      if (Array.isArray(list) && Array.isArray(value)) {
        const gone = new Set<unknown>(value);
        set(
          result,
          key.slice(DELETE_FROM.length),
          list.filter((each) => !gone.has(each)),
        );
      }
      continue;
    }
    const below = path === '' ? key : `${path}.${key}`;
    const before = own(result, key);
    if (value === null) delete result[key];
    else if (isMap(value)) {
      if (value[DIRECTIVE] === 'delete') delete result[key];
      else set(result, key, strategicMerge(before, value, below, depth + 1));
    } else if (Array.isArray(value)) {
      set(result, key, mergedList(Array.isArray(before) ? before : [], value, patch[ORDER + key], below, depth + 1));
    } else set(result, key, value);
  }
  return result;
}

function mergedList(
  before: readonly unknown[],
  patch: readonly unknown[],
  order: unknown,
  path: string,
  depth: number,
) {
  if (SETS.test(path)) return [...new Set([...before, ...patch])];
  const key = MERGED.find(([pattern]) => pattern.test(path))?.[1];
  if (patch.some((each) => isMap(each) && each[DIRECTIVE] === 'replace'))
    return patch.filter((each) => !(isMap(each) && each[DIRECTIVE] === 'replace'));
  if (key === undefined) return patch;
  const merged = new Map<unknown, unknown>();
  for (const each of before) merged.set(isMap(each) ? each[key] : each, each);
  for (const each of patch) {
    if (!isMap(each)) throw badRequest(`${path} has to have objects in it`);
    const name = each[key];
    if (name === undefined) throw badRequest(`map: ${path} does not contain declared merge key: ${key}`);
    if (each[DIRECTIVE] === 'delete') merged.delete(name);
    else merged.set(name, strategicMerge(merged.get(name), each, path, depth + 1));
  }
  if (!Array.isArray(order)) return [...merged.values()];
  const places = new Map(order.map((each, place) => [isMap(each) ? each[key] : each, place]));
  const placeOf = ([name]: readonly [unknown, unknown]) => places.get(name) ?? places.size;
  return [...merged].sort((a, b) => placeOf(a) - placeOf(b)).map(([, each]) => each);
}

function without(map: Map, left: string): Map {
  return Object.fromEntries(Object.entries(map).filter(([key]) => key !== left));
}

/** What a map has itself: what all objects of JavaScript have is no field. */
function own(map: Map, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Also a field that is called `__proto__`. */
function set(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function jsonPatch(object: Map, patch: unknown): Map {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch has to be a list of operations');
  if (patch.length > MOST_OPERATIONS)
    throw new StatusError(413, `a JSON patch may have ${MOST_OPERATIONS} operations; this one has ${patch.length}`);
  const root: Root = { value: structuredClone(object), copied: 0 };
  const begun = performance.now();
  for (const operation of patch as readonly unknown[]) {
    if (performance.now() - begun > MOST_MS)
      throw new StatusError(413, `a JSON patch may take ${MOST_MS} ms: send it in parts`);
    operate(root, mapOf(operation));
  }
  if (!isMap(root.value)) throw invalid('it leaves no object');
  return root.value;
}

/** An object that is patched. */
interface Root {
  value: unknown;
  /** How much the copies in its patch have come to, in bytes. */
  copied: number;
}

function operate(root: Root, { op, path, from, value }: Map): void {
  const at = tokensOf(path);
  switch (op) {
    case 'add':
      return add(root, at, structuredClone(value));
    case 'remove':
      return void remove(root, at);
    case 'replace':
      if (at.length === 0) root.value = structuredClone(value);
      else {
        const [parent, key] = placeOf(root, at);
        read(parent, key);
        write(parent, key, structuredClone(value));
      }
      return;
    case 'move':
      return add(root, at, remove(root, tokensOf(from)));
    case 'copy': {
      const found = find(root, tokensOf(from));
      root.copied += JSON.stringify(found).length;
      if (root.copied > MOST_COPIED_BYTES)
        throw new StatusError(413, `a JSON patch may copy ${MOST_COPIED_BYTES} bytes`);
      return add(root, at, structuredClone(found));
    }
    case 'test':
      if (!isEqual(find(root, at), value)) throw invalid(`testing value ${String(path)} failed`);
      return;
    default:
      throw invalid(`unexpected kind ${JSON.stringify(op)}`);
  }
}

function tokensOf(path: unknown): string[] {
  if (path === '') return [];
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid(`invalid path ${JSON.stringify(path)}`);
  const tokens = path.slice(1).split('/');
  if (tokens.length > MOST_DEPTH) throw invalid(`a path may be ${MOST_DEPTH} levels deep`);
  return tokens.map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(root: { value: unknown }, at: readonly string[]): unknown {
  return at.reduce((value, key) => read(value, key), root.value);
}

function placeOf(root: { value: unknown }, at: readonly string[]): [parent: unknown, key: string] {
  return [find(root, at.slice(0, -1)), at.at(-1)!];
}

function read(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return (parent as unknown[])[indexOf(key, parent.length - 1)];
  if (isMap(parent) && Object.hasOwn(parent, key)) return parent[key];
  throw invalid(`missing value ${JSON.stringify(key)}`);
}

function write(parent: unknown, key: string, value: unknown): void {
  if (Array.isArray(parent)) parent[indexOf(key, parent.length - 1)] = value;
  else if (isMap(parent)) set(parent, key, value);
  else throw invalid(`missing container of ${JSON.stringify(key)}`);
}

function add(root: { value: unknown }, at: readonly string[], value: unknown): void {
  if (at.length === 0) {
    root.value = value;
    return;
  }
  const [parent, key] = placeOf(root, at);
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : indexOf(key, parent.length), 0, value);
  else write(parent, key, value);
}

function remove(root: { value: unknown }, at: readonly string[]): unknown {
  if (at.length === 0) throw invalid('cannot remove the whole object');
  const [parent, key] = placeOf(root, at);
  const value = read(parent, key);
  if (Array.isArray(parent)) parent.splice(indexOf(key, parent.length - 1), 1);
  else delete (parent as Record<string, unknown>)[key];
  return value;
}

function indexOf(key: string, most: number): number {
  const index = /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > most) throw invalid(`invalid index ${JSON.stringify(key)}`);
  return index;
}

/** Whether two values of JSON are the same. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

function invalid(why: string): StatusError {
  return new StatusError(422, `the server rejected our request due to an error in our request: ${why}`);
}
