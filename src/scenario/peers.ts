import { invalidInput, TestbedError } from '../../lib/errors';
import type { ResolvedScenario, ResolvedStep } from '../../lib/scenario/resolved';
import { stepsOf } from '../../lib/scenario/steps-of';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { keyOf } from './arrivals';
import type { ScenarioRun } from './scenario-run';

/** One of the descriptions that are run side by side. */
export interface Peer {
  readonly name: string;
  readonly testbed: Pick<ResolvedTestbed, 'clusterSets'>;
  readonly scenario: Pick<ResolvedScenario, 'root'>;
}

interface Place {
  readonly arrived: PromiseWithResolvers<ScenarioRun>;
  readonly ended: PromiseWithResolvers<void>;
}

/** The runs of several descriptions, of which one may take over clusters of another. */
export class Peers {
  private readonly places: ReadonlyMap<string, Place>;

  constructor(private readonly peers: readonly Peer[]) {
    this.places = new Map(
      peers.map(({ name }) => {
        const place = { arrived: Promise.withResolvers<ScenarioRun>(), ended: Promise.withResolvers<void>() };
        // It may fail before anybody asks for it.
        place.arrived.promise.catch(() => undefined);
        return [name, place];
      }),
    );
  }

  /** @throws TestbedError (`invalid-input`) where one is to move clusters to one that is not there, or cannot take them */
  check(name: string): void {
    const peers = this.peers.filter((each) => each.name === name);
    const problems = peers.flatMap((peer) =>
      movesOf(peer).flatMap((step) => moveProblem(step, peer, this.peers) ?? []),
    );
    if (problems.length > 0) throw invalidInput(problems.join('\n'));
  }

  /** A run is about to begin with its steps. */
  arrive(name: string, run: ScenarioRun): void {
    this.places.get(name)?.arrived.resolve(run);
  }

  /** A run, once it is up. @throws TestbedError (`cluster`) where it does not come up */
  async arrived(name: string): Promise<ScenarioRun> {
    const place = this.places.get(name);
    if (place === undefined) throw new RangeError(`${name} is not a management cluster of this run`);
    return place.arrived.promise;
  }

  /** The steps of a run are over, or it has failed before. */
  leave(name: string): void {
    const place = this.places.get(name);
    place?.arrived.reject(
      new TestbedError('cluster', `management cluster ${name}, to which clusters are moved, did not come up`),
    );
    place?.ended.resolve();
  }

  /** Resolves once nobody moves anything to a run any more. */
  async untilUnneeded(name: string): Promise<void> {
    const users = this.peers.filter((peer) => movesOf(peer).some(({ props }) => props.to === name));
    for (const user of users) await this.places.get(user.name)?.ended.promise;
  }
}

function movesOf({ scenario }: Pick<Peer, 'scenario'>): readonly ResolvedStep<'move'>[] {
  return [...stepsOf(scenario.root)].filter((step) => step.kind === 'move');
}

function moveProblem({ path, props: { to } }: ResolvedStep<'move'>, from: Peer, peers: readonly Peer[]) {
  const where = `${path}.move.to: `;
  if (to === from.name) return `${where}'${to}' is this management cluster itself: name another one`;
  const target = peers.find(({ name }) => name === to);
  if (target === undefined)
    return `${where}'${to}' is not one of the management clusters of this run, which are ${peers.map(({ name }) => name).join(', ')}: describe it in managementClusters, or run its own description beside this one, as in 'metal3-testbed run ${from.name}.yaml ${to}.yaml'`;
  const { clusterSets } = target.testbed;
  if (clusterSets.length === 0)
    return `${where}'${to}' has nobody who takes care of clusters: give it clusterSets, with count 0 where it begins without any`;
  const there = new Set<string>();
  for (const set of clusterSets) for (const cluster of set.clusters()) there.add(keyOf(cluster));
  for (const set of from.testbed.clusterSets)
    for (const cluster of set.clusters())
      if (there.has(keyOf(cluster)))
        return `${where}'${to}' has a cluster ${keyOf(cluster)} of its own: call its clusters otherwise`;
  return undefined;
}
