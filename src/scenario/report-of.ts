import { axisOf, onAxis, type Axis } from '../figures/axis';
import { figure } from '../figures/figure';
import { hostFigures } from '../figures/host-figures';
import { rounded } from '../figures/percentiles';
import { stateSeries } from '../figures/state-series';
import { nameInCluster } from '../report/figures';
import {
  REPORT_VERSION,
  type Distribution,
  type Environment,
  type Figure,
  type Report,
  type Series,
  type StepResult,
} from '../report/report';
import type { ClusterRun } from './run-scenario';

/** What a report says of one cluster. */
interface Part {
  readonly steps: readonly StepResult[];
  readonly figures: readonly Figure[];
  readonly distributions: readonly Distribution[];
  readonly series: readonly Series[];
}

const FAULTS: ReadonlySet<string> = new Set([
  ...['killOperator', 'slowApiServer', 'stopApiServer', 'takeCredentials', 'giveCredentials', 'failHosts'],
]);

/** What the runs of one scenario on one or several clusters found. Of several, everything says which it is of. */
export function reportOf(runs: readonly ClusterRun[]): Report {
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run to report');
  const epoch = Math.min(...runs.map(({ start }) => start));
  const axis = axisOf(epoch, Math.max(...runs.map(({ end }) => end)));
  const parts = runs.map((run) => (runs.length === 1 ? partOf(run, axis) : labelled(partOf(run, axis), run.name)));
  return {
    version: REPORT_VERSION,
    name: first.scenario.name,
    startedAt: new Date(Math.min(...runs.map(({ startedAt }) => startedAt.getTime()))).toISOString(),
    runs: 1,
    environment: together(runs),
    steps: parts.flatMap(({ steps }) => steps),
    figures: parts.flatMap(({ figures }) => figures),
    distributions: parts.flatMap(({ distributions }) => distributions),
    series: { at: axis.at, series: parts.flatMap(({ series }) => series) },
  };
}

function partOf({ records, timelines, measurement, interruptions }: ClusterRun, axis: Axis): Part {
  const hosts = hostFigures(timelines, records);
  const { apiServer, operators } = measurement;
  const suffix = (name: string) => (operators.length > 1 ? ` (${name})` : '');
  const measured = [...operators.flatMap((each) => each.series(suffix(each.name))), ...apiServer.series('')];
  return {
    steps: records.map(({ name, kind, start, end, hosts: count, done, late }) => ({
      ...{ name, kind, hosts: count, done, late },
      ...(FAULTS.has(kind) && { fault: true }),
      start: rounded((start - axis.epoch) / 1000),
      end: rounded((end - axis.epoch) / 1000),
    })),
    figures: [
      ...hosts.figures,
      ...operators.flatMap((each) => each.figures()),
      ...apiServer.figures(),
      figure('watch_resumes', {}, 'count', interruptions.resumes, 'neither'),
      figure('watch_relists', {}, 'count', interruptions.relists, 'neither'),
    ],
    distributions: hosts.distributions,
    series: [...stateSeries(timelines, axis), ...measured.map((series) => onAxis(series, axis))],
  };
}

/** The same, with the cluster's name on all of it. */
function labelled({ steps, figures, distributions, series }: Part, cluster: string): Part {
  const named = (name: string) => nameInCluster(cluster, name);
  return {
    steps: steps.map((step) => ({ ...step, name: named(step.name) })),
    figures: figures.map((each) => ({
      ...each,
      labels: {
        cluster,
        ...each.labels,
        ...(each.labels['step'] !== undefined && { step: named(each.labels['step']) }),
      },
    })),
    distributions: distributions.map((each) => ({ ...each, step: named(each.step) })),
    series: series.map((each) => ({ ...each, name: named(each.name) })),
  };
}

/** The environments of several clusters as one: same machine, and each thing named by its cluster. */
function together(runs: readonly ClusterRun[]): Environment {
  const environments = runs.map(({ environment }) => environment);
  const [first] = environments;
  if (first === undefined || environments.length === 1) return first!;
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
    hostSets: named(({ hostSets }) => hostSets),
  };
}
