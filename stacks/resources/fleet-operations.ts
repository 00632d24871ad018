import { isDeepStrictEqual } from 'node:util';
import type * as pulumi from '@pulumi/pulumi';
import { invalidInput, TestbedError } from '../../lib/errors';
import { withoutUndefined } from '../../lib/without-undefined';
import type { ApplyResult } from '../../src/apply/options';
import { Applier } from '../../src/apply/apply';
import { describeCounts } from '../../src/apply/counts';
import type { Plan } from '../../src/apply/plan';
import { deleteApplySetParent, finalizeNamespaces } from '../../src/apply/remains';
import { ApiError } from '../../src/kubernetes/api-error';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { FORGET_ADVICE, forgets } from './engine';
import { behaviourOf, requireFleet } from './fleet-behaviour';
import { ClusterGoneError, withCluster, type FleetCluster, type FleetClusterProps } from './fleet-cluster';
import type { DescribedFleet, FleetKind } from './fleet-kind';
import { countMembers, describedObjects } from './fleet-objects';
import { contentOf, parametersOf, type FleetInputs, type FleetResults, type Readiness } from './fleet-state';
import { readStates, waitDeadlineMs, waitForFleet } from './fleet-wait';
import { hasUnknowns } from './property-values';
import { partialSuccess } from './provider-results';
import { failure } from './require-arguments';
import { requireSetOnce } from './require-set-once';

/** Objects, and of each fields, that are named one by one. */
const NAMED = 5;

/** The plan of a fleet that is on the cluster as it is described. */
export const UP_TO_DATE = 'up to date';
/** How the plan begins where the cluster cannot be asked. */
const UNKNOWN = 'unknown';
/** The drift of a fleet that is on the cluster as it is described. */
const NO_DRIFT = 'none';

/** What the state says of a fleet that has been applied. */
export type FleetOutputs<I extends FleetInputs> = I & FleetResults;

export interface FleetEngine {
  /** Tells the person at the terminal a line. */
  readonly say: (line: string) => void;
  /** Aborted once somebody has interrupted Pulumi. @default never */
  readonly signal?: AbortSignal;
}

/**
 * What Pulumi's engine has done to a fleet. Each operation can be repeated, and goes on from what it finds on the
 * cluster, so that nothing depends on how the one before it ended.
 */
export class FleetOperations<I extends FleetInputs> {
  /**
   * The plans that `check` has made in this process, by cluster and set. The plan among the inputs may be that of the
   * last update: a refresh asks for the difference without a check.
   */
  private readonly plans = new Map<string, string>();

  /** The sets that have been written in this process, by the cluster that they are on. */
  private readonly written = new Set<string>();

  /** @param fleet what its objects are */
  constructor(
    private readonly fleet: FleetKind<I>,
    private readonly engine: FleetEngine,
  ) {}

  /** Adds what an update would do to the inputs, where a preview shows it; refuses what cannot be had. */
  async check(olds: Partial<I>, given: I): Promise<pulumi.dynamic.CheckResult<I>> {
    const args = withoutNull(given);
    const news = withoutUndefined({ ...withSet(args, olds), ...behaviourOf(args) });
    let described: DescribedFleet;
    try {
      requireFleet(this.nameOf(news), this.fleet.kind, news);
      if (hasUnknowns(news)) return { inputs: { ...news, plan: `${UNKNOWN} before other resources are there` } };
      requireSetOnce(news);
      described = await this.fleet.describe(news);
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return { inputs: news, failures: [failure(error)] };
    }
    const plan = await this.planned(news, described);
    this.plans.set(placeOf(news), plan);
    if (plan !== UP_TO_DATE) this.engine.say(`${this.nameOf(news)}: ${plan}`);
    return { inputs: { ...news, plan } };
  }

  /** Whether there is anything to do; a fleet that is to be elsewhere is replaced. */
  async diff(_id: string, olds: FleetOutputs<I>, news: I): Promise<pulumi.dynamic.DiffResult> {
    if (hasUnknowns(news)) return { changes: true };
    const plan = this.plans.get(placeOf(news)) ?? (await this.plannedLater(news));
    const replaces = [
      ...(olds.set === news.set ? [] : ['set']),
      ...(!isUnreachable(plan) && (await isToMove(olds, news)) ? ['kubeconfig'] : []),
    ];
    const { content } = this.fleet;
    const isDifferent = !isDeepStrictEqual(parametersOf(olds, content), parametersOf(news, content));
    const changes = replaces.length > 0 || isDifferent || (plan !== UP_TO_DATE && !isUnreachable(plan));
    // Two sets cannot have the same hosts.
    return { changes, replaces, deleteBeforeReplace: true };
  }

