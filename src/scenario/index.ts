/** What a program imports to run scenarios: `metal3-testbed/scenario`. */
import '../util/require-node';
export { runScenario, runScenarios, ScenarioError, type ScenarioOptions } from './run-scenario';
export type { ClusterChoice } from '../cluster/clusters';
export type { KindClusterShape, PortMapping } from '../cluster/kind/config';
export type { ClusterPace } from '../testbed/in-turns';
export type { BringUpOptions } from '../testbed/live-testbed';
export type { SimulatorKind } from '../simulators/names';
export type { Distribution, Environment, Metric, Report, Series, StepResult, Unit, Waterfall } from '../report/report';
export type { Listener, Operation, TestbedEvent } from '../util/events';
/** What descriptions are made of. */
export * from '../../lib/description';
