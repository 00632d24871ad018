/** What clusters that are gone have left. */
import { CLUSTER_NAME_LABEL } from '../../../lib/kinds/cluster/api-groups';
import { clusterKind } from '../../../lib/kinds/cluster/kind';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import { applySetIdOf, PART_OF_LABEL } from '../../apply/apply-set';
import { listMetadata } from '../../install/metadata';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { keyOf } from '../../scenario/arrivals';
import { forEachRateLimited } from '../../scenario/rate-limited';
import type { ScenarioRun } from '../../scenario/scenario-run';
import { until } from '../../util/until';

/** What a garbage collector is given; an embedded control plane may have none. */
const WAIT_MS = 60_000;
const ASK_MS = 500;

interface Left {
  readonly path: string;
  readonly uid: string;
  readonly isOwn: boolean;
  readonly isDeleting: boolean;
}

/**
 * Deletes what was described of clusters and belongs to none of their objects, and waits until all that carries their names is
 * gone, such as the Secrets that Cluster API made: clusters that are made anew would take them for theirs, and lose them.
 */
export async function deleteLeftovers(clusters: readonly SelectedCluster[], run: ScenarioRun): Promise<void> {
  if (clusters.length === 0) return;
  const paths = await pathsOf(clusters, run);
  const gone = new Set(clusters.map(({ cluster }) => keyOf(cluster)));
  const asked = new Set<string>();
  const isAllGone = async () => {
    const left = await leftOf(paths, gone, run);
    const own = left.filter(({ uid, isOwn, isDeleting }) => isOwn && !isDeleting && !asked.has(uid));
    await forEachRateLimited(own, { signal: run.signal }, async ({ path, uid }) => {
      asked.add(uid);
      // One that somebody has made anew since is left alone.
      const body = { preconditions: { uid } };
      await ignoreNotFound(run.live.client.request('DELETE', path, { body, signal: run.signal }));
    });
    return left.length === 0;
  };
  await until(isAllGone, { deadlineMs: WAIT_MS, everyMs: ASK_MS, signal: run.signal });
}

/** Of all kinds that the clusters are described with, and Secrets, which Cluster API makes besides. */
async function pathsOf(clusters: readonly SelectedCluster[], { live }: ScenarioRun): Promise<readonly string[]> {
  const kinds = new Map<string, string>();
  for (const { plan, cluster } of clusters)
    for (const { apiVersion, kind } of plan.describedBy(cluster)) kinds.set(kind, apiVersion);
  kinds.delete(clusterKind.kind);
  const paths = [collectionPath('v1', 'secrets')];
  for (const [kind, apiVersion] of kinds) {
    const resource = await live.applier.mapper.lookFor(apiVersion, kind);
    if (resource !== undefined) paths.push(collectionPath(resource.apiVersion, resource.plural));
  }
  return paths;
}

async function leftOf(
  paths: readonly string[],
  gone: ReadonlySet<string>,
  { live, signal }: ScenarioRun,
): Promise<readonly Left[]> {
  const id = applySetIdOf(live.sets.clusters);
  const left: Left[] = [];
  for (const path of paths) {
    const items = await ignoreNotFound(listMetadata(live.client, path, { labelSelector: CLUSTER_NAME_LABEL, signal }));
    for (const { metadata } of items ?? []) {
      const { namespace = '', name, uid = '', labels = {}, deletionTimestamp } = metadata;
      if (!gone.has(`${namespace}/${labels[CLUSTER_NAME_LABEL]}`)) continue;
      const [plural, ...rest] = path.split('/').toReversed();
      left.push({
        path: `${rest.toReversed().join('/')}/namespaces/${namespace}/${plural}/${name}`,
        uid,
        isOwn: labels[PART_OF_LABEL] === id,
        isDeleting: deletionTimestamp !== undefined,
      });
    }
  }
  return left;
}
