import type { StepKind } from '../../lib/scenario/steps';
import type { Kind } from '../../lib/kinds/kind';
import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import type { ScenarioRun, StepAction } from '../scenario/scenario-run';

export type StepActions = { readonly [K in StepKind]: StepAction<K> };

/** What a scenario does to the objects of one kind. */
export interface KindSteps<K extends StepKind = never> {
  readonly kind: Kind;
  /** The steps that are for objects of this kind. @param simulator how hosts behave where kwok simulates them */
  actions(simulator: HostStagesProps): Pick<StepActions, K>;
  /**
   * Takes away the objects of an earlier run, so that every run begins alike.
   *
   * @throws TestbedError (`timeout`) naming objects that do not go
   */
  clear(run: ScenarioRun, timeoutMs: number): Promise<void>;
}
