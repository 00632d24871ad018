/** Puts hosts and clusters onto a testbed that is up, and waits until they have settled. */
import { TestbedError } from '../../lib/errors';
import type { ObservedObject } from '../../lib/kinds';
import { mayHaveMembers, type ApplySetName } from '../apply/apply-set';
import type { ApplyRun } from '../apply/apply-run';
import type { ApplyOptions } from '../apply/options';
import type { NamespacedName } from '../kubernetes/objects';
import type { Listener, Operation } from '../util/events';
import { until } from '../util/until';
import { ObjectWatch } from '../watch/object-watch';
import { untilSettled } from '../watch/until-settled';
import { describePending } from '../watch/wait-for-states';
import type { DescribedObjects } from './described';
import { applyInTurns, type ClusterPace } from './in-turns';
import type { LiveTestbed } from './live-testbed';
import { machineOn } from './machine-on';
import { areMachinesMade } from './machine-sets';
import { showObjects, statesText } from './show-objects';
import { deleteSurplus } from './surplus';

export interface ObjectsOptions extends Operation {
  /**
   * How long hosts and clusters may take, in milliseconds, from when all are written.
   * @default - ten minutes, and half a minute more for each cluster
   */
  readonly timeoutMs?: number | undefined;
  /** Whether fields that somebody else owns are taken over. */
  readonly forceConflicts?: boolean | undefined;
  /** How many clusters are written when. @default - 15 a core at a time */
  readonly pace?: ClusterPace | undefined;
  /** Whether the description asks for hosts that fail, which then settle where they fail. @default false */
  readonly mayFail?: boolean;
}

/** How many objects of a kind there are, and in which states. */
export interface KindCount {
  readonly kind: string;
  readonly objects: number;
  readonly states: Readonly<Record<string, number>>;
}

export interface BroughtObjects {
  /** Of hosts, and where there are any of clusters and of their machines. */
  readonly counts: readonly KindCount[];
  /** From when the first host was written to when the last object settled. */
  readonly seconds: number;
}

/** What of a testbed they are put onto. */
export type ObjectsTarget = Pick<LiveTestbed, 'applier' | 'client' | 'existing' | 'sets'>;

const SHOWN = 5;
const TIMEOUT_MS = 600_000;
/** A cluster takes about 7 seconds of a core, of which there may be one. */
const CLUSTER_MS = 30_000;

/**
 * @throws TestbedError: `cluster` for what the API server refuses; `timeout` naming what is still pending
 */
export async function bringObjects(
  live: ObjectsTarget,
  described: { readonly hosts: DescribedObjects; readonly clusters: DescribedObjects },
  options: ObjectsOptions,
): Promise<BroughtObjects> {
  const { client, applier, sets, existing } = live;
  const { listener, signal, mayFail = false, forceConflicts } = options;
  const hosts = new Bringing(described.hosts, client, (host) => mayFail && host.errorType !== '');
  const hasClusters = described.clusters.count > 0 || (await mayHaveMembers(client, sets.clusters, signal));
  const clusters = hasClusters ? new Bringing(described.clusters, client) : undefined;
  const all = clusters === undefined ? [hosts] : [hosts, clusters];
  const machines = clusters?.what.kind.parts && new ObjectWatch(client, clusters.what.kind.parts.kind);
  const watches = [...all.map(({ watch }) => watch), ...(machines === undefined ? [] : [machines])];
  const runs: ApplyRun[] = [];
  const begin = async (
    task: string,
    set: ApplySetName,
    more: Pick<ApplyOptions, 'inUse' | 'signal'>,
  ): Promise<ApplyRun> => {
    // What an earlier description had and this one has not is deleted, which the simulator and the managers have to be there
    // for. That may be all of it.
    const common = { existing, prune: true, pruneAll: true, forceConflicts, listener };
    const run = await applier.begin({ task, set, ...common, ...more });
    runs.push(run);
    return run;
  };
  try {
    await Promise.all(watches.map((watch) => watch.start()));
    // Their hosts are free then for what is described.
    if (clusters !== undefined) await deleteSurplus(live, clusters.what, options);
    const start = performance.now();
    const stopShowing = watches.map((watch, i) => showObjects(watch, all[i]?.what.count ?? 0, listener));
    try {
      // Written and watched at the same time: the first are available before the last ones exist. The sets are held until
      // all have settled: another up of this testbed may describe others, and would delete those that are waited for here.
      const ofHosts = await begin('apply', sets.hosts, { signal, inUse: machineOn });
      await hosts.applyTo(ofHosts);
      await ofHosts.finish({ isHeld: true });
      let last = ofHosts;
      let isMade = () => Promise.resolve(true);
      if (clusters !== undefined) {
        last = await begin('apply clusters', sets.clusters, { signal: ofHosts.signal });
        await clusters.applyTo(last, options.pace);
        const { changed } = await last.finish({ isHeld: true });
        if (changed > 0) isMade = () => areMachinesMade(client, clusters.what.targets(), last.signal);
      }
      await untilAllSettled(all, isMade, { ...options, signal: last.signal });
      // Those that had machines on them, where these have gone.
      if (ofHosts.inUse.length > 0) await ofHosts.finish({ isHeld: true });
      sayWhatIsInUse(ofHosts.inUse, listener);
    } finally {
      for (const run of runs) await run.end();
      for (const stop of stopShowing) stop();
    }
    const seconds = (performance.now() - start) / 1000;
    for (const watch of watches)
      listener?.({
        type: 'done',
        task: watch.kind.noun.many,
        detail: statesText(watch.counts()) || undefined,
        seconds,
      });
    const counts = watches.map((watch) => ({ kind: watch.kind.kind, objects: watch.size, states: watch.counts() }));
    return { counts, seconds };
  } finally {
    await Promise.all(watches.map((watch) => watch.stop()));
  }
}

