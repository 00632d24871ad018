import type { ClusterRun } from './cluster-run';
import { TestbedError } from '../../lib/errors';
import { clusterManagers } from '../../lib/testbed/cluster-api';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { DEFAULT_SCENARIO, resolveScenario } from '../../lib/scenario/resolve-scenario';
import { ClustersOfSteps } from '../../lib/scenario/missing-clusters';
import type { ResolvedScenario } from '../../lib/scenario/resolved';
import { controllerManagerMetricsUrl } from '../cluster/local/local-cluster';
import { supervised } from '../simulators/supervise';
import { bringUp } from '../testbed/bring-up';
import type { ClusterPace } from '../testbed/in-turns';
import type { BringUpOptions } from '../testbed/live-testbed';
import { KIND_STEPS } from '../kinds';
import { ObjectWatch } from '../watch/object-watch';
import type { Timeline } from '../watch/timeline';
import type { Report } from '../report/report';
import { environmentOf, machineNow } from './environment';
import { actionsOf } from './actions';
import {
  bringClusters,
  clearClusters,
  CLUSTER_KINDS,
  hostsOfSteps,
  type BringClustersOptions,
  type Brought,
} from './bring-clusters';
import { execute } from './execute';
import { endFaults } from './faults/workload-api';
import { managementHostsOf, Measurement } from './measurement';
import { reportOf } from './report-of';
import { Peers } from './peers';
import { Progress, type ProgressStore } from './progress';
import { requireCapabilities } from './requirements';
import type { ScenarioRun } from './scenario-run';
import { namingTasks, sideBySide, together, withName } from '../util/side-by-side';

/** Where a scenario is run, and with what. */
export interface ScenarioOptions extends BringUpOptions {
  /**
   * Names the cluster in the report.
   * @default 'default'
   */
  readonly clusterName?: string;
  /** How many of the described clusters are written when. @default - 15 a core at a time */
  readonly clusterPace?: ClusterPace | undefined;
  /** How long they may take once all are written, in milliseconds. @default - ten minutes, and half a minute for each */
  readonly clusterTimeoutMs?: number | undefined;
  /**
   * Given what was measured until `signal` was aborted, before the run ends with the signal's reason; of several runs side by
   * side once, with all of them.
   *
   * @default - what was measured is lost
   */
  readonly onInterrupted?: ((report: Report) => void | Promise<void>) | undefined;
  /** Where it is written down how far the scenario has come, for a process that carries it on. @default - nowhere @internal */
  readonly progress?: ProgressStore | undefined;
}

/** A scenario that ended before its last step. The report has what was measured until then. */
export class ScenarioError extends TestbedError {
  constructor(
    failure: TestbedError,
    readonly report: Report,
  ) {
    super(failure.code, failure.message, { cause: failure });
    this.name = 'ScenarioError';
  }
}

/**
 * Runs the scenario of a description on a testbed without hosts, which is brought up where it does not run, and measures
 * it. Hosts and clusters of an earlier run are taken away first; those of this one stay. Clusters that are described, and that
 * no step makes, are there before the first step, and how they came to be is part of the report.
 *
 * @throws TestbedError: what {@link bringUp} throws; `invalid-input` for a scenario that this testbed cannot run; `timeout`
 * where no host at all gets where a step takes it. An error that ends the steps is a {@link ScenarioError} with a report.
 */
export async function runScenario(props: TestbedProps, options: ScenarioOptions): Promise<Report> {
  return runScenarios([{ props, options }]);
}

/** As {@link runScenario}, on several clusters at the same time, side by side in one report. */
export async function runScenarios(
  clusters: readonly { readonly props: TestbedProps; readonly options: ScenarioOptions }[],
): Promise<Report> {
  return runPrepared(clusters.map(({ props, options }) => ({ prepared: prepare(props), options })));
}

/** A description that was checked, with what is to be done. */
export interface Prepared {
  readonly testbed: ResolvedTestbed;
  readonly scenario: ResolvedScenario;
}

