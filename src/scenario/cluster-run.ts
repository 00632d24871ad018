import type { ResolvedScenario } from '../../lib/scenario/resolved';
import type { StepRecord } from '../measure/step-record';
import type { Environment } from '../report/report';
import type { Timeline } from '../watch/timeline';
import type { Measurement } from './measurement';

/** Everything that one cluster showed in one run. All times are in milliseconds on the clock of performance.now(). */
export interface ClusterRun {
  readonly name: string;
  readonly scenario: Pick<ResolvedScenario, 'name'>;
  readonly startedAt: Date;
  /** When the run began and ended. */
  readonly start: number;
  readonly end: number;
  readonly environment: Environment;
  readonly records: readonly StepRecord[];
  readonly timelines: readonly Timeline[];
  readonly measurement: Pick<
    Measurement,
    'apiServer' | 'controllers' | 'managers' | 'operators' | 'processes' | 'workloadApi'
  >;
  /** How often the watches were picked up where it had ended, or begun anew, and the run itself was carried on. */
  readonly interruptions: { readonly resumes: number; readonly relists: number; readonly carriedOn?: number };
  /** What ended the scenario before its last step: a TestbedError, or the reason of the signal. */
  readonly failure?: Error | undefined;
}
