/** Finds what changes how fast, and at what cost, a machine brings clusters to available. */
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import type { ClusterSetProps } from '../../lib/kinds/cluster/cluster-set-props';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { metricValue } from '../report/metrics';
import type { Report } from '../report/report';
import { runScenario } from '../scenario/run-scenario';
import { down } from '../testbed/down';
import { up } from '../testbed/up';
import type { Operation } from '../util/events';
import {
  changesNothing,
  changesOf,
  CLUSTER_CANDIDATES,
  requireClusters,
  type ClusterCandidates,
  type ClusterChange,
} from './cluster-settings';
import { cpuSecondsOf, untilQuiet } from './until-quiet';

/** How clusters came to be available. */
export interface ClusterTrial {
  /** What was otherwise than in the description; undefined for the description itself, and for it with all that was kept. */
  readonly change: { readonly setting: string; readonly value: string } | undefined;
  /** Whether every cluster came to be available. */
  readonly isDone: boolean;
  readonly clustersPerMinute: number;
  /** Seconds from when a cluster was made until it was available, of half of them and of 99 in 100. */
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  /** CPU time that all processes of this machine took for each; undefined where the system does not tell. */
  readonly cpuSecondsEach: number | undefined;
  /** Requests to the API server that managers sent for each, and of all requests those that were refused (409). */
  readonly requestsEach: number;
  readonly conflicts: number;
}

export interface ClusterTuning {
  /** In the order in which they were tried; the first is the description as it is. */
  readonly trials: readonly ClusterTrial[];
  /** The fastest of those whose settings may be kept. */
  readonly best: ClusterTrial;
  /** What is to be written into the description for it. */
  readonly kept: readonly ClusterChange[];
}

export interface TuneClustersOptions extends Operation {
  /** Folder in which a control plane of its own is run, and nothing is left. */
  readonly stateDir: string;
  /** Binary of the Bare Metal Operator. @default - looked for as `up` does */
  readonly bmoBinary?: string | undefined;
  /** How long the clusters of one trial may take, in milliseconds. @default 600000 */
  readonly timeoutMs?: number | undefined;
  /** @default CLUSTER_CANDIDATES */
  readonly candidates?: ClusterCandidates | undefined;
  /** What one trial finds. @default - on an embedded control plane with real managers */
  readonly measure?: typeof measureClusters;
}

/** A setting is changed for what is more than the moods of the machine. */
const WORTH_IT = 1.05;
const TIMEOUT_MS = 600_000;

/**
 * Tries settings of the managers on an embedded control plane with real ones: from those of the description on, one setting after
 * the other, keeping of each what was fastest, and that twice. What changes what is tested, or how clusters are written, is tried
 * for what it costs, and not kept. What is as described already is not tried.
 *
 * @throws TestbedError: `invalid-input` for a description that cannot be tuned, before anything is started; `environment` for
 * a program that cannot be had; `timeout` where clusters do not come to be available as they are described
 */
export async function tuneClusters(props: TestbedProps, options: TuneClustersOptions): Promise<ClusterTuning> {
  requireClusters(props);
  const changes = changesOf(props, options.candidates ?? CLUSTER_CANDIDATES);
  // A mistake in one of them shows before hours were spent on the others.
  for (const change of changes) requireClusters(change.apply(props));
  const { listener, measure = measureClusters } = options;
  const trials: ClusterTrial[] = [];
  const attempt = async (tried: TestbedProps, change?: ClusterChange) => {
    const name = change === undefined ? 'as described' : `${change.setting}: ${change.value}`;
    const start = performance.now();
    const trial = await measure(tried, change, options);
    const found = trial.isDone ? `${trial.clustersPerMinute.toFixed(1)} clusters a minute` : 'not all were available';
    const seconds = (performance.now() - start) / 1000;
    listener?.({ type: 'done', task: 'trial', detail: `${name}: ${found}`, seconds });
    trials.push(trial);
    return trial;
  };
  const first = await attempt(props);
  if (!first.isDone)
    throw new TestbedError(
      'timeout',
      'not all clusters came to be available as they are described: try fewer clusters, or a longer --timeout',
    );
  const kept: ClusterChange[] = [];
  let best: Tried = { props, trial: first };
  for (const ofSetting of Map.groupBy(changes, ({ setting }) => setting).values()) {
    const base = best.props;
    let won: ClusterChange | undefined;
    for (const change of ofSetting) {
      if (changesNothing(change, base)) continue;
      const changed = change.apply(base);
      const trial = await attempt(changed, change);
      if (change.isShownOnly || !isFaster(trial, best.trial)) continue;
      // Both once more, since a trial differs by a tenth from the one before: what is faster is so each time.
      const before = await attempt(best.props, best.change);
      const again = await attempt(changed, change);
      best = { ...best, trial: bySpeed(best.trial, before)[1] };
      const [slower] = bySpeed(trial, again);
      if (!isFaster(slower, best.trial)) continue;
      best = { props: changed, change, trial: slower };
      won = change;
    }
    if (won !== undefined) kept.push(won);
  }
  return { trials, best: best.trial, kept };
}

