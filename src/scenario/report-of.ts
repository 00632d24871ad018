import { KINDS } from '../../lib/kinds';
import { axisOf, onAxis, type Axis } from '../measure/axis';
import { metric } from '../measure/metric';
import { objectMetrics } from '../measure/object-metrics';
import { rounded } from '../measure/percentiles';
import { stateSeries } from '../measure/state-series';
import { nameInCluster } from '../report/metrics';
import {
  REPORT_VERSION,
  type Distribution,
  type Environment,
  type Metric,
  type Report,
  type Series,
  type StepResult,
  type Waterfall,
} from '../report/report';
import type { ClusterRun } from './cluster-run';

/** What a report says of one cluster. */
interface Part {
  readonly steps: readonly StepResult[];
  readonly metrics: readonly Metric[];
  readonly distributions: readonly Distribution[];
  readonly waterfalls: readonly Waterfall[];
  readonly series: readonly Series[];
}

const FAULTS: ReadonlySet<string> = new Set([
  ...['killOperator', 'slowApiServer', 'stopApiServer', 'takeCredentials', 'giveCredentials', 'failHosts'],
  ...['killManager', 'slowManager', 'workloadApiFault'],
]);

/**
 * What the runs of one scenario on one or several clusters found. Of several, everything says which it is of.
 *
 * @param areSeveral whether others were to be run too, which have failed. @default - where there are several runs
 */
export function reportOf(runs: readonly ClusterRun[], areSeveral = runs.length > 1): Report {
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run to report');
  const epoch = Math.min(...runs.map(({ start }) => start));
  const axis = axisOf(epoch, Math.max(...runs.map(({ end }) => end)));
  const parts = runs.map((run) => (areSeveral ? labelled(partOf(run, axis), run.name) : partOf(run, axis)));
  return {
    version: REPORT_VERSION,
    name: first.scenario.name,
    startedAt: new Date(Math.min(...runs.map(({ startedAt }) => startedAt.getTime()))).toISOString(),
    runs: 1,
    environment: together(runs, areSeveral),
    steps: parts.flatMap(({ steps }) => steps),
    metrics: parts.flatMap(({ metrics }) => metrics),
    distributions: parts.flatMap(({ distributions }) => distributions),
    waterfalls: parts.flatMap(({ waterfalls }) => waterfalls),
    series: { at: axis.at, series: parts.flatMap(({ series }) => series) },
  };
}

function partOf({ records, timelines, measurement, interruptions, end }: ClusterRun, axis: Axis): Part {
  const observed = objectMetrics(timelines, records, KINDS, end);
  const { apiServer, operators, controllers, managers, workloadApi, processes } = measurement;
  const suffix = (name: string) => (operators.length > 1 ? ` (${name})` : '');
  const ofProcesses = processes.series();
  const measured = [
    ...operators.flatMap((each) => each.series(suffix(each.name))),
    // Where their processes are looked at, these tell of CPU and memory.
    ...managers.flatMap((each) => each.series(ofProcesses.length === 0)),
    ...(workloadApi?.series() ?? []),
    ...apiServer.series(''),
    ...(controllers?.series('api-server', ' (controller manager)') ?? []),
    ...ofProcesses,
  ];
  return {
    steps: records.map(({ name, action, kind, start, end, objects, done, late }) => ({
      name,
      action,
      kind,
      objects,
      done,
      late,
      fault: FAULTS.has(action) ? true : undefined,
      start: rounded((start - axis.epoch) / 1000),
      end: rounded((end - axis.epoch) / 1000),
    })),
    metrics: [
      ...observed.metrics,
      ...operators.flatMap((each) => each.metrics()),
      ...managers.flatMap((each) => each.metrics()),
      ...(workloadApi?.metrics() ?? []),
      ...apiServer.metrics(),
      ...(controllers?.metrics('controller_manager', {}) ?? []),
      ...processes.metrics(),
      metric('watch_resumes', {}, 'count', interruptions.resumes, 'neither'),
      metric('watch_relists', {}, 'count', interruptions.relists, 'neither'),
      ...(interruptions.carriedOn ? [metric('run_carried_on', {}, 'count', interruptions.carriedOn, 'neither')] : []),
    ],
    distributions: observed.distributions,
    waterfalls: observed.waterfalls,
    series: [...stateSeries(timelines, axis, KINDS), ...measured.map((series) => onAxis(series, axis))],
  };
}

/** The same, with the cluster's name on all of it. */
function labelled({ steps, metrics, distributions, waterfalls, series }: Part, cluster: string): Part {
  const named = (name: string) => nameInCluster(cluster, name);
  return {
    steps: steps.map((step) => ({ ...step, name: named(step.name) })),
    metrics: metrics.map((each) => {
      const labels: Metric['labels'] = { cluster, ...each.labels };
      const { step } = labels;
      return { ...each, labels: step === undefined ? labels : { ...labels, step: named(step) } };
    }),
    distributions: distributions.map((each) => ({ ...each, step: named(each.step) })),
    waterfalls: waterfalls.map((each) => ({ ...each, step: named(each.step) })),
    series: series.map((each) => ({ ...each, name: named(each.name) })),
  };
}

/** The environments of several clusters as one: same machine, and each thing named by its cluster. */
function together(runs: readonly ClusterRun[], areSeveral: boolean): Environment {
  const environments = runs.map(({ environment }) => environment);
  const [first] = environments;
  if (first === undefined || !areSeveral) return first!;
  const named = <T extends { readonly name: string }>(what: (each: Environment) => readonly T[]): T[] =>
    runs.flatMap(({ name, environment }) =>
      what(environment).map((each) => ({ ...each, name: `${name}: ${each.name}` })),
    );
  const versions = new Set(environments.map(({ simulator }) => simulator.version));
  return {
    ...first,
    clusters: environments.flatMap(({ clusters }) => clusters),
    simulator: { kind: first.simulator.kind, version: [...versions].join(', ') },
    operators: named(({ operators }) => operators),
    managers: named(({ managers }) => managers),
    unlikeProduction: runs.flatMap(({ name, environment }) =>
      (environment.unlikeProduction ?? []).map((each) => ({ ...each, option: `${name}: ${each.option}` })),
    ),
    sets: named(({ sets }) => sets),
  };
}
