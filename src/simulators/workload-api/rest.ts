/** The REST interface of one workload cluster. */
import { isMap } from '../../util/is-map';
import { formOf, type Form } from './accept';
import type { ApiObject } from './api-object';
import type { WorkloadCluster } from './cluster';
import { bodyOf, objectOf, send, type Request, type Response } from './http';
import * as resources from './resources';
import { fieldSelector, labelSelector, type Selector } from './selectors';
import { badRequest, StatusError } from './status-error';
import { partial, tableOf, type IncludeObject } from './table';
import { answerWatch } from './watch-stream';
import type { DeleteOptions, Target, WriteOptions } from './writes';

/** Watches of one cluster at a time; real ones have as few. */
const MOST_WATCHES = 500;
const DEFAULT_WATCH_MS = 30 * 60_000;
const MOST_WATCH_MS = 2 * 60 * 60_000;
const MOST_PAGE = 10_000;

const TABLES = ['Table.meta.k8s.io/v1', 'Table.meta.k8s.io/v1beta1'];
const PARTIAL_LIST = 'PartialObjectMetadataList.meta.k8s.io/v1';
const PARTIAL = 'PartialObjectMetadata.meta.k8s.io/v1';
const DISCOVERY = ['APIGroupDiscoveryList.apidiscovery.k8s.io/v2', 'APIGroupDiscoveryList.apidiscovery.k8s.io/v2beta1'];

/** What a request is about. */
interface Asked {
  readonly resource: resources.Resource;
  readonly namespace: string | undefined;
  /** '' for a collection. */
  readonly name: string;
  readonly subresource: string;
}

/**
 * Answers one request.
 *
 * @throws StatusError for one that is refused
 */
export async function answer(cluster: WorkloadCluster, request: Request, response: Response): Promise<void> {
  const url = urlOf(request.url ?? '/');
  const verb = request.method ?? 'GET';
  if (verb === 'GET' || verb === 'HEAD') {
    const discovery = /^\/apis?\/?$/.test(url.pathname) ? formOf(request.headers.accept, DISCOVERY) : undefined;
    if (discovery !== undefined && discovery.as !== '') {
      const { as, group, version } = discovery;
      const type = `application/json;g=${group};v=${version};as=${as}`;
      return send(response, 200, resources.aggregated(!url.pathname.startsWith('/apis'), version), type);
    }
    const fixed = fixedAnswer(cluster, url.pathname);
    if (fixed !== undefined) return send(response, 200, fixed);
  }
  const asked = askedOf(url.pathname);
  const options = { dryRun: url.searchParams.getAll('dryRun').includes('All') };
  if (asked.subresource !== '') return answerSubresource(cluster, asked, request, response, options);
  if (asked.name === '') return answerCollection(cluster, asked, url.searchParams, request, response, options);
  const target = targetOf(asked);
  switch (verb) {
    case 'GET':
      return show(response, 200, cluster.writes.get(target), request, url.searchParams);
    case 'PUT': {
      const { value } = await bodyOf(request);
      return show(response, 200, cluster.writes.update(target, objectOf(value), options), request, url.searchParams);
    }
    case 'PATCH': {
      const { value, contentType } = await bodyOf(request);
      const object = cluster.writes.patch(target, contentType, value, options);
      return show(response, 200, object, request, url.searchParams);
    }
    case 'DELETE': {
      const { value } = await bodyOf(request);
      const { object, isGone } = cluster.writes.delete(target, deleteOptions(value, options));
      return send(response, 200, isGone ? success(asked.resource, object) : object);
    }
    default:
      throw notAllowed(verb);
  }
}

function urlOf(text: string): URL {
  if (!text.startsWith('/') || !URL.canParse(text, 'https://cluster'))
    throw badRequest('the path of the request is not valid');
  return new URL(text, 'https://cluster');
}

