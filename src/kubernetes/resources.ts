import { ApiError } from './client';
import type { KubernetesClient } from './client';
import type { KubernetesObject } from './objects';
import { TestbedError } from '../../lib/errors';

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Finds the URL of objects by asking the API server which kinds it has, once for each group and version. */
export class Resources {
  private readonly groups = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(private readonly client: KubernetesClient) {}

  /**
   * The path of an object.
   *
   * @throws TestbedError (`cluster`) where the API server does not know the kind
   */
  async pathOf(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): Promise<string> {
    const resource = await this.find(object.apiVersion, object.kind);
    const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
    return `${collectionPath(object.apiVersion, resource.name, namespace)}/${encodeURIComponent(object.metadata.name)}`;
  }

  private async find(apiVersion: string, kind: string): Promise<ApiResource> {
    const known = (await this.list(apiVersion)).find((each) => each.kind === kind && !each.name.includes('/'));
    if (known !== undefined) return known;
    // A CRD may have been established since.
    this.groups.delete(apiVersion);
    const found = (await this.list(apiVersion)).find((each) => each.kind === kind && !each.name.includes('/'));
    if (found !== undefined) return found;
    throw new TestbedError(
      'cluster',
      `the API server has no ${kind} of ${apiVersion}: install its CustomResourceDefinition first`,
    );
  }

  private list(apiVersion: string): Promise<readonly ApiResource[]> {
    let group = this.groups.get(apiVersion);
    if (group === undefined) {
      const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      group = this.client
        .request<{ readonly resources: readonly ApiResource[] }>('GET', path)
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
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}`;
}
