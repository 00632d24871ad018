import { isDeepStrictEqual } from 'node:util';
import type * as pulumi from '@pulumi/pulumi';
import { invalidInput, TestbedError } from '../../lib/errors';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { withoutUndefined } from '../../lib/without-undefined';
import type { ApplyResult } from '../../src/apply/options';
import { Applier } from '../../src/apply/apply';
import { describeCounts } from '../../src/apply/counts';
import type { Plan } from '../../src/apply/plan';
import { deleteApplySetParent, finalizeNamespaces } from '../../src/apply/remains';
import { ApiError } from '../../src/kubernetes/api-error';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { FORGET_ADVICE, forgets } from './engine';
import { ClusterGoneError, withCluster, type FleetCluster, type FleetClusterProps } from './fleet-cluster';
import { countMembers, describedObjects, fleetOf } from './fleet-objects';
import { readStates, waitForFleet } from './fleet-wait';
import type { HostFleetInputs, HostFleetOutputs, Readiness } from './host-fleet-state';
import { contentOf, parametersOf } from './host-fleet-state';
import { hasUnknowns } from './property-values';
import { requireWaitFor } from './require-wait-for';
import { partialSuccess } from './provider-results';

const KIND = bareMetalHostKind;
/** Objects, and of each fields, that are named one by one. */
const NAMED = 5;

/** The plan of a fleet that is on the cluster as it is described. */
export const UP_TO_DATE = 'up to date';
/** How the plan begins where the cluster cannot be asked. */
const UNKNOWN = 'unknown';
/** The drift of a fleet that is on the cluster as it is described. */
const NO_DRIFT = 'none';

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
export class HostFleetOperations {
  /**
   * The plans that `check` has made in this process, by cluster and set. The plan among the inputs may be that of the
   * last update: a refresh asks for the difference without a check.
   */
  private readonly plans = new Map<string, string>();

  constructor(private readonly engine: FleetEngine) {}

  /** Adds what an update would do to the inputs, where a preview shows it; refuses what cannot be had. */
  async check(
    _olds: Partial<HostFleetInputs>,
    news: HostFleetInputs,
  ): Promise<pulumi.dynamic.CheckResult<HostFleetInputs>> {
    if (hasUnknowns(news)) return { inputs: { ...news, plan: `${UNKNOWN} before other resources are there` } };
    let fleet: Fleet;
    try {
      fleet = await fleetOf(news);
      fleet.check();
      requireWaitFor(`HostFleet ${news.set}`, KIND, news.waitFor);
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return { inputs: news, failures: [{ property: 'hostSet', reason: error.message }] };
    }
    const plan = await this.planned(news, fleet);
    this.plans.set(placeOf(news), plan);
    if (plan !== UP_TO_DATE) this.engine.say(`HostFleet ${news.set}: ${plan}`);
    return { inputs: { ...news, plan } };
  }

  /** Whether there is anything to do; a fleet that is to be elsewhere is replaced. */
  async diff(_id: string, olds: HostFleetOutputs, news: HostFleetInputs): Promise<pulumi.dynamic.DiffResult> {
    if (hasUnknowns(news)) return { changes: true };
    const plan = this.plans.get(placeOf(news)) ?? (await this.plannedLater(news));
    const replaces = [
      ...(olds.set === news.set ? [] : ['set']),
      ...(!isUnreachable(plan) && (await isToMove(olds, news)) ? ['kubeconfig'] : []),
    ];
    const isDifferent = !isDeepStrictEqual(parametersOf(olds), parametersOf(news));
    const changes = replaces.length > 0 || isDifferent || (plan !== UP_TO_DATE && !isUnreachable(plan));
    // Two sets cannot have the same hosts.
    return { changes, replaces, deleteBeforeReplace: true };
  }

  /** @throws what {@link partialSuccess} gives where some objects are written and others are not */
  async create(news: HostFleetInputs): Promise<pulumi.dynamic.CreateResult<HostFleetOutputs>> {
    const outs = await this.write(news);
    return { id: news.set, outs };
  }

  /** @throws what {@link partialSuccess} gives where some objects are written and others are not */
  async update(
    _id: string,
    olds: HostFleetOutputs,
    news: HostFleetInputs,
  ): Promise<pulumi.dynamic.UpdateResult<HostFleetOutputs>> {
    const { clusterUid, objects, drift, readiness } = olds;
    // Somebody may want to say what is to happen to a cluster that is gone.
    if (isUnreachable(news.plan ?? '') && isDeepStrictEqual(contentOf(olds), contentOf(news)))
      return { outs: withoutUndefined({ ...news, clusterUid, objects, drift, readiness }) };
    // That it is another cluster has been looked at; one that is forgotten may have a successor.
    const expectedUid = forgets(news.onClusterGone) ? undefined : clusterUid;
    return { outs: await this.write(news, { expectedUid, objects }) };
  }

