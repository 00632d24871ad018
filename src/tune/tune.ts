/** Finds the settings with which a machine brings hosts to available fastest. */
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { down } from '../testbed/down';
import type { Operation } from '../util/events';
import { metricValue } from '../report/metrics';
import type { Report } from '../report/report';
import { runScenario } from '../scenario/run-scenario';
import type { Labels } from '../util/labels';
import { settingsOf, withSettings, type Setting, type Settings } from './settings';

/** How fast hosts came to available with some settings. */
export interface Trial {
  readonly settings: Settings;
  /** From the first request to the last host. */
  readonly hostsPerSecond: number;
  /** Seconds from a host's request until it was available, of 99 in 100 hosts. */
  readonly p99Seconds: number;
  /** Writes that the API server refused since somebody else had been faster (409). */
  readonly conflicts: number;
}

export interface Tuning {
  /** In the order in which they were tried; the first is with the settings of the description. */
  readonly trials: readonly Trial[];
  readonly best: Trial;
  /** Whether host sets were spread, so that `hostsPerNamespace` means something. */
  readonly canSpread: boolean;
}

/** What is tried of each setting. */
export type Candidates = Readonly<Record<Setting, readonly number[]>>;

export const CANDIDATES: Candidates = {
  kubeApiQps: [20, 200, 1_000],
  hostsPerNamespace: [5, 20, 50, 200],
  concurrency: [8, 16, 32, 64],
};

export interface TuneOptions extends Operation {
  /** Folder in which a control plane of its own is run, and nothing is left. */
  readonly stateDir: string;
  /** Binary of the Bare Metal Operator. @default - looked for as `up` does */
  readonly bmoBinary?: string;
  /** How long the hosts of one trial may take, in milliseconds. @default 600000 */
  readonly timeoutMs?: number;
  /** @default CANDIDATES */
  readonly candidates?: Candidates;
  /** Told of each trial as it ends. */
  readonly onTrial?: (trial: Trial) => void;
}

/** A setting is changed for what is more than the moods of the machine. */
const WORTH_IT = 1.05;
const TIMEOUT_MS = 600_000;

/**
 * Tries settings on an embedded control plane with real operators in test mode: from those of the description on, one
 * setting after the other, keeping of each what was fastest.
 *
 * @throws TestbedError: `invalid-input` for a description that cannot be tuned, before anything is started; `environment`
 * for an operator that cannot be had; `timeout` where hosts do not get to available with the settings of the description
 */
export async function tune(props: TestbedProps, options: TuneOptions): Promise<Tuning> {
  const { settings, canSpread } = settingsOf(props);
  const { candidates = CANDIDATES, onTrial } = options;
  const trials: Trial[] = [];
  const attempt = async (tried: Settings): Promise<Trial> => {
    const trial = await measure(withSettings(props, tried, canSpread), tried, options);
    trials.push(trial);
    onTrial?.(trial);
    return trial;
  };
  let best = await attempt(settings);
  for (const [setting, values] of Object.entries(candidates) as [Setting, readonly number[]][]) {
    if (setting === 'hostsPerNamespace' && !canSpread) continue;
    const before = best.settings;
    for (const value of values) {
      if (value === before[setting]) continue;
      const trial = await attempt({ ...before, [setting]: value }).catch(giveUp);
      if (trial !== undefined && trial.hostsPerSecond > best.hostsPerSecond * WORTH_IT) best = trial;
    }
  }
  return { trials, best, canSpread };
}

/** Settings with which hosts do not get there are no candidates. */
function giveUp(error: unknown): undefined {
  if (!(error instanceof TestbedError && error.code === 'timeout')) throw error;
}

/** Each trial has a control plane of its own: hosts of the one before would have to be deleted, which takes longer. */
async function measure(props: TestbedProps, settings: Settings, options: TuneOptions): Promise<Trial> {
  const { bmoBinary, timeoutMs = TIMEOUT_MS, listener, signal } = options;
  const stateDir = join(options.stateDir, 'tune');
  const scenario = { name: 'tune', steps: [{ enroll: {} }], timeoutSeconds: timeoutMs / 1000 };
  const common = { listener, signal };
  let report: Report;
  try {
    report = await runScenario({ ...props, scenario }, { stateDir, simulator: 'bmo', bmoBinary, ...common });
  } finally {
    // Also where it is interrupted.
    await down(stateDir, { delete: true, listener });
  }
  const late = report.steps.reduce((sum, { objects, done }) => sum + objects - done, 0);
  if (late > 0)
    throw new TestbedError(
      'timeout',
      `${late} hosts were still pending with ${JSON.stringify(settings)}, timed out after ${timeoutMs / 1000} s: try fewer hosts, or a longer --timeout`,
    );
  const value = (name: string, labels?: Labels) => metricValue(report, name, labels) ?? 0;
  return {
    settings,
    hostsPerSecond: value('step_objects_per_second'),
    p99Seconds: value('step_object_seconds', { quantile: '0.99' }),
    conflicts: value('api_server_refusals_total', { code: '409' }),
  };
}
