/** What `up` has put onto a cluster that it does not own, kept in the state folder for `down`. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { type KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { orMissing } from '../kubernetes/or-missing';
import { Resources } from '../kubernetes/resources';
import { writeFileAtomicSync } from '../util/atomic-file';

/** What is to be taken off again. */
export interface Inventory {
  /** Objects that were made, and nothing that was there before. */
  readonly objects: readonly KubernetesObject[];
  /** Namespaces in which hosts and their Secrets were made. */
  readonly hostNamespaces: readonly string[];
  /** What the controllers make outside their own namespaces: the leases by which they agree on who works. */
  readonly leases?: readonly KubernetesObject[];
}

/** Written before anything is applied, so that what an interrupted `up` leaves can be taken off. */
export function writeInventory(stateDir: string, inventory: Inventory): void {
  const objects = inventory.objects.map(identify);
  writeFileAtomicSync(fileOf(stateDir), `${JSON.stringify({ ...inventory, objects }, undefined, 1)}\n`);
}

export function readInventory(stateDir: string): Inventory {
  const file = fileOf(stateDir);
  if (!existsSync(file)) return { objects: [], hostNamespaces: [] };
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Inventory;
  } catch (error) {
    throw new TestbedError('environment', `${file} is no JSON: run 'metal3-testbed up' again, which writes it anew`, {
      cause: error,
    });
  }
}

export function deleteInventory(stateDir: string): void {
  rmSync(fileOf(stateDir), { force: true });
}

/**
 * What of a description is to be made, and is to be deleted one day: all that is not on the cluster yet, and what an
 * earlier `up` made. A namespace that exists is used, and stays.
 *
 * @param known what an earlier `up` wrote down
 * @throws TestbedError (`invalid-input`) naming what exists already and is somebody else's; nothing is written
 */
export async function planInventory(
  client: KubernetesClient,
  objects: readonly KubernetesObject[],
  hostNamespaces: readonly string[],
  known: Inventory,
): Promise<Inventory> {
  const resources = new Resources(client);
  const keys = new Set(known.objects.map(keyOf));
  const kinds = new Map<string, boolean>();
  const made: KubernetesObject[] = [];
  const foreign: KubernetesObject[] = [];
  for (const object of objects) {
    const kind = `${object.apiVersion}/${object.kind}`;
    if (!kinds.has(kind)) kinds.set(kind, await resources.has(object));
    if (keys.has(keyOf(object)) || !kinds.get(kind) || !(await exists(client, await resources.pathOf(object))))
      made.push(object);
    else if (object.kind !== 'Namespace') foreign.push(object);
  }
  if (foreign.length > 0) {
    const named = foreign.slice(0, 5).map(describeObject).join(', ');
    throw invalidInput(
      `the cluster has ${foreign.length} objects already that the testbed would make, and they are not the testbed's: ${named}${foreign.length > 5 ? ', …' : ''}; where it has a cert-manager of its own, set installCertManager: false, where it has BMO's CRDs, set operators[].crds: false, or take another cluster`,
    );
  }
  const current = new Set(made.map(keyOf));
  const leases: KubernetesObject[] = [];
  for (const lease of made.flatMap(leasesNamedBy)) {
    const isKnown = known.leases?.some((each) => keyOf(each) === keyOf(lease)) === true;
    if (isKnown || !(await exists(client, await resources.pathOf(lease)))) leases.push(lease);
  }
  return {
    // What an earlier description had stays written down until it is deleted.
    objects: [...made, ...known.objects.filter((object) => !current.has(keyOf(object)))],
    hostNamespaces: [...new Set([...hostNamespaces, ...known.hostNamespaces])],
    ...(leases.length > 0 && { leases }),
  };
}

/** A Role that lets somebody keep a lease says the lease's name. */
function leasesNamedBy({ kind, metadata, ...role }: KubernetesObject): readonly KubernetesObject[] {
  if (kind !== 'Role') return [];
  interface Rule {
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }
  const { namespace = 'default' } = metadata;
  return ((role['rules'] ?? []) as readonly Rule[])
    .filter(({ resources = [] }) => resources.includes('leases'))
    .flatMap(({ resourceNames = [] }) => resourceNames)
    .map((name) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } }));
}

async function exists(client: KubernetesClient, path: string): Promise<boolean> {
  return (await orMissing(client.request('GET', path))) !== undefined;
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name]);
}

/** Only what it takes to find an object again. */
function identify(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  const spec = object['spec'] as CrdSpec | undefined;
  return {
    ...{ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } },
    ...(kind === 'CustomResourceDefinition' &&
      spec !== undefined && {
        spec: {
          group: spec.group,
          names: { kind: spec.names.kind, plural: spec.names.plural },
          versions: spec.versions.map(({ name }) => ({ name })),
        },
      }),
  };
}

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string }[];
}

function fileOf(stateDir: string): string {
  return join(stateDir, 'inventory.json');
}