  /** Counts what is there, and says what of it is not as described. */
  async read(id: string, props?: HostFleetOutputs): Promise<pulumi.dynamic.ReadResult<HostFleetOutputs>> {
    if (props?.clusterUid === undefined)
      throw invalidInput(
        'a HostFleet cannot be imported: describe it, with the name of its set as `set`; what the set has on the cluster becomes its own',
      );
    try {
      const found = await this.onCluster({ ...props, expectedUid: props.clusterUid }, async ({ client }) => ({
        objects: await countMembers(client, props.set),
        states: props.readiness && (await readStates(client, KIND, props.set)),
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

  /** Deletes hosts, once they are gone their Secrets, then the namespaces that were made for them. */
  async delete(_id: string, props: HostFleetOutputs): Promise<void> {
    const { clusterUid: expectedUid, set: name, deleteTimeoutSeconds } = props;
    try {
      await this.onCluster({ ...props, expectedUid }, async ({ client }) => {
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
    news: HostFleetInputs,
    before: { readonly expectedUid?: string | undefined; readonly objects?: HostFleetOutputs['objects'] } = {},
  ): Promise<HostFleetOutputs> {
    const fleet = await fleetOf(news);
    const { set: name, forceConflicts, deleteTimeoutSeconds } = news;
    const { signal } = this.engine;
    return this.onCluster({ ...news, expectedUid: before.expectedUid }, async ({ client, uid }) => {
      const outs = { ...news, clusterUid: uid, drift: NO_DRIFT, objects: before.objects ?? {} };
      const run = await new Applier(client).begin({
        task: name,
        set: { name },
        prune: true,
        pruneAll: true,
        existing: 'refuse',
        forceConflicts,
        pruneMs: deleteTimeoutSeconds * 1000,
        clusterUid: uid,
        signal,
      });
      let objects;
      try {
        await run.apply(describedObjects(fleet, news, client));
        objects = objectsOf(await run.finish({ isHeld: true }));
        await finalizeNamespaces(client, { name });
      } catch (error) {
        throw partialSuccess(error, name, outs);
      } finally {
        await run.end();
      }
      try {
        return withoutUndefined({ ...outs, objects, readiness: await this.waitFor(client, news, fleet) });
      } catch (error) {
        throw partialSuccess(error, name, { ...outs, objects });
      }
    });
  }

  private waitFor(client: KubernetesClient, news: HostFleetInputs, fleet: Fleet): Promise<Readiness | undefined> {
    const { set, waitFor, waitTimeoutSeconds } = news;
    const say = (line: string) => this.engine.say(`HostFleet ${set}: ${line}`);
    const { signal } = this.engine;
    const deadlineMs = waitTimeoutSeconds * 1000;
    return waitForFleet(client, { kind: KIND, set, count: fleet.count, waitFor, deadlineMs, signal, say });
  }

  private onCluster<T>(where: FleetClusterProps, work: (cluster: FleetCluster) => Promise<T>): Promise<T> {
    const { kubeconfig, context, expectedUid } = where;
    return withCluster({ kubeconfig, context, expectedUid, signal: this.engine.signal }, work);
  }

  /** What an update would do, as people read it. */
  private planned(inputs: HostFleetInputs, fleet: Fleet): Promise<string> {
    return this.plan(inputs, fleet).then(describePlan, describeFailure);
  }

  private plan(inputs: HostFleetInputs, fleet: Fleet): Promise<Plan> {
    const set = { name: inputs.set };
    const { signal } = this.engine;
    const options = { task: inputs.set, set, existing: 'refuse', signal } as const;
    return this.onCluster(inputs, ({ client }) =>
      new Applier(client).plan(describedObjects(fleet, inputs, client), options),
    );
  }

  /** As {@link planned}, where nobody has checked the inputs: credentials may be in an environment that is not here. */
  private async plannedLater(inputs: HostFleetInputs): Promise<string> {
    try {
      return await this.planned(inputs, await fleetOf(inputs));
    } catch (error) {
      if (error instanceof TestbedError) return `${UNKNOWN}: ${error.message}`;
      throw error;
    }
  }

  /** What of a fleet is not as described; where that cannot be found out, it is said why. */
  private async drift(props: HostFleetOutputs): Promise<string> {
    const drift = await fleetOf(props)
      .then((fleet) => this.plan(props, fleet))
      .then(describeDrift, describeFailureOfDrift);
    if (drift !== NO_DRIFT) this.engine.say(`HostFleet ${props.set} differs from its description: ${drift}`);
    return drift;
  }

  /** @throws the error, unless the cluster is gone and that is to be forgotten */
  private forgive(error: unknown, { set, onClusterGone }: HostFleetOutputs): void {
    if (!(error instanceof ClusterGoneError)) throw error;
    if (!forgets(onClusterGone))
      throw new TestbedError('cluster', `${error.message}; ${FORGET_ADVICE}`, { cause: error });
    this.engine.say(`HostFleet ${set} is forgotten: ${error.message}`);
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

function placeOf({ kubeconfig, context, set }: HostFleetInputs): string {
  return JSON.stringify([kubeconfig, context, set]);
}

function isUnreachable(plan: string): boolean {
  return plan.startsWith(UNKNOWN);
}

/** Whether the fleet is to be on another cluster than it is on, and has to be deleted there. */
async function isToMove(olds: HostFleetOutputs, news: HostFleetInputs): Promise<boolean> {
  const isAt = ({ kubeconfig, context }: HostFleetInputs) =>
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