/** What is described of a kind, and how it fares. */
class Bringing {
  readonly watch: ObjectWatch;

  /** @param isExcused whether one that has not settled is not waited for */
  constructor(
    readonly what: DescribedObjects,
    private readonly client: ObjectsTarget['client'],
    private readonly isExcused: (object: ObservedObject) => boolean = () => false,
  ) {
    this.watch = new ObjectWatch(client, what.kind);
  }

  async applyTo(run: ApplyRun, pace?: ClusterPace): Promise<void> {
    const turns = this.what.turns?.();
    if (turns === undefined) return run.apply(this.what.objects());
    await applyInTurns({
      ...pace,
      turns,
      apply: (objects) => run.apply(objects),
      watch: this.watch,
      isSettled: (target) => this.isSettled(target),
      signal: run.signal,
    });
  }

  isSettled({ namespace, name }: NamespacedName): boolean {
    const object = this.watch.get(namespace, name);
    return object !== undefined && !object.isDeleting && (object.isSettled || this.isExcused(object));
  }

  /** Waits until all are settled at the same time. @returns whether they were in time */
  untilSettled(deadlineMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const isSettled = (target: NamespacedName) => this.isSettled(target);
    return untilSettled(this.watch, () => this.what.targets(), isSettled, { deadlineMs, signal });
  }

  /** What is still pending, and why; undefined where all have settled. @param timeout as its reader knows it */
  async pending(timeout: string): Promise<string | undefined> {
    const missing: ObservedObject[] = [];
    const { kind } = this.watch;
    for (const target of this.what.targets()) {
      const { namespace, name } = target;
      if (!this.isSettled(target)) missing.push(this.watch.get(namespace, name) ?? kind.unseen(namespace, name));
    }
    if (missing.length === 0) return undefined;
    const { noun } = kind;
    const many = `${missing.length} ${missing.length === 1 ? noun.one : noun.many}`;
    return `${many} had not settled, timed out after ${timeout}; still pending:\n${await describePending(this.client, kind, missing)}`;
  }
}

function sayWhatIsInUse(inUse: readonly string[], listener: Listener | undefined): void {
  if (inUse.length === 0) return;
  const names = `${inUse.slice(0, SHOWN).join(', ')}${inUse.length > SHOWN ? `, and ${inUse.length - SHOWN} more` : ''}`;
  listener?.({
    type: 'warning',
    task: 'hosts',
    detail: `no longer described, and kept since a machine is on them: ${names}; delete the Machine, and run this again once another host has taken its place`,
  });
}

/** How often it is asked for what no watch tells. */
const ASK_MS = 500;

/**
 * @param bringing hosts, and the clusters on them, which settle last
 * @param isMade whether what they say now is of what they are to be
 */
async function untilAllSettled(
  bringing: readonly Bringing[],
  isMade: () => Promise<boolean>,
  options: ObjectsOptions,
): Promise<void> {
  const clusters = bringing.slice(1).reduce((sum, { what }) => sum + what.count, 0);
  const { timeoutMs = TIMEOUT_MS + clusters * CLUSTER_MS, signal } = options;
  const deadline = performance.now() + timeoutMs;
  const left = () => Math.max(0, deadline - performance.now());
  const areSettled = async () => {
    for (const each of bringing.toReversed()) if (!(await each.untilSettled(left(), signal))) return false;
    return isMade();
  };
  if (await until(areSettled, { deadlineMs: timeoutMs, everyMs: ASK_MS, signal })) return;
  const pending: string[] = [];
  for (const each of bringing) {
    const text = await each.pending(`${timeoutMs / 1000} s (--timeout)`);
    if (text !== undefined) pending.push(text);
  }
  // All may have settled since.
  if (pending.length === 0) return;
  throw new TestbedError(
    'timeout',
    `${pending.join('\n')}\nrun 'metal3-testbed wait' to wait longer, or 'metal3-testbed up' to continue`,
  );
}