/** What does not depend on what is in the cluster. */
function fixedAnswer(cluster: WorkloadCluster, path: string): object | string | undefined {
  const [, root = '', first, ...rest] = path.replace(/\/+$/, '').split('/');
  switch (root) {
    case '':
      return { paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'] };
    case 'healthz':
    case 'livez':
    case 'readyz':
      return 'ok';
    case 'version':
      return cluster.versionInfo();
    case 'api':
    case 'apis': {
      const isCore = root === 'api';
      if (first === undefined) return isCore ? resources.versions(cluster.address) : resources.groupList();
      if (isCore) return rest.length === 0 ? resources.resourceList(first) : undefined;
      if (rest.length === 0) return resources.group(first);
      return rest.length === 1 ? resources.resourceList(`${first}/${rest[0]}`) : undefined;
    }
    case 'openapi':
      if (first !== 'v3') return undefined;
      return rest.length === 0 ? resources.openApiIndex() : resources.openApi(rest.slice(1).join('/'));
    default:
      return undefined;
  }
}

/** @throws StatusError (404) for a path that is none */
function askedOf(path: string): Asked {
  // Made only where it is thrown: an error notes where it comes from, which takes as long as half an answer.
  const none = () => new StatusError(404, 'the server could not find the requested resource');
  let parts: string[];
  try {
    parts = path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    throw badRequest('the path of the request is not valid');
  }
  const root = parts.shift();
  const groupVersion = root === 'api' ? parts.shift() : root === 'apis' ? parts.splice(0, 2).join('/') : undefined;
  if (groupVersion === undefined) throw none();
  let namespace: string | undefined;
  // `/namespaces/NAME` is a namespace itself, and `/namespaces/NAME/status` a part of it.
  if (parts[0] === 'namespaces' && parts.length > 2 && resources.resourceOf(groupVersion, parts[2]!) !== undefined)
    [, namespace] = parts.splice(0, 2);
  const [plural = '', name = '', subresource = '', ...more] = parts;
  const resource = resources.resourceOf(groupVersion, plural);
  if (
    resource === undefined ||
    more.length > 0 ||
    (namespace !== undefined) !== (resource.namespaced && namespace !== undefined)
  )
    throw none();
  if (resource.namespaced && namespace === undefined && name !== '') throw none();
  return { resource, namespace, name, subresource };
}

function targetOf({ resource, namespace = '', name, subresource }: Asked): Target {
  return { resource, namespace, name, subresource };
}

async function answerCollection(
  cluster: WorkloadCluster,
  asked: Asked,
  query: URLSearchParams,
  request: Request,
  response: Response,
  options: WriteOptions,
): Promise<void> {
  const { resource, namespace } = asked;
  switch (request.method) {
    case 'GET':
      if (isTrue(query.get('watch'))) return watch(cluster, asked, query, request, response);
      return list(cluster, asked, query, request, response);
    case 'POST': {
      if (resource.namespaced && namespace === undefined) throw notAllowed('POST');
      const { value } = await bodyOf(request);
      const object = cluster.writes.create(resource, namespace ?? '', objectOf(value), options);
      return show(response, 201, object, request, query);
    }
    case 'DELETE': {
      const { value } = await bodyOf(request);
      const { objects } = selected(cluster, asked, query);
      for (const { metadata } of objects) {
        const target = { resource, namespace: metadata.namespace ?? '', name: metadata.name };
        cluster.writes.delete(target, { ...deleteOptions(value, options), preconditions: undefined });
      }
      return send(response, 200, listOf(cluster, resource, objects, {}));
    }
    default:
      throw notAllowed(request.method ?? '');
  }
}

function selectorOf({ resource, name }: Asked, query: URLSearchParams): Selector | undefined {
  const tests = [
    labelSelector(query.get('labelSelector')),
    fieldSelector(query.get('fieldSelector'), resource.kind),
    name === '' ? undefined : (object: ApiObject) => object.metadata.name === name,
  ].filter((each) => each !== undefined);
  return tests.length === 0 ? undefined : (object) => tests.every((test) => test(object));
}

function selected(cluster: WorkloadCluster, asked: Asked, query: URLSearchParams) {
  const select = selectorOf(asked, query);
  cluster.prepare(asked.resource);
  const objects = cluster.store.list(asked.resource, asked.namespace).map((each) => cluster.store.read(each));
  return { objects: select === undefined ? objects : objects.filter(select) };
}

interface Continuation {
  readonly version: string;
  readonly after: string;
}

function list(
  cluster: WorkloadCluster,
  asked: Asked,
  query: URLSearchParams,
  request: Request,
  response: Response,
): void {
  const { resource } = asked;
  const form = formOf(request.headers.accept, [...TABLES, PARTIAL_LIST]);
  const limit = numberOf(query, 'limit', MOST_PAGE);
  const next = continuationOf(query.get('continue'));
  requireNotNewer(cluster, query.get('resourceVersion'));
  let { objects } = selected(cluster, asked, query);
  if (next !== undefined) objects = objects.filter((each) => placeOf(each) > next.after);
  let metadata: object = {};
  if (limit > 0 && objects.length > limit) {
    const remainingItemCount = objects.length - limit;
    objects = objects.slice(0, limit);
    const token: Continuation = {
      version: next?.version ?? String(cluster.store.version),
      after: placeOf(objects.at(-1)!),
    };
    metadata = { continue: Buffer.from(JSON.stringify(token)).toString('base64url'), remainingItemCount };
  }
  // Of all pages the first one's version: a watch from there has whatever has changed between them.
  const version = next === undefined ? {} : { resourceVersion: next.version };
  const whole = { ...metadata, ...version };
  if (form.as === 'Table') {
    const meta = { resourceVersion: String(cluster.store.version), ...whole };
    return send(response, 200, tableIn(form, resource, objects, meta, query));
  }
  if (form.as !== '')
    return send(response, 200, {
      ...listOf(cluster, resource, objects.map(partial), whole),
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
    });
  return send(response, 200, listOf(cluster, resource, objects, whole));
}

/** The place of an object in the order of a list. */
function placeOf({ metadata: { namespace = '', name } }: ApiObject): string {
  return `${namespace}/${name}`;
}

function continuationOf(text: string | null): Continuation | undefined {
  if (text === null || text === '') return undefined;
  try {
    const token: unknown = JSON.parse(Buffer.from(text.slice(0, 4_096), 'base64url').toString());
    if (isMap(token) && typeof token['after'] === 'string' && typeof token['version'] === 'string')
      return token as unknown as Continuation;
  } catch {
    // As below.
  }
  throw badRequest('continue key is not valid');
}

function requireNotNewer(cluster: WorkloadCluster, text: string | null): void {
  if (text === null || text === '' || text === '0') return;
  const version = versionOf(text);
  // Versions begin anew with the clock; whoever has one of the future has it from another cluster.
  if (version > cluster.store.version)
    throw new StatusError(504, `Too large resource version: ${version}, current: ${cluster.store.version}`, {
      retryAfterSeconds: 1,
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    });
}

function versionOf(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw badRequest(`Invalid value: ${JSON.stringify(text.slice(0, 64))}: resourceVersion`);
}

function watch(
  cluster: WorkloadCluster,
  asked: Asked,
  query: URLSearchParams,
  request: Request,
  response: Response,
): void {
  const { resource, namespace } = asked;
  const form = formOf(request.headers.accept, [...TABLES, PARTIAL, PARTIAL_LIST]);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const sendInitialEvents = query.get('sendInitialEvents');
  const text = query.get('resourceVersion') ?? '';
  if (sendInitialEvents !== null) {
    if (query.get('resourceVersionMatch') !== 'NotOlderThan')
      throw forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    if (isTrue(sendInitialEvents) && !bookmarks) throw forbidden('sendInitialEvents requires allowWatchBookmarks');
  } else if (query.get('resourceVersionMatch') !== null)
    throw forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  const isFromNow = sendInitialEvents === 'false' && (text === '' || text === '0');
  const isFromStart = isTrue(sendInitialEvents) || (sendInitialEvents === null && (text === '' || text === '0'));
  if (isTrue(sendInitialEvents)) requireNotNewer(cluster, text);
  if (cluster.store.watchCount >= MOST_WATCHES)
    throw new StatusError(429, `this simulated cluster has ${MOST_WATCHES} watches, and takes no more`, {
      retryAfterSeconds: 1,
    });
  cluster.prepare(resource);
  const include = includeOf(query);
  answerWatch(
    cluster.store,
    cluster.watchDelay,
    {
      resource,
      namespace,
      bookmarks,
      select: selectorOf(asked, query),
      since: isFromStart ? undefined : isFromNow ? cluster.store.version : versionOf(text),
      marksInitialEvents: isTrue(sendInitialEvents),
      timeoutMs: numberOf(query, 'timeoutSeconds', MOST_WATCH_MS / 1000) * 1000 || DEFAULT_WATCH_MS,
      show:
        form.as === 'Table'
          ? (object) => tableOf(resource.kind, [object], { resourceVersion: object.metadata.resourceVersion }, include)
          : form.as === ''
            ? undefined
            : partial,
    },
    response,
  );
}

function show(response: Response, code: number, object: ApiObject, request: Request, query: URLSearchParams): void {
  const form = formOf(request.headers.accept, [...TABLES, PARTIAL]);
  if (form.as === '') return send(response, code, object);
  if (form.as !== 'Table') return send(response, code, partial(object));
  const { apiVersion, kind, metadata } = object;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return send(
    response,
    code,
    tableIn(form, { group, version, kind }, [object], { resourceVersion: metadata.resourceVersion }, query),
  );
}

function tableIn(
  form: Form,
  { kind }: Pick<resources.Resource, 'group' | 'version' | 'kind'>,
  objects: readonly ApiObject[],
  metadata: object,
  query: URLSearchParams,
): object {
  return { ...tableOf(kind, objects, metadata, includeOf(query)), apiVersion: `${form.group}/${form.version}` };
}

function includeOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest('includeObject has to be None, Metadata or Object');
}