/** What is run where there are clusters alone: how long they take. */
const NO_STEPS: ResolvedScenario = { name: 'clusters', root: { kind: 'sequence', steps: [] }, scrapeMs: 5_000 };

/** Checks a description, once for all its runs. @throws TestbedError (`invalid-input`) */
export function prepare(props: TestbedProps): Prepared {
  const testbed = resolveTestbed(props);
  const fleets = hostsOfSteps(testbed);
  if (props.scenario === undefined && fleets.length === 0 && testbed.clusterSets.length > 0)
    return { testbed, scenario: NO_STEPS };
  const { clusterSets, operators } = testbed;
  const managers = clusterManagers(testbed.clusterApi);
  const described = { fleets, clusterSets, managers, operators: operators.length };
  const scenario = resolveScenario(props.scenario ?? DEFAULT_SCENARIO, described);
  return { testbed, scenario };
}

/** One of those that are run side by side. */
export interface PreparedCluster {
  readonly prepared: Prepared;
  readonly options: ScenarioOptions;
  /** Does something with its description, of which errors say where it is from. @default - they do not */
  readonly within?: <T>(work: () => T | Promise<T>) => Promise<T>;
}

/**
 * As {@link runScenarios}, of descriptions that were checked. One that fails ends none of the others, and the report of the
 * {@link ScenarioError} has what was measured of all.
 */
export async function runPrepared(clusters: readonly PreparedCluster[]): Promise<Report> {
  const areSeveral = clusters.length > 1;
  const named = clusters.map(({ within = async (work) => work(), ...each }) => ({
    ...each,
    within,
    name: areSeveral ? nameOf(each.options) : undefined,
  }));
  const peers = new Peers(clusters.map(({ prepared, options }) => ({ ...prepared, name: nameOf(options) })));
  const checked = await sideBySide(named, ({ options, within }) => within(() => peers.check(nameOf(options))));
  if (checked.failure !== undefined) throw checked.failure;
  const folders = clusters.map(({ options }) => options.stateDir);
  const { done, failure: failed } = await sideBySide(named, ({ prepared, options, within, name }) => {
    const beside = folders.filter((folder) => folder !== options.stateDir);
    const listener = namingTasks(options.listener, { name });
    return within(() => runOnCluster(prepared, { ...options, listener, beside }, peers));
  });
  const ended = done.flatMap(([each, { failure }]) => (failure === undefined ? [] : [withName(each, failure)]));
  const failure = together([...(failed === undefined ? [] : [failed]), ...ended]);
  const runs = done.map(([, run]) => run);
  if (failure === undefined) return reportOf(runs, areSeveral);
  if (runs.length > 0 && failure instanceof TestbedError) throw new ScenarioError(failure, reportOf(runs, areSeveral));
  // Only one that was interrupted has come to its end with another kind of error.
  if (runs.some((run) => run.failure === failure)) {
    const listening = clusters.find(({ options }) => options.onInterrupted !== undefined);
    await listening?.options.onInterrupted?.(reportOf(runs, areSeveral));
  }
  throw failure;
}

function nameOf({ clusterName = 'default' }: ScenarioOptions): string {
  return clusterName;
}

async function runOnCluster(prepared: Prepared, options: ScenarioOptions, peers: Peers): Promise<ClusterRun> {
  try {
    return await supervised(options, (signal) => measured(prepared, { ...options, signal }, peers));
  } finally {
    peers.leave(nameOf(options));
  }
}

