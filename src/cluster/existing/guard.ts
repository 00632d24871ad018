/**
 * Keeps a testbed off clusters that were not made for tests. A testbed installs CRDs and webhooks for a whole cluster, and
 * an operator in test mode takes every host it sees for a fake one: on a cluster that manages real machines that is an
 * outage. Naming the context is the first confirmation; what follows are signs that the wrong one was named.
 */
import { invalidInput } from '../../../lib/errors';
import type { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../../apply/apply-set';
import { isShared } from '../../apply/refusals';
import type { Listener } from '../../util/events';
import { listMetadata, type ObjectMetadata } from '../../install/metadata';
import { ApiError } from '../../kubernetes/api-error';
import { type KubernetesClient } from '../../kubernetes/client';
import { metadataOnly } from '../../kubernetes/metadata-only';
import { describeObject, type KubernetesObject } from '../../kubernetes/objects';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath, groupKindOf, itemPath, RESTMapper } from '../../kubernetes/rest-mapper';
import { SIMULATED_KINDS, type Kind } from '../../../lib/kinds';
import type { DescribedObjects } from '../../testbed/described';
import type { TestbedSets } from '../../testbed/sets';
import { objectsPath } from '../../watch/paths';

/** Clusters for tests are small; one that somebody works on seldom is. */
const MOST_NODES = 5;
const SHOWN = 3;
/** As a word of its own: `prod-eu`, `eu.live`, and not `product-demo`. */
const PRODUCTION = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i;

export interface GuardOptions {
  readonly context: string;
  /** The name that was repeated to confirm that this cluster is meant; undefined for none. */
  readonly confirmed: string | undefined;
  readonly fleets: readonly Fleet[];
  /** @default - no clusters */
  readonly clusters?: DescribedObjects | undefined;
  /** What it puts there besides. */
  readonly platform: readonly KubernetesObject[];
  readonly sets: TestbedSets;
  /** Whether hosts of others may be taken over. */
  readonly takeOverHosts: boolean;
  readonly listener?: Listener | undefined;
}

/**
 * @throws TestbedError (`invalid-input`): for hosts of others, unless they may be taken over; for objects of others in the
 * place of its own; for a name that looks like production and for more nodes than a test takes, unless the context's name
 * was repeated. Nothing is written.
 */
export async function guardCluster(client: KubernetesClient, options: GuardOptions): Promise<void> {
  const { context, confirmed, fleets, clusters, platform, sets, takeOverHosts, listener } = options;
  requireConfirmed(options);
  await refuseSameNames(client, sets.hosts, fleets);
  if (clusters !== undefined) await refuseSameClusters(client, sets.clusters, clusters);
  await refuseOthersPlatform(client, sets.platform, platform);
  await guardOthersHosts(client, { hosts: sets.hosts, takeOver: takeOverHosts, listener });
  await guardContext(client, { context, confirmed });
}

function requireConfirmed({ context, confirmed }: Pick<GuardOptions, 'confirmed' | 'context'>): void {
  if (confirmed === undefined || confirmed === context) return;
  throw invalidInput(
    `--yes-this-cluster says '${confirmed}', and the context is '${context}': they must be the same, to confirm that this cluster is meant`,
  );
}

/**
 * @throws TestbedError (`invalid-input`) for a name that looks like production and for more nodes than a test takes, unless the
 * context's name was repeated
 */
export async function guardContext(
  client: KubernetesClient,
  options: { readonly context: string; readonly confirmed?: string | undefined },
): Promise<void> {
  const { context, confirmed } = options;
  requireConfirmed({ context, confirmed });
  if (confirmed !== undefined) return;
  const signs = [...nameSigns(context, client.server), ...(await nodeSigns(client))];
  if (signs.length > 0) {
    throw invalidInput(
      `context '${context}' does not look like a cluster for tests: ${signs.join('; ')}. A testbed installs CRDs, webhooks and an operator for the whole cluster; if this one is meant, add --yes-this-cluster ${context}`,
    );
  }
}

/** What a testbed does about hosts that it did not make. */
export interface OthersHostsOptions {
  /** The set of the testbed's own hosts. */
  readonly hosts: ApplySetName;
  /** Whether it goes on all the same, and its simulator takes care of them too. */
  readonly takeOver: boolean;
  /** Told of them where it goes on. */
  readonly listener?: Listener | undefined;
}

/**
 * Looks for hosts that this testbed did not make. A simulator takes every host it sees for a fake one, and with another
 * operator it would fight over them.
 *
 * @throws TestbedError (`invalid-input`) naming the first, unless they may be taken over
 */
export async function guardOthersHosts(client: KubernetesClient, options: OthersHostsOptions): Promise<void> {
  for (const kind of SIMULATED_KINDS) await guardOthersOf(kind, client, options);
}

async function guardOthersOf(kind: Kind, client: KubernetesClient, options: OthersHostsOptions): Promise<void> {
  const objects = (await ignoreNotFound(othersIn(client, objectsPath(kind), options.hosts))) ?? [];
  if (objects.length === 0) return;
  const first = objects.slice(0, SHOWN).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const what = `${objects.length} ${kind.kind}s that this testbed did not make (${first.join(', ')}${objects.length > SHOWN ? ', …' : ''})`;
  if (options.takeOver) {
    const detail = `the cluster has ${what}: they are simulated too, and never deleted by this testbed`;
    options.listener?.({ type: 'warning', task: kind.noun.many, detail });
    return;
  }
  throw invalidInput(
    `the cluster has ${what}, which its simulator would take over as if they were fake: use another cluster, or, if that is what you want, add --take-over-hosts; this testbed never deletes them`,
  );
}