/** A description with one trial of it, and what it has otherwise than the one before. */
interface Tried {
  readonly props: TestbedProps;
  readonly change?: ClusterChange | undefined;
  readonly trial: ClusterTrial;
}

function isFaster(trial: ClusterTrial, than: ClusterTrial): boolean {
  return trial.isDone && trial.clustersPerMinute > than.clustersPerMinute * WORTH_IT;
}

/** The slower one first, and before it one where not all clusters came. */
function bySpeed(one: ClusterTrial, other: ClusterTrial): readonly [ClusterTrial, ClusterTrial] {
  const speed = ({ isDone, clustersPerMinute }: ClusterTrial) => (isDone ? clustersPerMinute : 0);
  return speed(one) <= speed(other) ? [one, other] : [other, one];
}

/** Each trial has a control plane of its own: the clusters of the one before would have to be deleted, which takes longer. */
async function measureClusters(
  props: TestbedProps,
  change: ClusterChange | undefined,
  options: TuneClustersOptions,
): Promise<ClusterTrial> {
  const { bmoBinary, timeoutMs = TIMEOUT_MS, listener, signal } = options;
  const stateDir = join(options.stateDir, 'tune');
  const { scenario: _, ...described } = props;
  const common = { stateDir, bmoBinary, listener, signal };
  const ofClusters = { clusterPace: change?.pace, clusterTimeoutMs: timeoutMs };
  const withoutClusters = { ...described, hostSets: [], clusterSets: described.clusterSets?.map(without) };
  try {
    await up(withoutClusters, { ...common, timeoutMs });
    await untilQuiet(await cpuSecondsOf(stateDir), { listener, signal });
    const report = await runScenario(described, { ...common, ...ofClusters }).catch((error: unknown) => {
      if (error instanceof TestbedError && error.code === 'timeout' && 'report' in error) return error.report as Report;
      throw error;
    });
    return trialOf(report, change);
  } finally {
    // Also where it is interrupted.
    await down(stateDir, { delete: true, listener });
  }
}

function without(set: ClusterSetProps): ClusterSetProps {
  return { ...set, count: 0, overrides: undefined };
}

/** What a report says of its clusters. */
export function trialOf(report: Report, change: Pick<ClusterChange, 'setting' | 'value'> | undefined): ClusterTrial {
  const step = report.steps.find(({ action, kind }) => action === 'bringUp' && kind === 'Cluster');
  const { objects = 0, done = 0 } = step ?? {};
  const value = (name: string, labels = {}) => metricValue(report, name, labels);
  const available = (quantile: string) =>
    value('condition_seconds', { kind: 'Cluster', condition: 'Available', quantile }) ?? Infinity;
  const seconds = step === undefined ? Infinity : step.end - step.start;
  const requests = report.metrics
    .filter(({ name, labels }) => name === 'manager_requests_total' && labels['api'] === 'management')
    .reduce((sum, each) => sum + each.value, 0);
  const cpuSeconds = value('processes_cpu_seconds');
  return {
    change: change && { setting: change.setting, value: change.value },
    isDone: objects > 0 && done === objects,
    clustersPerMinute: (done / seconds) * 60,
    p50Seconds: available('0.5'),
    p99Seconds: available('0.99'),
    cpuSecondsEach: cpuSeconds === undefined ? undefined : cpuSeconds / Math.max(1, objects),
    requestsEach: requests / Math.max(1, objects),
    conflicts: value('api_server_refusals_total', { code: '409' }) ?? 0,
  };
}
