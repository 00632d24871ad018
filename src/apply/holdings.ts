/**
 * What others have in a namespace, or of a kind, that is about to be deleted: deleting a namespace deletes all that is in
 * it, and deleting a CustomResourceDefinition all of its objects, whoever made them.
 */
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { pagesOf } from '../kubernetes/pages';
import { removeFinalizers } from '../kubernetes/remove-finalizers';
import { collectionPath, groupKindOf, RESTMapper, type Resource } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';

interface Owned extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly ownerReferences?: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly uid: string;
    }[];
  };
}

/** More namespaces than this are looked into by listing whole kinds. */
const LISTED_ONE_BY_ONE = 16;
const AT_ONCE = 16;
const SHOWN = 3;
/** An owner is owned by another at most so often, or it is a circle. */
const DEEPEST = 8;

/** Kinds that hold nothing: what happened, who works now, where pods answer, how much they take. */
const PASSING: ReadonlySet<string> = new Set([
  'Event',
  'Event.events.k8s.io',
  'Lease.coordination.k8s.io',
  'Endpoints',
  'EndpointSlice.discovery.k8s.io',
  'PodMetrics.metrics.k8s.io',
]);

/** What Kubernetes itself puts into each namespace. */
const IN_EACH: ReadonlySet<string> = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

