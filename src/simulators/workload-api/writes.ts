/** What clients change in a workload cluster. */
import { randomBytes } from 'node:crypto';
import { withoutUndefined } from '../../../lib/without-undefined';
import { isMap } from '../../util/is-map';
import { timeOf, type ApiObject, type Metadata } from './api-object';
import { isEqual, patched } from './patch';
import { groupVersionOf, qualifiedName, resource as resourceNamed, type Resource } from './resources';
import { badRequest, StatusError } from './status-error';
import { freshUid, type Store } from './store';

/** An object of a request, or a part of one. */
export interface Target {
  readonly resource: Resource;
  /** '' where there is none. */
  readonly namespace: string;
  readonly name: string;
  /** Such as `status`; '' for the object itself. */
  readonly subresource: string;
}

export interface WriteOptions {
  readonly dryRun: boolean;
}

export interface DeleteOptions extends WriteOptions {
  readonly preconditions?:
    { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined } | undefined;
}

/** Who is told of what clients change. */
export interface WriteListener {
  written(resource: Resource): void;
  removed(resource: Resource, object: ApiObject): void;
}

const NAMESPACES = resourceNamed('v1', 'namespaces');
const PERMANENT: ReadonlySet<string> = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
const MOST_OBJECT_BYTES = 1_572_864;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Of roles and their bindings, which are more than names of hosts. */
const PATH_SEGMENT = /^[^/%]+$/;
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters, as API servers draw them. */
function suffix(): string {
  return [...randomBytes(5)].map((byte) => SUFFIX_LETTERS[byte % SUFFIX_LETTERS.length]).join('');
}

export class Writes {
  constructor(
    private readonly store: Store,
    private readonly listener: WriteListener,
  ) {}

  /** @throws StatusError (404) */
  get({ resource, namespace, name }: Omit<Target, 'subresource'>): ApiObject {
    const found = this.store.get(resource, namespace, name);
    if (found === undefined) throw notFound(resource, name);
    return this.store.read(found);
  }

  create(
    resource: Resource,
    namespace: string,
    body: Readonly<Record<string, unknown>>,
    { dryRun }: WriteOptions,
  ): ApiObject {
    const metadata = metadataOf(body);
    requireKind(resource, body);
    const { generateName } = metadata;
    const isNamed = typeof metadata.name === 'string' && metadata.name !== '';
    const name = isNamed
      ? metadata.name
      : typeof generateName === 'string' && generateName !== ''
        ? generateName + suffix()
        : '';
    if (name === '') throw invalid(resource, '', 'metadata.name', 'name or generateName is required');
    const pattern = resource.group === 'rbac.authorization.k8s.io' ? PATH_SEGMENT : SUBDOMAIN;
    if (name.length > 253 || !pattern.test(name) || name === '.' || name === '..')
      throw invalid(
        resource,
        name.slice(0, 300),
        'metadata.name',
        `Invalid value: ${JSON.stringify(name.slice(0, 300))}`,
      );
    if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    if (resource.namespaced && this.store.get(NAMESPACES, '', namespace) === undefined)
      throw notFound(NAMESPACES, namespace);
    if (this.store.get(resource, namespace, name) !== undefined)
      throw new StatusError(
        409,
        `${qualifiedName(resource)} "${name}" already exists`,
        detailsOf(resource, name),
        'AlreadyExists',
      );
    const { status: _, ...rest } = body;
    const object = {
      ...withDefaults(resource, rest),
      apiVersion: groupVersionOf(resource),
      kind: resource.kind,
      metadata: withoutUndefined({
        ...withoutServerFields(metadata),
        name,
        namespace: resource.namespaced ? namespace : undefined,
        uid: freshUid(),
        resourceVersion: '',
        generation: isMap(body['spec']) ? 1 : undefined,
        creationTimestamp: timeOf(Date.now()),
      }),
    };
    requireSmall(object);
    if (dryRun) return object;
    const written = this.store.write(resource, object);
    this.listener.written(resource);
    return written;
  }

  update(target: Target, body: Readonly<Record<string, unknown>>, options: WriteOptions): ApiObject {
    const before = this.get(target);
    requireKind(target.resource, body);
    const { name } = metadataOf(body);
    if (name !== undefined && name !== target.name)
      throw badRequest('the name of the object does not match the name on the URL');
    return this.replace(target, before, body, options);
  }

  patch(target: Target, contentType: string, patch: unknown, options: WriteOptions): ApiObject {
    const before = this.get(target);
    return this.replace(target, before, patched(contentType, before, patch), options);
  }

