/**
 * Makes clusters that are available from the beginning: of each shape one is brought up, and what it then consists of is
 * recorded; all others are written as they would be by now if they had been brought up too.
 */
import { randomBytes } from 'node:crypto';
import { seeded } from '../../../../lib/kinds/bare-metal-host/seeded-status';
import { TestbedError } from '../../../../lib/errors';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import { shapesOf, type ClusterShape } from '../../../../lib/kinds/cluster/shapes';
import type { SelectedCluster } from '../../../../lib/scenario/select-clusters';
import type { KubernetesObject } from '../../../kubernetes/objects';
import { keyOf, type Target } from '../../../scenario/arrivals';
import { watchOf, type ScenarioRun } from '../../../scenario/scenario-run';
import { Room } from '../../../testbed/in-turns';
import { inParallel } from '../../../util/in-parallel';
import { pause } from '../../../util/pause';
import { asOwn as asOwnHost, claimHosts } from '../../bare-metal-host/own-hosts';
import { likenessOf, type Likeness } from './likeness';
import { placementOf, type PlacedHost } from './placement';
import { recordCluster, type Recording } from './recording';
import { writeLikeness } from './write-likeness';

/** Written at the same time. */
const IN_FLIGHT = 4;
/** How long none of them may come to be available before the others are written all the same. */
const PATIENCE_MS = 60_000;

export interface SeedClusters {
  readonly task: string;
  readonly perSecond: number | undefined;
  /** On the clock of performance.now(). */
  readonly deadline: number;
  /** Brings clusters up. */
  readonly make: (some: readonly SelectedCluster[]) => Promise<void>;
  /** Told before a cluster is written. */
  readonly onAsked: (target: Target) => void;
  readonly onRetry: () => void;
  readonly isThere: (target: Target) => boolean;
}

/** @throws TestbedError (`timeout`) where one that is brought up does not come to be available */
export async function seedClusters(
  clusters: readonly SelectedCluster[],
  options: SeedClusters,
  run: ScenarioRun,
): Promise<void> {
  const shapes = shapesOf(clusters);
  const { make, deadline, isThere, perSecond } = options;
  const { signal } = run;
  const watch = watchOf(run, clusterKind);
  await make(shapes.map(({ model }) => model));
  const deadlineMs = () => Math.max(0, deadline - performance.now());
  const areThere = () => shapes.every(({ model }) => isThere(model.cluster));
  await watch.until(areThere, { deadlineMs: deadlineMs(), signal });
  const likes = shapes.flatMap(({ like }) => like);
  if (likes.length === 0) return;
  await claimHosts(run.live, [...new Set(likes.flatMap(({ plan }) => plan.hosts ?? []))], signal);
  const seed = randomBytes(32).toString('hex');
  const start = performance.now();
  let begun = 0;
  const room = new Room({ watch, isSettled: isThere, signal, patienceMs: PATIENCE_MS });
  const recordings: Recording[] = [];
  for (const shape of shapes) recordings.push(await recorded(shape, isThere, run));
  const placement = placementOf(recordings, likes);
  for (const [i, { like }] of shapes.entries()) {
    const recording = recordings[i]!;
    await inParallel(
      like,
      IN_FLIGHT,
      async (selected) => {
        if (performance.now() >= deadline) return;
        if (perSecond !== undefined)
          await pause(Math.max(0, start + (begun++ / perSecond) * 1000 - performance.now()), signal);
        if (room.isFull) await room.wait();
        room.add(selected.cluster);
        options.onAsked(selected.cluster);
        await seedCluster(likenessOf(recording, selected, seed, placement), placement, selected, options, run);
      },
      signal,
    );
  }
}

async function recorded(
  { model, like }: ClusterShape,
  isThere: (target: Target) => boolean,
  { live, signal }: ScenarioRun,
): Promise<Recording> {
  const recording = isThere(model.cluster) ? await recordCluster(live.client, model, signal) : undefined;
  if (recording !== undefined) return recording;
  throw new TestbedError(
    'timeout',
    `cluster ${keyOf(model.cluster)} did not become available, of which ${like.length} others were to be made: look at what keeps it with 'metal3-testbed status'`,
  );
}

async function seedCluster(
  likeness: Likeness,
  placement: ReadonlyMap<string, readonly PlacedHost[]>,
  { cluster }: SelectedCluster,
  { task, onRetry }: SeedClusters,
  run: ScenarioRun,
): Promise<void> {
  const { live, signal } = run;
  const used = new Set(
    likeness.steps.flat().flatMap(({ object }) => (object.kind === 'BareMetalHost' ? [object.metadata.name] : [])),
  );
  const objects = (placement.get(keyOf(cluster)) ?? []).flatMap(({ fleet, host }): readonly object[] => {
    const secrets = fleet.objectsOf(host).filter(({ kind }) => kind === 'Secret');
    // Those that no machine is on are ready for the next one.
    return used.has(host.name) ? secrets : [...secrets, seeded(fleet.manifest(host), 'available')];
  });
  await live.applier.apply(
    objects.map((each) => asOwnHost(live, each as KubernetesObject)),
    { task, signal },
  );
  await writeLikeness(likeness, { client: live.client, signal, onRetry });
}
