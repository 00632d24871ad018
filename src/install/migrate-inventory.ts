/**
 * Earlier versions wrote down in the state folder what they put onto a cluster that was there before, and gave no label to
 * it. What is written down there is given its label, once; from then on the label alone counts.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import { ApplySet, applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../apply/apply-set';
import type { KubernetesClient } from '../kubernetes/client';
import { metadataOnly } from '../kubernetes/metadata-only';
import type { KubernetesObject } from '../kubernetes/objects';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath, groupKindOf, itemPath, RESTMapper, type Resource } from '../kubernetes/rest-mapper';
import type { TestbedSets } from '../testbed/sets';
import { inParallel } from '../util/in-parallel';
import { isMap } from '../util/is-map';
import { damaged, readJsonFile } from '../util/read-json-file';
import { listMetadata, type ObjectMetadata } from './metadata';

interface Inventory {
  /** What was made, and nothing that was there before. */
  readonly objects: readonly KubernetesObject[];
  /** Namespaces in which hosts and their Secrets were made. */
  readonly hostNamespaces: readonly string[];
  readonly leases?: readonly KubernetesObject[];
}

/** The set of the hosts of every testbed of an earlier version. */
const FORMER_HOSTS: ApplySetName = { name: 'testbed-hosts' };
const FORMER_KINDS = [
  ['metal3.io', 'BareMetalHost'],
  ['', 'Secret'],
] as const;
const IN_FLIGHT = 16;

/** @returns undefined where no earlier version has been there @throws TestbedError (`environment`) for a damaged file */
export function readInventory(stateDir: string): Inventory | undefined {
  const file = fileOf(stateDir);
  const inventory = readJsonFile(file);
  if (inventory === undefined) return undefined;
  const isObject = (each: unknown) =>
    isMap(each) &&
    ['apiVersion', 'kind'].every((key) => typeof each[key] === 'string') &&
    isMap(each['metadata']) &&
    typeof each['metadata']['name'] === 'string';
  const isListOf = (value: unknown, is: (each: unknown) => boolean) => Array.isArray(value) && value.every(is);
  const isInventory =
    isMap(inventory) &&
    isListOf(inventory['objects'], isObject) &&
    isListOf(inventory['hostNamespaces'], (each) => typeof each === 'string') &&
    (inventory['leases'] === undefined || isListOf(inventory['leases'], isObject));
  if (!isInventory) throw damaged(file);
  return inventory as unknown as Inventory;
}

/** Makes what an earlier version wrote down members of the testbed's sets. Running it again goes on. */
export async function migrateInventory(
  client: KubernetesClient,
  stateDir: string,
  sets: TestbedSets,
  signal?: AbortSignal,
): Promise<void> {
  const inventory = readInventory(stateDir);
  if (inventory === undefined) return;
  const migration = new Migration(client, signal);
  const { objects, leases = [], hostNamespaces } = inventory;
  const isParent = ({ kind, metadata }: KubernetesObject) =>
    kind === 'ConfigMap' && metadata.name === FORMER_HOSTS.name;
  await migration.label(
    [...objects, ...leases].filter((object) => !isParent(object)),
    sets.platform,
  );
  await migration.move(hostNamespaces, sets.hosts);
  if (objects.some(isParent)) await migration.deleteFormerParent();
  rmSync(fileOf(stateDir), { force: true });
}

class Migration {
  private readonly mapper: RESTMapper;

  constructor(
    private readonly client: KubernetesClient,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.mapper = new RESTMapper(client);
  }

  async label(objects: readonly KubernetesObject[], name: ApplySetName): Promise<void> {
    const set = await this.open(name);
    for (const object of objects) {
      const resource = await this.mapper.lookFor(object.apiVersion, object.kind);
      if (resource === undefined) continue;
      const path = itemPath(resource, object.metadata.namespace, object.metadata.name);
      const accept = metadataOnly('PartialObjectMetadata');
      const found = await ignoreNotFound(
        this.client.request<ObjectMetadata>('GET', path, { accept, signal: this.signal }),
      );
      if (found === undefined || !wasMade(resource, found)) continue;
      await this.join(set, resource, found);
    }
  }

  /** Takes the hosts and Secrets of the testbed's namespaces out of the set that all testbeds shared. */
  async move(namespaces: readonly string[], name: ApplySetName): Promise<void> {
    const set = await this.open(name);
    for (const resource of await this.formerKinds()) {
      for (const namespace of namespaces) {
        const members = await this.formerMembers(resource, namespace);
        const [first, ...rest] = members;
        // The parent learns of the kind and the namespace with the first.
        if (first !== undefined) await this.join(set, resource, first);
        await inParallel(rest, IN_FLIGHT, (member) => this.join(set, resource, member), this.signal);
      }
    }
  }

  /** Unless another testbed of an earlier version still has members in it. */
  async deleteFormerParent(): Promise<void> {
    for (const resource of await this.formerKinds()) if ((await this.formerMembers(resource)).length > 0) return;
    const path = `${collectionPath('v1', 'configmaps', 'default')}/${FORMER_HOSTS.name}`;
    await ignoreNotFound(this.client.request('DELETE', path, { signal: this.signal }));
  }

  /** What the set that all testbeds shared has members of, where the cluster has it. */
  private async formerKinds(): Promise<readonly Resource[]> {
    const kinds = [];
    for (const [group, kind] of FORMER_KINDS) kinds.push(await this.mapper.lookForGroupKind(group, kind));
    return kinds.filter((resource) => resource !== undefined);
  }

  /** Members of that set. @param namespace where it is looked for them; everywhere where there is none */
  private formerMembers(resource: Resource, namespace?: string): Promise<readonly ObjectMetadata[]> {
    const path = collectionPath(resource.apiVersion, resource.plural, namespace);
    const labelSelector = `${PART_OF_LABEL}=${applySetIdOf(FORMER_HOSTS)}`;
    return listMetadata(this.client, path, { labelSelector, signal: this.signal });
  }

  private async open(name: ApplySetName): Promise<ApplySet> {
    const set = new ApplySet(this.client, name, FIELD_MANAGER);
    await set.read(this.signal);
    return set;
  }

  private async join(set: ApplySet, resource: Resource, { metadata }: ObjectMetadata): Promise<void> {
    const { namespace, name, uid } = metadata;
    await set.grow([groupKindOf(resource)], namespace === undefined ? [] : [namespace], this.signal);
    await ignoreNotFound(
      this.client.request('PATCH', itemPath(resource, namespace, name), {
        query: { fieldManager: FIELD_MANAGER },
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid, labels: set.label } },
        signal: this.signal,
      }),
    );
  }
}

/**
 * Whether an object is still the one that was written down: somebody may have made another of its name since. Leases are
 * made by the controllers, and a namespace without a field of its own keeps no record of who wrote it.
 */
function wasMade({ kind }: Resource, { metadata }: ObjectMetadata): boolean {
  const { labels = {}, managedFields = [] } = metadata;
  if (labels[PART_OF_LABEL] !== undefined) return false;
  if (kind === 'Lease' || managedFields.length === 0) return true;
  return managedFields.some(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply');
}

function fileOf(stateDir: string): string {
  return join(stateDir, 'inventory.json');
}