  /** @returns it as it was last, and whether it has gone */
  delete(
    target: Omit<Target, 'subresource'>,
    options: DeleteOptions,
  ): { readonly object: ApiObject; readonly isGone: boolean } {
    const { resource, namespace, name } = target;
    const before = this.get(target);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== before.metadata.uid)
      throw conflict(
        target,
        `the UID in the precondition (${uid}) does not match the UID in record (${before.metadata.uid})`,
      );
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(target, `the ResourceVersion in the precondition does not match that in record`);
    if (resource === NAMESPACES && PERMANENT.has(name))
      throw new StatusError(403, `namespaces "${name}" is forbidden: this namespace may not be deleted`);
    if (options.dryRun) return { object: before, isGone: true };
    if ((before.metadata.finalizers?.length ?? 0) > 0) {
      if (before.metadata.deletionTimestamp !== undefined) return { object: before, isGone: false };
      const metadata = { ...before.metadata, deletionTimestamp: timeOf(Date.now()), deletionGracePeriodSeconds: 0 };
      return { object: this.store.write(resource, { ...before, metadata }), isGone: false };
    }
    const object = this.store.remove(resource, namespace, name) ?? before;
    this.listener.removed(resource, object);
    return { object, isGone: true };
  }

  private replace(
    target: Target,
    before: ApiObject,
    after: Readonly<Record<string, unknown>>,
    { dryRun }: WriteOptions,
  ): ApiObject {
    const { resource, subresource } = target;
    const given = metadataOf(after);
    const { uid, resourceVersion, creationTimestamp, deletionTimestamp, generation } = before.metadata;
    if (given.uid !== undefined && given.uid !== '' && given.uid !== uid)
      throw conflict(target, `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${uid}`);
    if (
      given.resourceVersion !== undefined &&
      given.resourceVersion !== '' &&
      given.resourceVersion !== resourceVersion
    )
      throw conflict(
        target,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    const hasStatus = resource.subresources.includes('status');
    const { name, namespace } = before.metadata;
    const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, generation };
    const content: Readonly<Record<string, unknown>> =
      subresource === 'status'
        ? { ...before, status: after['status'] }
        : { ...withDefaults(resource, after), status: hasStatus ? before['status'] : after['status'] };
    const metadata = subresource === 'status' ? before.metadata : { ...withoutServerFields(given), ...kept };
    const { apiVersion, kind } = before;
    const isSpecNew = generation !== undefined && !isEqual(content['spec'], before['spec']);
    const object: ApiObject = withoutUndefined({
      ...content,
      apiVersion,
      kind,
      metadata: withoutUndefined({ ...metadata, generation: isSpecNew ? generation + 1 : generation }),
    });
    if (isEqual(object, withoutUndefined(before))) return before;
    requireSmall(object);
    if (dryRun) return object;
    if (deletionTimestamp !== undefined && (object.metadata.finalizers?.length ?? 0) === 0) {
      const last = this.store.remove(resource, target.namespace, target.name) ?? object;
      this.listener.removed(resource, last);
      return last;
    }
    const written = this.store.write(resource, object);
    this.listener.written(resource);
    return written;
  }
}

function metadataOf(body: Readonly<Record<string, unknown>>): Partial<Metadata> {
  const metadata = body['metadata'] ?? {};
  if (!isMap(metadata)) throw badRequest('metadata has to be an object');
  for (const field of ['labels', 'annotations'] as const) {
    const map = metadata[field] ?? {};
    if (!isMap(map) || Object.values(map).some((value) => typeof value !== 'string'))
      throw badRequest(`metadata.${field} has to be a map of texts`);
  }
  const { finalizers = [] } = metadata;
  if (!Array.isArray(finalizers) || finalizers.some((each) => typeof each !== 'string'))
    throw badRequest('metadata.finalizers has to be a list of texts');
  return metadata;
}

/** What only the server says, and what it does not keep. */
function withoutServerFields(metadata: Partial<Metadata>): Partial<Metadata> {
  const { managedFields: _m, deletionTimestamp: _d, deletionGracePeriodSeconds: _g, selfLink: _s, ...rest } = metadata;
  return rest;
}

function requireKind(resource: Resource, { apiVersion, kind }: Readonly<Record<string, unknown>>): void {
  const wanted = groupVersionOf(resource);
  // Typed clients of Go leave both out.
  if ((apiVersion ?? wanted) === wanted && (kind ?? resource.kind) === resource.kind) return;
  throw badRequest(
    `the object is ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}, but ${resource.kind} of ${wanted} is expected`,
  );
}

function requireSmall(object: object): void {
  if (JSON.stringify(object).length > MOST_OBJECT_BYTES)
    throw new StatusError(413, `an object may have ${MOST_OBJECT_BYTES} bytes`);
}

/** What API servers fill in, as far as people and managers look at it. */
function withDefaults(
  resource: Resource,
  object: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  switch (resource.kind) {
    case 'Secret': {
      const { stringData, ...rest } = object;
      if (!isMap(stringData)) return { type: 'Opaque', ...rest };
      const encoded = Object.entries(stringData).map(([key, text]) => [
        key,
        Buffer.from(String(text)).toString('base64'),
      ]);
      const data = isMap(rest['data']) ? rest['data'] : {};
      return { type: 'Opaque', ...rest, data: { ...data, ...(Object.fromEntries(encoded) as object) } };
    }
    case 'Namespace':
      return { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, ...object };
    case 'Pod':
      return { status: { phase: 'Pending' }, ...object };
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return { ...object, spec: { replicas: 1, ...(isMap(object['spec']) ? object['spec'] : {}) } };
    default:
      return object;
  }
}

function detailsOf({ group, plural }: Resource, name: string) {
  return { name, group: group === '' ? undefined : group, kind: plural };
}

export function notFound(resource: Resource, name: string): StatusError {
  return new StatusError(404, `${qualifiedName(resource)} "${name}" not found`, detailsOf(resource, name));
}

function conflict({ resource, name }: Omit<Target, 'subresource'>, why: string): StatusError {
  return new StatusError(
    409,
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );
}

function invalid(resource: Resource, name: string, field: string, message: string): StatusError {
  return new StatusError(422, `${resource.kind} "${name}" is invalid: ${field}: ${message}`, {
    ...detailsOf(resource, name),
    causes: [{ reason: 'FieldValueInvalid', message, field }],
  });
}
