/** An API server in memory, as far as moving clusters asks for it: objects by path, uids, finalizers and merge patches. */
import { randomUUID } from 'node:crypto';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { KubernetesClient, Method, RequestOptions } from '../../../src/kubernetes/client';
import type { StoredObject } from '../../../src/kinds/cluster/object-graph';

/** Plural, kind, group and version of what it serves; those of hosts are moved whatever they belong to. */
const KINDS = [
  ['clusters', 'Cluster', 'cluster.x-k8s.io/v1beta2'],
  ['clusterclasses', 'ClusterClass', 'cluster.x-k8s.io/v1beta2'],
  ['machines', 'Machine', 'cluster.x-k8s.io/v1beta2'],
  ['machinehealthchecks', 'MachineHealthCheck', 'cluster.x-k8s.io/v1beta2'],
  ['metal3machines', 'Metal3Machine', 'infrastructure.cluster.x-k8s.io/v1beta2'],
  ['baremetalhosts', 'BareMetalHost', 'metal3.io/v1alpha1'],
  ['hardwaredata', 'HardwareData', 'metal3.io/v1alpha1'],
] as const;
const CLUSTERCTL = 'clusterctl.cluster.x-k8s.io';

type Json = Readonly<Record<string, unknown>>;

export class MemoryApi {
  readonly objects = new Map<string, StoredObject>();
  /** Every write, as `METHOD path`. */
  readonly writes: string[] = [];
  /** Asked before each write; throws to cut off whoever sends it. */
  beforeWrite: (write: string) => void = () => undefined;

  get client(): KubernetesClient {
    const client = {
      defaultNamespace: 'default',
      listMs: 1_000,
      request: (method: Method, path: string, options?: RequestOptions) => this.request(method, path, options),
    };
    return client as unknown as KubernetesClient;
  }

  /** Puts an object there, with its uid and status. @returns it as it is stored */
  put(object: Omit<StoredObject, 'metadata'> & { readonly metadata: object }): StoredObject {
    const { kind, metadata } = object as StoredObject;
    const stored = { ...object, metadata: { ...metadata, uid: randomUUID() } } as StoredObject;
    this.objects.set(pathOf(kind, metadata.namespace, metadata.name), stored);
    return stored;
  }

  get(kind: string, namespace: string, name: string): StoredObject | undefined {
    return this.objects.get(pathOf(kind, namespace, name));
  }

  private async request(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
    await Promise.resolve();
    if (method === 'GET') return { metadata: { resourceVersion: '1' }, items: this.list(path) };
    this.beforeWrite(`${method} ${path}`);
    this.writes.push(`${method} ${path}`);
    const body = options.body as Json;
    if (method === 'POST') {
      const { metadata } = body as { readonly metadata: { readonly name: string } };
      const where = `${path}/${metadata.name}`;
      if (this.objects.has(where)) {
        // As the client does with what another try may change.
        options.onRetry?.({ status: 409, code: '' });
        throw new ApiError(409, 'AlreadyExists', 'it is there already');
      }
      return this.store(where, { ...body, metadata: { ...metadata, uid: randomUUID() }, status: undefined });
    }
    const before = this.objects.get(path);
    if (before === undefined) throw new ApiError(404, 'NotFound', `${path} is not there`);
    if (method === 'PATCH') return this.store(path, merged(before, body) as Json);
    return this.store(path, { ...before, metadata: { ...before.metadata, deletionTimestamp: 'now' } });
  }

  private store(path: string, object: Json): Json {
    const { deletionTimestamp, finalizers = [] } = (object as unknown as StoredObject).metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.objects.delete(path);
    else this.objects.set(path, object as unknown as StoredObject);
    return object;
  }

  private list(path: string): readonly object[] {
    if (path.endsWith('/customresourcedefinitions')) return KINDS.map(definition);
    const [, root = '', namespace, plural = ''] = /^(.*?)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(path) ?? [];
    const isListed = (each: string) =>
      each.startsWith(`${root}/namespaces/${namespace ?? ''}`) && each.split('/').at(-2) === plural;
    return [...this.objects].filter(([each]) => isListed(each)).map(([, object]) => object);
  }
}

function pathOf(kind: string, namespace: string, name: string): string {
  const [plural, , apiVersion] = KINDS.find(([, each]) => each === kind) ?? [`${kind.toLowerCase()}s`, kind, 'v1'];
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${plural}/${name}`;
}

function definition([plural, kind, apiVersion]: (typeof KINDS)[number]) {
  const [group = '', name = ''] = apiVersion.split('/');
  const labels = { [CLUSTERCTL]: '', ...(kind === 'BareMetalHost' ? { [`${CLUSTERCTL}/move-hierarchy`]: '' } : {}) };
  return {
    metadata: { name: `${plural}.${group}`, labels },
    spec: { group, scope: 'Namespaced', names: { kind, plural }, versions: [{ name, storage: true }] },
  };
}

/** JSON Merge Patch (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(typeof target === 'object' ? target : {}) };
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merged(result[key], value);
  return result;
}
