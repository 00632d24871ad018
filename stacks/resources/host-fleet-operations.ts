import { isDeepStrictEqual } from 'node:util';
import type * as pulumi from '@pulumi/pulumi';
import { TestbedError } from '../../lib/errors';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { ApplyResult } from '../../src/apply/options';
import { Applier } from '../../src/apply/apply';
import { describeCounts } from '../../src/apply/counts';
import type { Plan } from '../../src/apply/plan';
import { deleteApplySetParent, finalizeNamespaces } from '../../src/apply/remains';
import { ApiError } from '../../src/kubernetes/api-error';
import { ClusterGoneError, withCluster } from './fleet-cluster';
import { countMembers, describedObjects, fleetOf } from './fleet-objects';
import type { HostFleetInputs, HostFleetOutputs } from './host-fleet-state';
import { contentOf, parametersOf } from './host-fleet-state';
import { hasUnknowns } from './property-values';
import { partialSuccess } from './provider-results';

/** The plan of a fleet that is on the cluster as it is described. */
export const UP_TO_DATE = 'up to date';
/** How the plan begins where the cluster cannot be asked. */
const UNKNOWN = 'unknown';

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

  /** @param say tells the person at the terminal a line */
  constructor(private readonly say: (line: string) => void) {}

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
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return { inputs: news, failures: [{ property: 'hostSet', reason: error.message }] };
    }
    const plan = await planned(news, fleet);
    this.plans.set(placeOf(news), plan);
    if (plan !== UP_TO_DATE) this.say(`HostFleet ${news.set}: ${plan}`);
    return { inputs: { ...news, plan } };
  }

  /** Whether there is anything to do; a fleet that is to be elsewhere is replaced. */
  async diff(_id: string, olds: HostFleetOutputs, news: HostFleetInputs): Promise<pulumi.dynamic.DiffResult> {
    if (hasUnknowns(news)) return { changes: true };
    const plan = this.plans.get(placeOf(news)) ?? (await plannedLater(news));
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
    const { clusterUid, objects } = olds;
    // Somebody may want to say what is to happen to a cluster that is gone.
    if (isUnreachable(news.plan ?? '') && isDeepStrictEqual(contentOf(olds), contentOf(news)))
      return { outs: { ...news, clusterUid, objects } };
    // That it is another cluster has been looked at; one that is forgotten may have a successor.
    const expectedUid = news.onClusterGone === 'forget' ? undefined : clusterUid;
    return { outs: await this.write(news, { expectedUid, objects }) };
  }

  /** Counts what is there. */
  async read(id: string, props: HostFleetOutputs): Promise<pulumi.dynamic.ReadResult<HostFleetOutputs>> {
    try {
      const { kubeconfig, context, clusterUid: expectedUid } = props;
      const objects = await withCluster({ kubeconfig, context, expectedUid }, ({ client }) =>
        countMembers(client, props.set),
      );
      return { id, props: { ...props, objects } };
    } catch (error) {
      this.forgive(error, props);
      // No id: it is no more.
      return { id: '' };
    }
  }

  /** Deletes hosts, once they are gone their Secrets, then the namespaces that were made for them. */
  async delete(_id: string, props: HostFleetOutputs): Promise<void> {
    const { kubeconfig, context, clusterUid: expectedUid, set: name, deleteTimeoutSeconds } = props;
    try {
      await withCluster({ kubeconfig, context, expectedUid }, async ({ client }) => {
        const run = await new Applier(client).begin({
          task: name,
          set: { name },
          prune: true,
          pruneAll: true,
          pruneMs: deleteTimeoutSeconds * 1000,
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
    const { kubeconfig, context, set: name, forceConflicts, deleteTimeoutSeconds } = news;
    return withCluster({ kubeconfig, context, expectedUid: before.expectedUid }, async ({ client, uid }) => {
      const run = await new Applier(client).begin({
        task: name,
        set: { name },
        prune: true,
        pruneAll: true,
        existing: 'refuse',
        forceConflicts,
        pruneMs: deleteTimeoutSeconds * 1000,
        clusterUid: uid,
      });
      try {
        await run.apply(describedObjects(fleet, news, client));
        const result = await run.finish({ isHeld: true });
        await finalizeNamespaces(client, { name });
        return { ...news, clusterUid: uid, objects: objectsOf(result) };
      } catch (error) {
        throw partialSuccess(error, name, { ...news, clusterUid: uid, objects: before.objects ?? {} });
      } finally {
        await run.end();
      }
    });
  }

  /** @throws the error, unless the cluster is gone and that is to be forgotten */
  private forgive(error: unknown, { set, onClusterGone }: HostFleetOutputs): void {
    if (!(error instanceof ClusterGoneError)) throw error;
    if (onClusterGone === 'fail') {
      throw new TestbedError(
        'cluster',
        `${error.message}; if it is gone for good, set onClusterGone to 'forget', run 'pulumi up', and do this again`,
        { cause: error },
      );
    }
    this.say(`HostFleet ${set} is forgotten: ${error.message}`);
  }
}

/** What an update would do, as people read it. */
async function planned(inputs: HostFleetInputs, fleet: Fleet): Promise<string> {
  const set = { name: inputs.set };
  return withCluster(inputs, ({ client }) =>
    new Applier(client).plan(describedObjects(fleet, inputs, client), { task: inputs.set, set, existing: 'refuse' }),
  ).then(describePlan, describeFailure);
}

/** As {@link planned}, where nobody has checked the inputs: credentials may be in an environment that is not here. */
async function plannedLater(inputs: HostFleetInputs): Promise<string> {
  try {
    return await planned(inputs, await fleetOf(inputs));
  } catch (error) {
    if (error instanceof TestbedError) return `${UNKNOWN}: ${error.message}`;
    throw error;
  }
}

/** `BareMetalHost: 500 added, 1000 unchanged; Secret: …` */
function describePlan({ kinds, added, changed, removed }: Plan): string {
  if (added + changed + removed === 0) return UP_TO_DATE;
  return Object.entries(kinds)
    .map(([groupKind, counts]) => `${groupKind.split('.')[0]}: ${describeCounts(counts)}`)
    .join('; ');
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
  return news.onClusterGone === 'fail' || (await isAt(olds));
}

function objectsOf({ kinds }: ApplyResult): Readonly<Record<string, number>> {
  const counts = Object.entries(kinds).map(
    ([groupKind, { added, changed, unchanged }]) => [groupKind, added + changed + unchanged] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
