import { FIELD_MANAGER } from '../apply/apply';
import { orMissing } from '../kubernetes/api-error';
import { type KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { Resources } from '../kubernetes/resources';
import { isWrittenBy, listMetadata, type ObjectMetadata } from './metadata';

interface WithConditions extends ObjectMetadata {
  readonly status?: { readonly conditions?: readonly { readonly status: string; readonly message: string }[] };
}

/** Deletes objects that this package has written; what is gone already is fine. */
export class Deleter {
  private readonly resources: Resources;
  private readonly served = new Map<string, boolean>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.resources = new Resources(client);
  }

  /**
   * Whether an object of the inventory is still the one that was made. One without any field beside its name, such as a
   * namespace, keeps no record of who wrote it: it is ours unless somebody else has written it.
   */
  isOurs(object: ObjectMetadata): boolean {
    return (object.metadata.managedFields ?? []).length === 0 || isWrittenBy(object, FIELD_MANAGER);
  }

  /** The metadata of a collection's objects; none where the kind is gone. */
  async list(path: string): Promise<readonly ObjectMetadata[]> {
    return (await orMissing(listMetadata(this.client, path, this.signal))) ?? [];
  }

  /** Those of a collection's objects that this package has written. */
  async ours(path: string): Promise<readonly ObjectMetadata[]> {
    return (await this.list(path)).filter((object) => isWrittenBy(object, FIELD_MANAGER));
  }

  /** @returns undefined where the kind is gone */
  async pathOf(object: KubernetesObject): Promise<string | undefined> {
    const kind = `${object.apiVersion}/${object.kind}`;
    const isServed = this.served.get(kind) ?? (await this.resources.has(object));
    this.served.set(kind, isServed);
    return isServed ? this.resources.pathOf(object) : undefined;
  }

  async get(path: string): Promise<WithConditions | undefined> {
    return orMissing(this.client.request<WithConditions>('GET', path, this.options));
  }

  /** @param looked the object that was looked at: one that somebody has made anew since is left alone */
  async delete(path: string, { metadata }: ObjectMetadata): Promise<void> {
    const body = { propagationPolicy: 'Background', preconditions: { uid: metadata.uid } };
    await orMissing(this.client.request('DELETE', path, { body, ...this.options }));
  }

  async clearFinalizers(path: string): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const body = { metadata: { finalizers: null } };
    await orMissing(this.client.request('PATCH', path, { contentType, body, ...this.options }));
  }

  /** Why an object that is being deleted is still there, which a namespace says itself; undefined where it is gone. */
  async whyLeft(path: string): Promise<string | undefined> {
    const object = await this.get(path);
    if (object === undefined) return undefined;
    const messages = (object.status?.conditions ?? []).filter(({ status }) => status === 'True');
    const why = path.includes('/namespaces/') ? messages.map(({ message }) => message).join('; ') : '';
    return why === '' ? path : `${path} (${why})`;
  }

  private get options(): { readonly signal?: AbortSignal } {
    return this.signal === undefined ? {} : { signal: this.signal };
  }
}