async function measured({ testbed, scenario }: Prepared, options: ScenarioOptions, peers: Peers): Promise<ClusterRun> {
  const { stateDir, listener, signal } = options;
  const name = nameOf(options);
  const machine = machineNow();
  const progress = await Progress.open(options.progress, listener);
  const { seen } = progress;
  const live = await bringUp(testbed, options, (capabilities) => requireCapabilities(scenario, capabilities));
  let measurement: Measurement | undefined;
  const kinds = [...KIND_STEPS.map(({ kind }) => kind), ...(testbed.clusterSets.length > 0 ? CLUSTER_KINDS : [])];
  const watches = kinds.map(
    (kind): ObjectWatch => new ObjectWatch(live.client, kind, { timelines: seen?.timelines ?? true }),
  );
  const run: ScenarioRun = { live, watches, peers, stateDir, listener, signal };
  try {
    const environment = await environmentOf(name, live, machine, { stateDir, scenario });
    await Promise.all(watches.map((watch) => watch.start()));
    await endFaults(run);
    // What is there is of this run, where it is carried on.
    if (seen === undefined) {
      // While their machines are on them, hosts are not taken away.
      await clearClusters(run);
      for (const steps of KIND_STEPS) await steps.clear(run, CLEAR_MS);
    }
    const controllersUrl = () => (live.cluster === 'local' ? controllerManagerMetricsUrl(stateDir) : undefined);
    measurement = new Measurement(live, {
      ...{ stateDir, controllersUrl, everyMs: scenario.scrapeMs },
      managementHosts: await managementHostsOf(live),
      before: seen?.measured,
    });
    await measurement.start();
    // Without the objects of an earlier run, which were taken away before.
    const ofRun = ({ goneAt = Infinity }: Timeline) => goneAt >= progress.start;
    const timelines = () => watches.flatMap((watch) => [...(watch.timelines?.all() ?? [])]).filter(ofRun);
    await progress.follow(() => ({ timelines: timelines(), measured: measurement?.state }));
    const { startedAt, start } = progress;
    const { before, seeded } = new ClustersOfSteps(scenario.root, testbed.clusterSets);
    const bring: BringClustersOptions = {
      ...{ before, seeded, since: start },
      pace: options.clusterPace,
      timeoutMs: options.clusterTimeoutMs,
    };
    const brought: Brought =
      progress.brought === undefined ? await bringClusters(run, bring) : { records: progress.brought };
    const ofSteps: ScenarioRun = {
      ...run,
      live: { ...live, testbed: { ...testbed, fleets: hostsOfSteps(testbed) } },
    };
    if (brought.failure === undefined) {
      await progress.endBringing(brought.records);
      peers.arrive(name, ofSteps);
    }
    const executed =
      brought.failure === undefined
        ? await execute(scenario.root, actionsOf(ofSteps), { listener, progress, signal })
        : { records: [] };
    peers.leave(name);
    await peers.untilUnneeded(name);
    const records = [...brought.records, ...executed.records];
    const failure = brought.failure ?? executed.failure;
    const isReported = failure instanceof TestbedError || options.onInterrupted !== undefined;
    if (failure !== undefined && (records.length === 0 || !isReported)) throw failure;
    await measurement.stop(listener);
    const end = performance.now();
    await stopAll(watches);
    const interruptions = { ...interruptionsOf(watches), carriedOn: progress.resumes };
    return {
      name,
      scenario,
      startedAt,
      start,
      end,
      environment,
      records,
      timelines: timelines(),
      measurement,
      interruptions,
      failure,
    };
  } finally {
    // First: whoever is told to end has not long for it.
    await progress.close();
    await stopAll(watches);
    await measurement?.close();
    await live.close();
  }
}

async function stopAll(watches: readonly ObjectWatch[]): Promise<void> {
  await Promise.all(watches.map((watch) => watch.stop()));
}

function interruptionsOf(watches: readonly ObjectWatch[]): ClusterRun['interruptions'] {
  return {
    resumes: watches.reduce((sum, { interruptions }) => sum + interruptions.resumes, 0),
    relists: watches.reduce((sum, { interruptions }) => sum + interruptions.relists, 0),
  };
}

/** How long objects of an earlier run may take to go, in milliseconds. */
const CLEAR_MS = 900_000;