  /** @throws what {@link partialSuccess} gives where some objects are written and others are not */
  async create(news: I): Promise<pulumi.dynamic.CreateResult<FleetOutputs<I>>> {
    const outs = await this.write(news);
    return { id: news.set, outs };
  }

  /** @throws what {@link partialSuccess} gives where some objects are written and others are not */
  async update(_id: string, olds: FleetOutputs<I>, news: I): Promise<pulumi.dynamic.UpdateResult<FleetOutputs<I>>> {
    const { clusterUid, objects, drift, readiness } = olds;
    const { content } = this.fleet;
    // Somebody may want to say what is to happen to a cluster that is gone.
    if (isUnreachable(news.plan ?? '') && isDeepStrictEqual(contentOf(olds, content), contentOf(news, content)))
      return { outs: withoutUndefined({ ...news, clusterUid, objects, drift, readiness }) };
    // That it is another cluster has been looked at; one that is forgotten may have a successor.
    const expectedUid = forgets(news.onClusterGone) ? undefined : clusterUid;
    return { outs: await this.write(news, { expectedUid, objects }) };
  }

  /** Counts what is there, and says what of it is not as described. */
  async read(id: string, props?: FleetOutputs<I>): Promise<pulumi.dynamic.ReadResult<FleetOutputs<I>>> {
    if (props?.clusterUid === undefined)
      throw invalidInput(
        `a ${this.fleet.resource} cannot be imported: describe it, with the name of its set as \`set\`; what the set has on the cluster becomes its own`,
      );
    try {
      const found = await this.onCluster({ ...props, expectedUid: props.clusterUid }, async ({ client }) => ({
        objects: await countMembers(client, props.set),
        states: props.readiness && (await readStates(client, this.fleet.kind, props.set)),
      }));
      const { objects, states } = found;
      const drift = await this.drift(props);
      const readiness = props.readiness && states && { ...props.readiness, states };
      return { id, props: withoutUndefined({ ...props, objects, drift, readiness }) };
    } catch (error) {
      this.forgive(error, props);
      // No id: it is no more.
      return { id: '' };
    }
  }

  /** Deletes hosts or clusters, once they are gone what they need, then the namespaces that were made for them. */
  async delete(_id: string, props: FleetOutputs<I>): Promise<void> {
    const { clusterUid: expectedUid, set: name, deleteTimeoutSeconds } = props;
    try {
      await this.onCluster({ ...props, expectedUid }, async ({ client, uid }) => {
        // By the one that takes its place, whatever it is called.
        if (this.written.has(`${uid} ${name}`)) return;
        const run = await new Applier(client).begin({
          task: name,
          set: { name },
          prune: true,
          pruneAll: true,
          pruneMs: deleteTimeoutSeconds * 1000,
          signal: this.engine.signal,
        });
        try {
          await run.finish({ isHeld: true });
          await finalizeNamespaces(client, { name });
          await deleteApplySetParent(client, { name });
        } finally {
          await run.end();
        }
      });
    } catch (error) {
      this.forgive(error, props);
    }
  }