function listOf(
  cluster: WorkloadCluster,
  resource: resources.Resource,
  items: readonly object[],
  metadata: object,
): object {
  const apiVersion = resources.groupVersionOf(resource);
  const whole = { resourceVersion: String(cluster.store.version), ...metadata };
  return { kind: `${resource.kind}List`, apiVersion, metadata: whole, items };
}

async function answerSubresource(
  cluster: WorkloadCluster,
  asked: Asked,
  request: Request,
  response: Response,
  options: WriteOptions,
): Promise<void> {
  const { resource, subresource } = asked;
  const target = targetOf(asked);
  if (!resource.subresources.includes(subresource)) {
    cluster.writes.get(target);
    throw new StatusError(
      501,
      `the simulated API of workload clusters has no ${subresource.slice(0, 64)} of ${resource.plural}: there is nothing that runs behind them`,
    );
  }
  if (subresource === 'portforward') {
    cluster.writes.get(target);
    throw badRequest('Upgrade request required');
  }
  if (subresource === 'eviction') {
    if (request.method !== 'POST') throw notAllowed(request.method ?? '');
    const { value } = await bodyOf(request);
    const eviction = objectOf(value);
    cluster.requireEvictable(cluster.writes.get(target));
    cluster.writes.delete(target, deleteOptions(eviction['deleteOptions'], options));
    return send(response, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }
  switch (request.method) {
    case 'GET':
      return send(response, 200, cluster.writes.get(target));
    case 'PUT':
      return send(response, 200, cluster.writes.update(target, objectOf((await bodyOf(request)).value), options));
    case 'PATCH': {
      const { value, contentType } = await bodyOf(request);
      return send(response, 200, cluster.writes.patch(target, contentType, value, options));
    }
    default:
      throw notAllowed(request.method ?? '');
  }
}

function deleteOptions(value: unknown, { dryRun }: WriteOptions): DeleteOptions {
  if (value === undefined || value === null) return { dryRun };
  const { preconditions, dryRun: asked } = objectOf(value);
  const isDry = dryRun || (Array.isArray(asked) && asked.includes('All'));
  if (!isMap(preconditions)) return { dryRun: isDry };
  const { uid, resourceVersion } = preconditions;
  const textOf = (each: unknown) => (typeof each === 'string' && each !== '' ? each : undefined);
  return { dryRun: isDry, preconditions: { uid: textOf(uid), resourceVersion: textOf(resourceVersion) } };
}

function success(resource: resources.Resource, { metadata: { name, uid } }: ApiObject): object {
  const { group, plural: kind } = resource;
  const details = { name, group: group === '' ? undefined : group, kind, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1' || text === '';
}

function numberOf(query: URLSearchParams, name: string, most: number): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} has to be a number`);
  return Math.min(Number(text), most);
}

function forbidden(why: string): StatusError {
  return new StatusError(422, `ListOptions.meta.k8s.io "" is invalid: ${why}`);
}

function notAllowed(verb: string): StatusError {
  return new StatusError(405, `the server does not allow this method on the requested resource (${verb.slice(0, 16)})`);
}
