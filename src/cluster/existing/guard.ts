/**
 * Keeps a testbed off clusters that were not made for tests. A testbed installs CRDs and webhooks for a whole cluster, and
 * an operator in test mode takes every host it sees for a fake one: on a cluster that manages real machines that is an
 * outage. Naming the context is the first confirmation; what follows are signs that the wrong one was named.
 */
import { invalidInput } from '../../../lib/errors';
import type { Fleet } from '../../../lib/baremetal-host/fleet';
import { FIELD_MANAGER } from '../../apply/apply';
import { isWrittenBy, listMetadata } from '../../install/metadata';
import { ApiError } from '../../kubernetes/api-error';
import { type KubernetesClient } from '../../kubernetes/client';
import type { KubernetesObject } from '../../kubernetes/objects';
import { orMissing } from '../../kubernetes/or-missing';
import { collectionPath } from '../../kubernetes/resources';
import { bareMetalHostKind } from '../../../lib/baremetal-host/kind';
import { objectsPath } from '../../watch/paths';

/** Clusters for tests are small; one that somebody works on seldom is. */
const MOST_NODES = 5;
/** As a word of its own: `prod-eu`, `eu.live`, and not `product-demo`. */
const PRODUCTION = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i;

export interface GuardOptions {
  readonly context: string;
  /** The name that was repeated to confirm that this cluster is meant; undefined for none. */
  readonly confirmed: string | undefined;
  readonly fleets: readonly Fleet[];
}

/**
 * @throws TestbedError (`invalid-input`): for hosts and Secrets of others, whatever is confirmed; for a name that looks like
 * production and for more nodes than a test takes, unless the context's name was repeated. Nothing is written.
 */
export async function guardCluster(client: KubernetesClient, options: GuardOptions): Promise<void> {
  const { context, confirmed, fleets } = options;
  if (confirmed !== undefined && confirmed !== context) {
    throw invalidInput(
      `--yes-this-cluster says '${confirmed}', and the context is '${context}': they must be the same, to confirm that this cluster is meant`,
    );
  }
  await refuseOthersHosts(client);
  await refuseOthersSecrets(client, fleets);
  if (confirmed !== undefined) return;
  const signs = [...nameSigns(context, client.server), ...(await nodeSigns(client))];
  if (signs.length > 0) {
    throw invalidInput(
      `context '${context}' does not look like a cluster for tests: ${signs.join('; ')}. A testbed installs CRDs, webhooks and an operator for the whole cluster; if this one is meant, add --yes-this-cluster ${context}`,
    );
  }
}

/** Never confirmed away: two operators would fight over them, and in test mode ours would take them for fake. */
async function refuseOthersHosts(client: KubernetesClient): Promise<void> {
  const hosts = ((await orMissing(listMetadata(client, objectsPath(bareMetalHostKind)))) ?? []).filter(
    (host) => !isWrittenBy(host, FIELD_MANAGER),
  );
  const [first] = hosts;
  if (first === undefined) return;
  throw invalidInput(
    `the cluster has ${hosts.length} BareMetalHosts of others (${first.metadata.namespace}/${first.metadata.name}), which a testbed's operator would take for its own: use another cluster`,
  );
}

async function refuseOthersSecrets(client: KubernetesClient, fleets: readonly Fleet[]): Promise<void> {
  const namespaces = [...new Set(fleets.flatMap((fleet) => fleet.namespaces()))];
  const foreign = new Set<string>();
  for (const namespace of namespaces) {
    const secrets = await listMetadata(client, collectionPath('v1', 'secrets', namespace));
    for (const secret of secrets)
      if (!isWrittenBy(secret, FIELD_MANAGER)) foreign.add(`${namespace}/${secret.metadata.name}`);
  }
  // Most namespaces have none, and then a million hosts need not be gone through.
  if (foreign.size === 0) return;
  for (const fleet of fleets) {
    for (const host of fleet.hosts()) {
      for (const { kind, metadata } of fleet.objectsOf(host) as readonly object[] as readonly KubernetesObject[]) {
        const name = `${metadata.namespace ?? host.namespace}/${metadata.name}`;
        if (kind !== 'Secret' || !foreign.has(name)) continue;
        throw invalidInput(
          `the cluster has a Secret ${name} of somebody else's, which a host would overwrite: name the hosts otherwise, or give them another namespace`,
        );
      }
    }
  }
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