  /** Brings the cluster to what is described. @param before what there is, where the fleet has been applied before */
  private async write(
    news: I,
    before: { readonly expectedUid?: string | undefined; readonly objects?: FleetResults['objects'] } = {},
  ): Promise<FleetOutputs<I>> {
    const described = await this.fleet.describe(news);
    const { set: name, forceConflicts, deleteTimeoutSeconds } = news;
    const { signal } = this.engine;
    return this.onCluster({ ...news, expectedUid: before.expectedUid }, async ({ client, uid }) => {
      this.written.add(`${uid} ${name}`);
      const outs = { ...news, clusterUid: uid, drift: NO_DRIFT, objects: before.objects ?? {} };
      const applier = new Applier(client);
      const options = {
        task: name,
        set: { name },
        prune: true,
        pruneAll: true,
        existing: 'refuse',
        forceConflicts,
        pruneMs: deleteTimeoutSeconds * 1000,
        clusterUid: uid,
        signal,
        inUse: this.fleet.inUse,
      } as const;
      // What those that are no longer described use may be others' from now on.
      if (await described.hasSurplus(client, name, signal))
        await applier.prune(describedObjects(described, news, client), options);
      const run = await applier.begin(options);
      let objects;
      try {
        await run.apply(describedObjects(described, news, client));
        objects = objectsOf(await run.finish({ isHeld: true }));
        await finalizeNamespaces(client, { name });
      } catch (error) {
        throw partialSuccess(error, name, outs);
      } finally {
        await run.end();
      }
      this.sayWhatIsInUse(news, run.inUse);
      try {
        const readiness = await this.waitFor(client, news, described);
        // Those that were in use, where that is over.
        if (readiness !== undefined && run.inUse.length > 0)
          await applier.prune(describedObjects(described, news, client), options);
        return withoutUndefined({ ...outs, objects, readiness });
      } catch (error) {
        throw partialSuccess(error, name, { ...outs, objects });
      }
    });
  }

  private sayWhatIsInUse(news: I, inUse: readonly string[]): void {
    if (inUse.length === 0) return;
    const names = `${inUse.slice(0, NAMED).join(', ')}${inUse.length > NAMED ? `, and ${inUse.length - NAMED} more` : ''}`;
    const until = 'the next update takes those away that are free by then';
    this.engine.say(
      `${this.nameOf(news)}: no longer described, and kept since a machine is on them: ${names}; ${until}`,
    );
  }

  private waitFor(client: KubernetesClient, news: I, described: DescribedFleet): Promise<Readiness | undefined> {
    const { set, waitFor } = news;
    const { kind, advice } = this.fleet;
    const { signal } = this.engine;
    const say = (line: string) => this.engine.say(`${this.nameOf(news)}: ${line}`);
    const isMade = () => described.isMade(client, signal);
    const { count } = described;
    const deadlineMs = waitDeadlineMs(this.fleet, count, news.waitTimeoutSeconds);
    return waitForFleet(client, { kind, set, count, waitFor, deadlineMs, signal, say, isMade, advice });
  }

  private onCluster<T>(where: FleetClusterProps, work: (cluster: FleetCluster) => Promise<T>): Promise<T> {
    const { kubeconfig, context, expectedUid } = where;
    const { noun } = this.fleet.kind;
    return withCluster({ kubeconfig, context, expectedUid, what: noun.many, signal: this.engine.signal }, work);
  }

  /** What an update would do, as people read it. */
  private planned(inputs: I, described: DescribedFleet): Promise<string> {
    return this.plan(inputs, described).then(describePlan, describeFailure);
  }

  private plan(inputs: I, described: DescribedFleet): Promise<Plan> {
    const set = { name: inputs.set };
    const { signal } = this.engine;
    const options = { task: inputs.set, set, existing: 'refuse', signal, inUse: this.fleet.inUse } as const;
    return this.onCluster(inputs, ({ client }) =>
      new Applier(client).plan(describedObjects(described, inputs, client), options),
    );
  }

  /** As {@link planned}, where nobody has checked the inputs: credentials may be in an environment that is not here. */
  private async plannedLater(inputs: I): Promise<string> {
    try {
      return await this.planned(inputs, await this.fleet.describe(inputs));
    } catch (error) {
      if (error instanceof TestbedError) return `${UNKNOWN}: ${error.message}`;
      throw error;
    }
  }

  /** What of a fleet is not as described; where that cannot be found out, it is said why. */
  private async drift(props: FleetOutputs<I>): Promise<string> {
    const drift = await this.fleet
      .describe(props)
      .then((described) => this.plan(props, described))
      .then(describeDrift, describeFailureOfDrift);
    if (drift !== NO_DRIFT) this.engine.say(`${this.nameOf(props)} differs from its description: ${drift}`);
    return drift;
  }

