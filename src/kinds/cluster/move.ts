import { TestbedError } from '../../../lib/errors';
import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import { isAtLeast } from '../../../lib/version';
import type { KubernetesClient } from '../../kubernetes/client';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { namespaceObject } from '../../kubernetes/objects';
import { pagesOf } from '../../kubernetes/pages';
import { askAndWait, keyOf, untilArrived } from '../../scenario/arrivals';
import { forEachRateLimited } from '../../scenario/rate-limited';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { claimHosts } from '../bare-metal-host/own-hosts';
import { selectedClusters } from './change-clusters';
import { prepare } from './create';
import { moveNamespace } from './moving/move-namespace';

/** Namespaces that are moved at the same time. */
const IN_FLIGHT = 4;
const PROVIDERS = '/apis/clusterctl.cluster.x-k8s.io/v1alpha3/providers';

/** Moves clusters to the management cluster of another description, and waits until they are gone here, and well there. */
export const move: StepAction<'move'> = async (step, run) => {
  const { props, name: task, timeoutMs, mayFail } = step;
  const { signal, live } = run;
  const clusters = selectedClusters(props, run);
  const targets = clusters.map(({ cluster }) => cluster);
  const deadline = performance.now() + timeoutMs;
  if (run.peers === undefined) throw new RangeError('clusters are moved between the descriptions of one run');
  const target: ScenarioRun = { ...(await run.peers.arrived(props.to)), listener: run.listener, signal };
  await requireProviders(live.client, target.live.client, props.to);
  const asked = new Map<string, number>();
  let retries = 0;
  const byNamespace = Map.groupBy(targets, ({ namespace }) => namespace);
  const common = { kind: clusterKind, task, mayFail };
  const ask = async () => {
    const shared = [...new Set(clusters.map(({ plan }) => plan))].flatMap((plan) => plan.sharedObjects());
    // That of a class is described with clusters, of which the other description need not have any.
    const namespaces = new Set([...byNamespace.keys(), ...shared.flatMap(({ metadata }) => metadata.namespace ?? [])]);
    await target.live.applier.apply([...namespaces].map(namespaceObject), { task, signal });
    await prepare(clusters, task, target);
    const fleets = [...new Set(clusters.flatMap(({ plan }) => plan.hosts ?? []))];
    await claimHosts(target.live, fleets, signal);
    await forEachRateLimited(
      byNamespace,
      { perSecond: props.perSecond, inFlight: IN_FLIGHT, signal },
      async ([namespace, some]) => {
        for (const each of some) asked.set(keyOf(each), performance.now());
        const sides = { from: live.client, to: target.live.client };
        await moveNamespace({ namespace, ...sides, signal, onRetry: () => void retries++ });
      },
    );
  };
  const isGone = (cluster: object | undefined) => cluster === undefined;
  const left = await askAndWait(run, targets, { ...common, timeoutMs, isThere: isGone }, ask);
  const isThere = (cluster: ObservedCluster | undefined) => cluster !== undefined && isWell(cluster);
  const leftMs = Math.max(0, deadline - performance.now());
  const arrivals = await untilArrived(target, targets, { ...common, timeoutMs: leftMs, isThere });
  const goal = { field: 'gone', word: 'gone' } as const;
  return {
    ...arrivals,
    late: [...left.late, ...arrivals.late],
    // What is timed is how long they take to go.
    pending: left.pending,
    ...{ kind: clusterKind.kind, asked, goal, objects: targets.length, retries },
  };
};

interface Provider {
  readonly metadata: { readonly name: string };
  readonly version: string;
}

/** @throws TestbedError (`cluster`) naming what is missing on the other side, or is older there */
async function requireProviders(from: KubernetesClient, to: KubernetesClient, name: string): Promise<void> {
  const list = async (client: KubernetesClient) => {
    const versions = new Map<string, string>();
    for await (const { items } of pagesOf<Provider>(client, PROVIDERS))
      for (const { metadata, version } of items) versions.set(metadata.name, version);
    return versions;
  };
  const [ours, theirs] = await Promise.all(
    [from, to].map(async (each) => (await ignoreNotFound(list(each))) ?? new Map<string, string>()),
  );
  for (const [provider, version] of ours!) {
    const other = theirs!.get(provider);
    if (other === undefined || !isAtLeast(other, version))
      throw new TestbedError(
        'cluster',
        `not moved: ${name} has ${other === undefined ? 'no' : `${other} of`} ${provider}, and it is ${version} here: give it the same release in clusterApi`,
      );
  }
}
