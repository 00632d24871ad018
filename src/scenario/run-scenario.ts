import { resolveTestbed, type TestbedProps } from '../../lib/resolve-testbed';
import { DEFAULT_SCENARIO, resolveScenario, type ResolvedScenario } from '../../lib/scenario/resolve-scenario';
import { bringUp, type BringUpOptions } from '../bring-up';
import type { StepRecord } from '../figures/step-record';
import { HostWatch } from '../observe/host-watch';
import type { Timeline } from '../observe/timeline';
import type { Environment, Report } from '../report/report';
import { clearHosts } from './clear';
import { environmentOf, machineNow } from './environment';
import { execute } from './execute';
import { Measurement } from './measurement';
import { Players } from './players';
import { reportOf } from './report-of';
import { requireMeans } from './requirements';
import type { ScenarioRun } from './scenario-run';

export interface ScenarioOptions extends BringUpOptions {
  /**
   * Names the cluster in the report.
   * @default 'default'
   */
  readonly clusterName?: string;
}

/** Everything that one cluster showed in one run. All times are in milliseconds on the clock of performance.now(). */
export interface ClusterRun {
  readonly name: string;
  readonly scenario: ResolvedScenario;
  readonly startedAt: Date;
  /** When the run began and ended. */
  readonly start: number;
  readonly end: number;
  readonly environment: Environment;
  readonly records: readonly StepRecord[];
  readonly timelines: readonly Timeline[];
  readonly measurement: Pick<Measurement, 'apiServer' | 'operators'>;
  /** How often the watch of the hosts was picked up where it had ended, or begun anew. */
  readonly interruptions: { readonly resumes: number; readonly relists: number };
}

/**
 * Runs the scenario of a description on a testbed without hosts, which is brought up where it does not run, and measures
 * it. Hosts of an earlier run are taken away first; those of this one stay.
 *
 * @throws TestbedError: what {@link bringUp} throws; `invalid-input` for a scenario that this testbed cannot run; `timeout`
 * where no host at all gets where a step takes it
 */
export async function runScenario(props: TestbedProps, options: ScenarioOptions): Promise<Report> {
  return reportOf([await runOnCluster(props, options)]);
}

/** As {@link runScenario}, on several clusters at the same time, side by side in one report. */
export async function runScenarios(
  clusters: readonly { readonly props: TestbedProps; readonly options: ScenarioOptions }[],
): Promise<Report> {
  const ends = await Promise.allSettled(
    clusters.map(({ props, options }) => runOnCluster(props, clusters.length === 1 ? options : namingTasks(options))),
  );
  const runs = ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  return reportOf(runs);
}

/** Tells the listener of which cluster a task is. */
function namingTasks(options: ScenarioOptions): ScenarioOptions {
  const { listener, clusterName } = options;
  if (listener === undefined) return options;
  return { ...options, listener: (event) => listener({ ...event, task: `${clusterName}: ${event.task}` }) };
}

async function runOnCluster(props: TestbedProps, options: ScenarioOptions): Promise<ClusterRun> {
  const { stateDir, listener, signal, clusterName: name = 'default' } = options;
  const machine = machineNow();
  const { fleets, operators } = resolveTestbed(props);
  const scenario = resolveScenario(props.scenario ?? DEFAULT_SCENARIO, fleets, operators.length);
  const live = await bringUp(props, options, (means) => requireMeans(scenario, means));
  const players = live.players && new Players(live.players);
  let measurement: Measurement | undefined;
  const watch = new HostWatch(live.client, { timelines: true });
  const run: ScenarioRun = { live, watch, players, stateDir, listener, signal };
  try {
    const environment = await environmentOf(name, live, props, machine);
    await watch.start();
    await clearHosts(run, CLEAR_MS);
    measurement = new Measurement(live, players, scenario.scrapeMs);
    await measurement.start();
    const startedAt = new Date();
    const start = performance.now();
    const records = await execute(scenario.root, run, props.simulator);
    await measurement.stop(listener);
    const end = performance.now();
    await watch.stop();
    const { interruptions } = watch;
    // Without the hosts of an earlier run, which were taken away before.
    const timelines = [...(watch.timelines?.all() ?? [])].filter(({ goneAt = Infinity }) => goneAt >= start);
    return {
      ...{ name, scenario, startedAt, start, end, environment, records, timelines, measurement, interruptions },
    };
  } finally {
    await watch.stop();
    await measurement?.close();
    await live.close();
  }
}

/** How long hosts of an earlier run may take to go, in milliseconds. */
const CLEAR_MS = 900_000;
