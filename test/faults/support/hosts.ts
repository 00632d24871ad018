import assert from 'node:assert/strict';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { PART_OF_LABEL } from '../../../src/apply/apply-set';
import type { KubernetesClient } from '../../../src/kubernetes/client';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { pagesOf } from '../../../src/kubernetes/pages';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';
import { HOSTS_PATH } from '../../support/hosts';

/** Hosts and Secrets of a fleet, one after the other. */
export function* objectsOf(fleet: Fleet): Generator<KubernetesObject> {
  for (const host of fleet.hosts()) yield* fleet.objectsOf(host) as unknown as KubernetesObject[];
}

export function fleetOf(name: string, count: number): Fleet {
  return new Fleet({ name, count, labels: { fleet: name } });
}

/** @returns how many hosts of a fleet are there, each with its Secret, exactly as described; more than that fails */
export async function countExact(client: KubernetesClient, fleet: Fleet): Promise<number> {
  const hosts = await listOf(client, HOSTS_PATH, fleet);
  const secrets = await listOf(client, collectionPath('v1', 'secrets'), fleet);
  let exact = 0;
  for (const host of fleet.hosts()) {
    const [secret, manifest] = fleet.objectsOf(host) as unknown as [KubernetesObject, KubernetesObject];
    if (isSame(secrets.get(secret.metadata.name), secret) && isSame(hosts.get(host.name), manifest)) exact++;
    secrets.delete(secret.metadata.name);
    hosts.delete(host.name);
  }
  assert.deepEqual([...hosts.keys(), ...secrets.keys()], [], 'objects that were never described');
  return exact;
}

async function listOf(client: KubernetesClient, path: string, fleet: Fleet): Promise<Map<string, KubernetesObject>> {
  const found = new Map<string, KubernetesObject>();
  for await (const { items } of pagesOf<KubernetesObject>(client, path)) {
    for (const item of items) if (item.metadata.name.startsWith(`${fleet.name}-`)) found.set(item.metadata.name, item);
  }
  return found;
}

/** Whether an object says what was described, and beside that nothing but what the API server and the set add. */
function isSame(live: KubernetesObject | undefined, described: KubernetesObject): boolean {
  if (live === undefined) return false;
  const { [PART_OF_LABEL]: _, ...labels } = live.metadata.labels ?? {};
  // Items of a list do not say what they are.
  const { metadata: __, ...rest } = live;
  const { metadata: ___, ...wanted } = described;
  const spec =
    live.kind === 'Secret' || rest['spec'] === undefined ? {} : { spec: withoutDefaults(rest['spec'] as object) };
  try {
    assert.deepEqual({ ...rest, ...spec, apiVersion: wanted.apiVersion, kind: wanted.kind }, wanted);
    assert.deepEqual(labels, described.metadata.labels ?? {});
    assert.deepEqual(live.metadata.annotations ?? {}, described.metadata.annotations ?? {});
    return true;
  } catch {
    return false;
  }
}

/** Without what the CRD itself fills in where nothing is given. */
function withoutDefaults({ automatedCleaningMode: _, ...spec }: { automatedCleaningMode?: string }): object {
  return spec;
}
