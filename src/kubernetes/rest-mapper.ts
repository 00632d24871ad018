import { invalidInput, TestbedError } from '../../lib/errors';
import { show } from '../../lib/names';
import { quoted, visible } from '../../lib/visible';
import { until } from '../util/until';
import { ApiError } from './api-error';
import type { KubernetesClient } from './client';
import type { KubernetesObject } from './objects';

/** How the API server serves a kind. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Lower-case plural, as URLs have it. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Where its objects go that name no namespace: what the kubeconfig's context says, else `default`. */
  readonly defaultNamespace: string;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
}

/** How long a kind whose CRD is established may take to be found. */
const SERVED_MS = 10_000;

/** Finds the URL of objects by asking the API server which kinds it has, once for each group and version. */
export class RESTMapper {
  private readonly groups = new Map<string, Promise<readonly ApiResource[]>>();
  private readonly found = new Map<string, Resource>();
  private versions: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  constructor(private readonly client: KubernetesClient) {}

  /**
   * The path of an object.
   *
   * @throws TestbedError (`cluster`) where the API server does not know the kind
   */
  async pathOf(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): Promise<string> {
    return itemPath(await this.find(object.apiVersion, object.kind), object.metadata.namespace, object.metadata.name);
  }

  /** Whether the API server has the kind now. */
  async has({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): Promise<boolean> {
    this.groups.delete(apiVersion);
    this.found.delete(`${apiVersion} ${kind}`);
    return (await this.lookFor(apiVersion, kind)) !== undefined;
  }

  /** @throws TestbedError (`cluster`) where the API server does not know the kind */
  async find(apiVersion: string, kind: string): Promise<Resource> {
    const resource = await this.lookFor(apiVersion, kind);
    if (resource !== undefined) return resource;
    throw new TestbedError(
      'cluster',
      `the API server has no ${quoted(kind, 256)} of ${quoted(apiVersion, 256)}: install its CustomResourceDefinition first`,
    );
  }

  /** @returns undefined where the API server does not know the kind */
  async lookFor(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const key = `${apiVersion} ${kind}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    let resource = this.resourceIn(apiVersion, kind, await this.list(apiVersion));
    if (resource === undefined) {
      // A CRD may have been established since.
      this.groups.delete(apiVersion);
      resource = this.resourceIn(apiVersion, kind, await this.list(apiVersion));
    }
    if (resource !== undefined) this.found.set(key, resource);
    return resource;
  }

  /** As {@link lookFor}, in the version that the API server prefers of those that have it. @param group '' for the core group */
  async lookForGroupKind(group: string, kind: string): Promise<Resource | undefined> {
    if (group === '') return this.lookFor('v1', kind);
    this.versions ??= this.versionsByGroup();
    // A group may have kinds that its preferred version has not.
    for (const apiVersion of (await this.versions).get(group) ?? []) {
      const resource = await this.lookFor(apiVersion, kind);
      if (resource !== undefined) return resource;
    }
    return undefined;
  }

  /** All kinds whose objects are in namespaces and can be listed, each once. */
  async namespaced(): Promise<readonly Resource[]> {
    this.versions ??= this.versionsByGroup();
    const found = new Map<string, Resource>();
    for (const apiVersion of ['v1', ...[...(await this.versions).values()].flat()]) {
      for (const { kind, name, namespaced, verbs } of await this.list(apiVersion)) {
        if (!namespaced || name.includes('/') || !(verbs ?? []).includes('list')) continue;
        const { defaultNamespace } = this.client;
        const resource = { apiVersion, kind, plural: name, namespaced, defaultNamespace };
        const groupKind = groupKindOf(resource);
        if (!found.has(groupKind)) found.set(groupKind, resource);
      }
    }
    return [...found.values()];
  }

  /** Waits until a kind can be found whose CRD has just been established. */
  async untilServed(apiVersion: string, kind: string, signal?: AbortSignal): Promise<void> {
    await until(() => this.lookFor(apiVersion, kind), { deadlineMs: SERVED_MS, signal });
    this.versions = undefined;
  }

  private resourceIn(apiVersion: string, kind: string, resources: readonly ApiResource[]): Resource | undefined {
    const found = resources.find((each) => each.kind === kind && !each.name.includes('/'));
    const { defaultNamespace } = this.client;
    return found && { apiVersion, kind, plural: found.name, namespaced: found.namespaced, defaultNamespace };
  }

  private async versionsByGroup(): Promise<ReadonlyMap<string, readonly string[]>> {
    interface Version {
      readonly groupVersion: string;
    }
    interface Groups {
      readonly groups: readonly {
        readonly name: string;
        readonly preferredVersion: Version;
        readonly versions: readonly Version[];
      }[];
    }
    const { groups } = await this.client.request<Groups>('GET', '/apis');
    return new Map(
      groups.map(({ name, preferredVersion, versions }) => {
        const inOrder = [preferredVersion, ...versions].map(({ groupVersion }) => groupVersion);
        return [name, [...new Set(inOrder)]];
      }),
    );
  }

  private list(apiVersion: string): Promise<readonly ApiResource[]> {
    let group = this.groups.get(apiVersion);
    if (group === undefined) {
      group = this.client
        .request<{ readonly resources: readonly ApiResource[] }>('GET', rootPath(apiVersion))
        .then(({ resources }) => resources)
        .catch((error: unknown) => {
          this.groups.delete(apiVersion);
          if (error instanceof ApiError && error.status === 404) return [];
          throw error;
        });
      this.groups.set(apiVersion, group);
    }
    return group;
  }
}

/** `/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts`; without a namespace, all of them. */
export function collectionPath(apiVersion: string, plural: string, namespace?: string): string {
  return `${rootPath(apiVersion)}${namespace === undefined ? '' : `/namespaces/${segment(namespace)}`}/${plural}`;
}

/** The namespace that an object is in; undefined for kinds that are in none. */
export function namespaceOf(
  { namespaced, defaultNamespace }: Resource,
  namespace: string | undefined,
): string | undefined {
  return namespaced ? (namespace ?? defaultNamespace) : undefined;
}

/** The path of one object. */
export function itemPath(resource: Resource, namespace: string | undefined, name: string): string {
  const { apiVersion, plural } = resource;
  return `${collectionPath(apiVersion, plural, namespaceOf(resource, namespace))}/${segment(name)}`;
}

/**
 * A name as a part of a path.
 *
 * @throws TestbedError (`invalid-input`) for what would be another path: `.` and `..`, and a half of a surrogate pair
 */
function segment(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && name.isWellFormed()) return encodeURIComponent(name);
  throw invalidInput(`${show(visible(name))} is not a valid name of an object: use a-z, 0-9, '-' and '.'`);
}

/** `Kind.group`, or `Kind` in the core group: a kind without its version. */
export function groupKindOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? kind : `${kind}.${apiVersion.slice(0, slash)}`;
}

/** Names one object of a cluster, whatever version it is asked for in. */
export function keyOf(resource: Resource, namespace: string | undefined, name: string): string {
  return `${groupKindOf(resource)} ${namespaceOf(resource, namespace) ?? ''}/${name}`;
}

function rootPath(apiVersion: string): string {
  if (!/^[A-Za-z0-9.-]+(\/[A-Za-z0-9.-]+)?$/.test(apiVersion) || /(^|\/)\.{1,2}(\/|$)/.test(apiVersion))
    throw invalidInput(`apiVersion ${show(visible(apiVersion))} is not valid: use GROUP/VERSION, or v1`);
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