/** @throws TestbedError (`invalid-input`) for a host or Secret of somebody else's that has the name of one of ours */
export async function refuseSameNames(
  client: KubernetesClient,
  hosts: ApplySetName,
  fleets: readonly Fleet[],
): Promise<void> {
  const namespaces = [...new Set(fleets.flatMap((fleet) => fleet.namespaces()))];
  const foreign = new Set<string>();
  for (const namespace of namespaces) {
    for (const [kind, path] of [
      ['Secret', collectionPath('v1', 'secrets', namespace)],
      ...SIMULATED_KINDS.map((each) => [each.kind, objectsPath(each, namespace)] as const),
    ] as const) {
      for (const { metadata } of (await ignoreNotFound(othersIn(client, path, hosts))) ?? [])
        foreign.add(`${kind} ${namespace}/${metadata.name}`);
    }
  }
  // Most namespaces have none, and then a million hosts need not be gone through.
  if (foreign.size === 0) return;
  for (const fleet of fleets) {
    for (const host of fleet.hosts()) {
      for (const { kind, metadata } of fleet.objectsOf(host) as readonly object[] as readonly KubernetesObject[]) {
        const name = `${kind} ${metadata.namespace ?? host.namespace}/${metadata.name}`;
        if (!foreign.has(name)) continue;
        throw invalidInput(
          `the cluster has a ${name} that this testbed did not create and that a host would overwrite: give the hosts other names, or another namespace`,
        );
      }
    }
  }
}

/** @throws TestbedError (`invalid-input`) for a Cluster, Secret or the like of somebody else's that has the name of one of ours */
export async function refuseSameClusters(
  client: KubernetesClient,
  set: ApplySetName,
  clusters: DescribedObjects,
): Promise<void> {
  const mapper = new RESTMapper(client);
  const foreign = new Map<string, Promise<ReadonlySet<string>>>();
  const foreignOf = async (object: KubernetesObject): Promise<ReadonlySet<string>> => {
    // What is not served yet has no objects.
    const resource = await mapper.lookFor(object.apiVersion, object.kind);
    if (resource === undefined) return new Set();
    const path = collectionPath(resource.apiVersion, resource.plural);
    const others = (await ignoreNotFound(othersIn(client, path, set))) ?? [];
    return new Set(others.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  };
  for (const object of clusters.objects()) {
    const { apiVersion, kind, metadata } = object;
    const groupKind = groupKindOf({ apiVersion, kind });
    const others = foreign.get(groupKind) ?? foreignOf(object);
    foreign.set(groupKind, others);
    if (!(await others).has(`${metadata.namespace ?? 'default'}/${metadata.name}`)) continue;
    throw invalidInput(
      `the cluster has a ${describeObject(object)} that this testbed did not create and that its clusters would overwrite: give the clusters other names, or another namespace`,
    );
  }
}

/**
 * Looks for what a testbed would put onto the cluster and is there already. Namespaces and leases are shared; all else is
 * somebody else's.
 *
 * @throws TestbedError (`invalid-input`) naming the first
 */
async function refuseOthersPlatform(
  client: KubernetesClient,
  platform: ApplySetName,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const mapper = new RESTMapper(client);
  const own = applySetIdOf(platform);
  const foreign: KubernetesObject[] = [];
  for (const object of objects) {
    if (isShared(object)) continue;
    const resource = await mapper.lookFor(object.apiVersion, object.kind);
    if (resource === undefined) continue;
    const path = itemPath(resource, object.metadata.namespace, object.metadata.name);
    const accept = metadataOnly('PartialObjectMetadata');
    const found = await ignoreNotFound(client.request<KubernetesObject>('GET', path, { accept }));
    if (found !== undefined && found.metadata.labels?.[PART_OF_LABEL] !== own) foreign.push(object);
  }
  if (foreign.length === 0) return;
  const named = foreign.slice(0, 5).map(describeObject).join(', ');
  throw invalidInput(
    `the cluster has ${foreign.length} objects already that this testbed would create and did not create: ${named}${foreign.length > 5 ? ', …' : ''}; if it has its own cert-manager, set installCertManager: false; if it has BMO's CRDs, set operators[].crds: false; otherwise use another cluster`,
  );
}

/** What of a collection does not belong to a set. */
function othersIn(client: KubernetesClient, path: string, set: ApplySetName): Promise<readonly ObjectMetadata[]> {
  return listMetadata(client, path, { labelSelector: `${PART_OF_LABEL}!=${applySetIdOf(set)}` });
}

function nameSigns(context: string, server: string): string[] {
  return [context, new URL(server).hostname]
    .filter((name) => PRODUCTION.test(name))
    .map((name) => `its name '${name}' looks like production`);
}

async function nodeSigns(client: KubernetesClient): Promise<string[]> {
  try {
    const nodes = await listMetadata(client, collectionPath('v1', 'nodes'));
    return nodes.length > MOST_NODES ? [`it has ${nodes.length} nodes, more than ${MOST_NODES}`] : [];
  } catch (error) {
    if (error instanceof ApiError && error.status === 403)
      return ['its nodes may not be listed, so its size is unknown'];
    throw error;
  }
}
