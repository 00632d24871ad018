/** Taking a testbed off a cluster again: its sets are pruned, clusters and hosts first, and nothing else is touched. */
import { TestbedError } from '../../lib/errors';
import { SIMULATED_KINDS } from '../../lib/kinds';
import { groupOf } from '../../lib/order';
import { Applier } from '../apply/apply';
import { applySetIdOf, mayHaveMembers, PART_OF_LABEL, type ApplySetName } from '../apply/apply-set';
import { deleteApplySetParent, finalizeNamespaces, terminating } from '../apply/remains';
import type { Operation } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import { removeFinalizers } from '../kubernetes/remove-finalizers';
import { collectionPath, RESTMapper } from '../kubernetes/rest-mapper';
import type { TestbedSets } from '../testbed/sets';
import { inParallel } from '../util/in-parallel';
import { waitFor } from '../util/wait-for';
import { listMetadata } from './metadata';
import { OwnedObjects } from './owned-objects';
import { deletePaused } from './delete-paused';

export interface UninstallOptions extends Operation {
  /** Says what keeps the hosts from being deleted by their simulator; undefined where nothing does. */
  readonly simulatorProblem: () => Promise<string | undefined>;
  /**
   * Says what keeps clusters from being deleted by their controllers.
   * @default - nothing does
   */
  readonly controllersProblem?: (() => Promise<string | undefined>) | undefined;
  /** How long each step may take without anything that goes, in milliseconds. @default 120000, and 300000 for clusters */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;
/** Machines are drained and hosts deprovisioned before the first cluster goes. */
const CLUSTERS_MS = 300_000;
/** What waits for nobody is gone when the API server says so. */
const AT_ONCE_MS = 1_000;
const IN_FLIGHT = 32;
/** Kinds whose finalizers a simulator clears. */
const SIMULATED: readonly (readonly [group: string, kind: string])[] = [
  ...SIMULATED_KINDS.map(({ apiVersion, kind }) => [groupOf(apiVersion), kind] as const),
  ['', 'Secret'],
];

/**
 * Deletes clusters with all that their controllers made for them, hosts, then their Secrets, then operators, Cluster API and
 * cert-manager, the CRDs and the namespaces: each while that is still there which has to clear its finalizers. Where nobody is
 * left to do so, the finalizers are taken off here, with a warning: the hosts are fake, and no machine is left running. CRDs
 * and namespaces in which others have something stay.
 *
 * @throws TestbedError (`timeout`) naming what does not go; running it again goes on
 */
export async function uninstall(client: KubernetesClient, sets: TestbedSets, options: UninstallOptions): Promise<void> {
  const { listener, signal, timeoutMs = TIMEOUT_MS } = options;
  await deleteClusters(client, sets.clusters, options);
  const applier = new Applier(client);
  const common = { pruneAll: true, listener, signal };
  const prune = (task: string, set: ApplySetName, pruneMs: number) =>
    applier.prune([], { task, set, pruneMs, ...common });

  const problem = await options.simulatorProblem();
  const pruneHosts = (ms: number) => prune('hosts deleted', sets.hosts, ms);
  // First the hosts may be stuck, and once they are gone their Secrets.
  for (let ms = problem === undefined ? timeoutMs : AT_ONCE_MS; ; ms = AT_ONCE_MS) {
    try {
      await pruneHosts(ms);
      break;
    } catch (error) {
      if (!(error instanceof TestbedError) || error.code !== 'timeout') throw error;
      const freed = await clearFinalizers(client, sets.hosts, signal);
      if (freed === 0) throw error;
      const detail = `${problem ?? error.message}; metal3-testbed removes the finalizers of ${freed} objects itself`;
      listener?.({ type: 'warning', task: 'hosts deleted', detail });
    }
  }
  await prune('platform deleted', sets.platform, timeoutMs);
  await finalizeNamespaces(client, sets.platform);
  await waitFor({ task: 'namespaces deleted', deadlineMs: timeoutMs, listener, signal }, () =>
    whyNamespacesStay(client, sets.platform),
  );
  for (const set of [sets.clusters, sets.hosts, sets.platform]) await deleteApplySetParent(client, set);
}

/** Deletes the clusters of a set, and waits until nothing is left of them. */
async function deleteClusters(client: KubernetesClient, set: ApplySetName, options: UninstallOptions): Promise<void> {
  const { listener, signal, controllersProblem, timeoutMs = CLUSTERS_MS } = options;
  if (!(await mayHaveMembers(client, set, signal))) return;
  const owned = new OwnedObjects(client, set, signal);
  // What is owned is known by its owners, as long as these are there.
  await owned.list();
  const task = 'clusters deleted';
  await deletePaused(client, set, signal);
  const problem = await controllersProblem?.();
  const applier = new Applier(client);
  const pruned = (pruneMs: number) => applier.prune([], { task, set, pruneMs, pruneAll: true, listener, signal });
  const gone = (deadlineMs: number) =>
    waitFor({ task: 'machines deleted', deadlineMs, listener, signal }, () => owned.describe());
  for (let ms = problem === undefined ? timeoutMs : AT_ONCE_MS, isLast = false; ; ms = timeoutMs, isLast = true) {
    try {
      await pruned(ms);
      return await gone(ms);
    } catch (error) {
      if (!(error instanceof TestbedError) || error.code !== 'timeout' || isLast) throw error;
      const freed = await owned.free();
      const detail = `${problem ?? error.message}; metal3-testbed deletes ${freed} objects itself, and removes their finalizers`;
      listener?.({ type: 'warning', task, detail });
    }
  }
}

/** Takes the finalizers off the members of a set that are being deleted. @returns how many had any */
async function clearFinalizers(client: KubernetesClient, set: ApplySetName, signal?: AbortSignal): Promise<number> {
  const mapper = new RESTMapper(client);
  const labelSelector = `${PART_OF_LABEL}=${applySetIdOf(set)}`;
  let cleared = 0;
  for (const [group, kind] of SIMULATED) {
    const resource = await mapper.lookForGroupKind(group, kind);
    if (resource === undefined) continue;
    const path = collectionPath(resource.apiVersion, resource.plural);
    const members = await listMetadata(client, path, { labelSelector, signal });
    const held = members.filter(
      ({ metadata }) => metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length > 0,
    );
    await inParallel(held, IN_FLIGHT, (object) => removeFinalizers(client, resource, object, { signal }), signal);
    cleared += held.length;
  }
  return cleared;
}

/** @returns what a namespace says itself of why it is not gone; undefined where all are */
async function whyNamespacesStay(client: KubernetesClient, set: ApplySetName): Promise<string | undefined> {
  const [namespace] = await terminating(client, applySetIdOf(set));
  if (namespace === undefined) return undefined;
  interface Status {
    readonly conditions?: readonly { readonly status: string; readonly message: string }[];
  }
  const { conditions = [] } = (namespace['status'] ?? {}) as Status;
  const messages = conditions.filter(({ status }) => status === 'True').map(({ message }) => message);
  return `Namespace ${namespace.metadata.name}${messages.length > 0 ? ` (${messages.join('; ')})` : ''}`;
}