  /** @throws the error, unless the cluster is gone and that is to be forgotten */
  private forgive(error: unknown, props: FleetOutputs<I>): void {
    if (!(error instanceof ClusterGoneError)) throw error;
    if (!forgets(props.onClusterGone))
      throw new TestbedError('cluster', `${error.message}; ${FORGET_ADVICE}`, { cause: error });
    this.engine.say(`${this.nameOf(props)} is forgotten: ${error.message}`);
  }

  private nameOf({ set }: FleetInputs): string {
    return `${this.fleet.resource} ${set}`;
  }
}

/** `BareMetalHost: 500 added, 1000 unchanged; Secret: …` */
function describePlan({ kinds, added, changed, removed }: Plan): string {
  if (added + changed + removed === 0) return UP_TO_DATE;
  return Object.entries(kinds)
    .map(([groupKind, counts]) => `${groupKind.split('.')[0]}: ${describeCounts(counts)}`)
    .join('; ');
}

/** `BareMetalHost: 3 missing, 1 different (BareMetalHost lab/worker-7: .spec.online)`. */
function describeDrift({ kinds, added, changed, removed, changes }: Plan): string {
  if (added + changed + removed === 0) return NO_DRIFT;
  const parts = Object.entries(kinds).flatMap(([groupKind, counts]) => {
    const told = { missing: counts.added, different: counts.changed, 'not described': counts.removed };
    const texts = Object.entries(told).filter(([, count]) => count > 0);
    const list = texts.map(([what, count]) => `${count} ${what}`).join(', ');
    return list === '' ? [] : [`${groupKind.split('.')[0]}: ${list}`];
  });
  const named = changes.slice(0, NAMED).map(({ object, fields }) => `${object}: ${fields.slice(0, NAMED).join(', ')}`);
  return `${parts.join('; ')}${named.length === 0 ? '' : ` (${named.join('; ')})`}`;
}

function describeFailureOfDrift(error: unknown): string {
  if (error instanceof TestbedError) return `${UNKNOWN}: ${error.message}`;
  throw error;
}

/** Where the cluster cannot be asked, or will refuse, the update says so itself. */
function describeFailure(error: unknown): string {
  if (error instanceof ClusterGoneError) return `${UNKNOWN}: ${error.message}`;
  if (error instanceof ApiError || error instanceof TestbedError) return `refused: ${error.message}`;
  throw error;
}

/** An output that turned out to be undefined comes as null, of what is apart as of the rest. */
function withoutNull<I extends object>(inputs: I): I {
  const isGiven = ([, value]: readonly [string, unknown]) => value !== null;
  const { secrets, ...rest } = inputs as { readonly secrets?: object };
  const all = secrets ? { ...rest, secrets: Object.fromEntries(Object.entries(secrets).filter(isGiven)) } : rest;
  return Object.fromEntries(Object.entries(all).filter(isGiven)) as I;
}

/** A fleet that has another name in the program, or is in a stack of another name, is still the same: it keeps its set. */
function withSet<I extends FleetInputs>(given: I, olds: Partial<I>): I {
  const { set, defaultSet } = given as Partial<FleetInputs>;
  return { ...given, set: set ?? olds.set ?? defaultSet };
}

function placeOf({ kubeconfig, context, set }: FleetInputs): string {
  return JSON.stringify([kubeconfig, context, set]);
}

function isUnreachable(plan: string): boolean {
  return plan.startsWith(UNKNOWN);
}

/** Whether the fleet is to be on another cluster than it is on, and has to be deleted there. */
async function isToMove(olds: FleetInputs & FleetResults, news: FleetInputs): Promise<boolean> {
  const isAt = ({ kubeconfig, context }: FleetInputs) =>
    withCluster({ kubeconfig, context, expectedUid: olds.clusterUid }, () => Promise.resolve(true)).catch(
      (error: unknown) => {
        if (error instanceof ClusterGoneError) return false;
        throw error;
      },
    );
  if (await isAt(news)) return false;
  // What is gone and forgotten has nothing to be deleted; the update goes to the new cluster.
  return !forgets(news.onClusterGone) || (await isAt(olds));
}

function objectsOf({ kinds }: ApplyResult): Readonly<Record<string, number>> {
  const counts = Object.entries(kinds).map(
    ([groupKind, { added, changed, unchanged }]) => [groupKind, added + changed + unchanged] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