/** Looks at one cluster, once. */
export class Holdings {
  private readonly mapper: RESTMapper;
  private readonly byUid = new Map<string, Promise<ReadonlyMap<string, Owned>>>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.mapper = new RESTMapper(client);
  }

  /** @returns for each of the namespaces that cannot be deleted without taking something of others along, what that is */
  async ofNamespaces(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map(names.map((name) => [name, { count: 0, first: [] as string[], hidden: '' }]));
    await inParallel(
      await this.mapper.namespaced(),
      AT_ONCE,
      async (resource) => {
        if (PASSING.has(groupKindOf(resource))) return;
        const { apiVersion, plural, kind } = resource;
        const places = names.length > LISTED_ONE_BY_ONE ? [undefined] : names;
        for (const place of places) {
          try {
            for (const object of await this.list(collectionPath(apiVersion, plural, place))) {
              const holding = found.get(object.metadata.namespace ?? '');
              if (holding === undefined || !(await this.isOfOthers(kind, object))) continue;
              holding.count++;
              if (holding.first.length < SHOWN) holding.first.push(describeObject({ ...object, kind }));
            }
          } catch (error) {
            if (!(error instanceof ApiError) || error.status !== 403) throw error;
            for (const name of place === undefined ? names : [place]) {
              const holding = found.get(name);
              if (holding !== undefined) holding.hidden = plural;
            }
          }
        }
      },
      this.signal,
    );
    const reasons = new Map<string, string>();
    for (const [name, { count, first, hidden }] of found) {
      if (count > 0)
        reasons.set(name, `it holds ${count} objects of others (${first.join(', ')}${count > SHOWN ? ', …' : ''})`);
      else if (hidden !== '') reasons.set(name, `its ${hidden} cannot be listed, so it may hold objects of others`);
    }
    return reasons;
  }

  /** @returns for each of the definitions of whose kind others have objects, how many; what is garbage is freed */
  async ofDefinitions(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const reasons = new Map<string, string>();
    const definitions = collectionPath('apiextensions.k8s.io/v1', 'customresourcedefinitions');
    for (const name of names) {
      const crd = await ignoreNotFound(
        this.client.request<Definition>('GET', `${definitions}/${encodeURIComponent(name)}`, this.options),
      );
      const version = crd?.spec.versions.find(({ served }) => served);
      // Without a version that is served there is no way to look; its objects may well be there.
      if (crd === undefined) continue;
      const { group, names: kinds } = crd.spec;
      if (version === undefined) {
        reasons.set(name, 'none of its versions is served, so others may have objects of it');
        continue;
      }
      const apiVersion = `${group}/${version.name}`;
      const objects = await this.list(collectionPath(apiVersion, kinds.plural));
      const others: Owned[] = [];
      const garbage: Owned[] = [];
      for (const object of objects) ((await this.isAlive(object)) ? others : garbage).push(object);
      if (others.length > 0) {
        const first = others.slice(0, SHOWN).map((each) => describeObject({ ...each, kind: kinds.kind }));
        const more = others.length > SHOWN ? ', …' : '';
        reasons.set(name, `there are ${others.length} ${kinds.plural} of others (${first.join(', ')}${more})`);
        continue;
      }
      const namespaced = crd.spec.scope !== 'Cluster';
      const resource = { apiVersion, kind: kinds.kind, plural: kinds.plural, namespaced, defaultNamespace: '' };
      await inParallel(garbage, AT_ONCE, (object) => this.free(resource, object), this.signal);
    }
    return reasons;
  }

  /** What has lost its owner is waited for in vain by its finalizers: who would clear them has done with the owner. */
  private async free(resource: Resource, object: Owned): Promise<void> {
    if ((object.metadata.finalizers ?? []).length === 0) return;
    await removeFinalizers(this.client, resource, object, this.options);
  }

  private async isOfOthers(kind: string, object: Owned): Promise<boolean> {
    return (
      !IN_EACH.has(`${kind} ${object.metadata.name}`) &&
      !(kind === 'Secret' && (await this.isByProduct(object))) &&
      (await this.isAlive(object))
    );
  }

  /** Secrets that others' programs make and leave: of the account `default`, and of certificates that are gone. */
  private async isByProduct({ metadata }: Owned): Promise<boolean> {
    const { annotations = {}, name, namespace } = metadata;
    if (annotations['kubernetes.io/service-account.name'] === 'default') return true;
    // The webhook of cert-manager makes its own CA.
    if (name === 'cert-manager-webhook-ca' && annotations['cert-manager.io/allow-direct-injection'] === 'true')
      return true;
    const certificate = annotations['cert-manager.io/certificate-name'];
    if (certificate === undefined) return false;
    const resource = await this.mapper.lookForGroupKind('cert-manager.io', 'Certificate');
    if (resource === undefined) return true;
    const all = await this.load(resource);
    return ![...all.values()].some(
      (each) => each.metadata.name === certificate && each.metadata.namespace === namespace,
    );
  }

  /** Whether an object stands by itself, or one of its owners is there: without any, a garbage collector deletes it. */
  private async isAlive({ metadata }: Owned, depth = 0): Promise<boolean> {
    const { ownerReferences: owners = [] } = metadata;
    if (owners.length === 0 || depth > DEEPEST) return true;
    for (const { apiVersion, kind, uid } of owners) {
      const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
      const resource = await this.mapper.lookForGroupKind(group, kind);
      const owner = resource && (await this.load(resource)).get(uid);
      if (owner !== undefined && (await this.isAlive(owner, depth + 1))) return true;
    }
    return false;
  }

  private load(resource: Resource): Promise<ReadonlyMap<string, Owned>> {
    const groupKind = groupKindOf(resource);
    let loaded = this.byUid.get(groupKind);
    if (loaded === undefined) {
      loaded = this.list(collectionPath(resource.apiVersion, resource.plural)).then(
        (objects) => new Map(objects.map((object) => [object.metadata.uid ?? '', object])),
      );
      this.byUid.set(groupKind, loaded);
    }
    return loaded;
  }

  /** The metadata of what is there; none where the kind is gone. */
  private async list(path: string): Promise<readonly Owned[]> {
    // A list that is begun anew half-way brings objects a second time.
    const found = new Map<string, Owned>();
    try {
      for await (const { items } of pagesOf<Owned>(this.client, path, { metadataOnly: true, ...this.options }))
        for (const item of items) found.set(item.metadata.uid ?? '', item);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 405)) throw error;
    }
    return [...found.values()];
  }

  private get options(): { readonly signal?: AbortSignal } {
    return this.signal === undefined ? {} : { signal: this.signal };
  }
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope?: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}
