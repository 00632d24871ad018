/** What `up` and `run` take alike. */
import { resolve } from 'node:path';
import type { SimulatorKind } from '../simulators/names';
import type { BringUpOptions } from '../testbed/live-testbed';
import { clusterChoice, type Among, type ClusterFlags } from './cluster-options';
import type { BinaryFlag, ChoiceFlags } from './options';

export interface BringUpFlags extends ChoiceFlags, ClusterFlags {
  readonly hosts?: number;
  readonly simulator?: SimulatorKind;
  readonly bmoBinary?: BinaryFlag;
  readonly lock?: string;
  readonly takeOverHosts?: true;
  readonly installTimeout: number;
}

/**
 * @param among which one it is, where there are several management clusters
 * @throws TestbedError (`invalid-input`) for flags that do not go with the cluster
 */
export function bringUpOptions(flags: BringUpFlags, among?: Among) {
  return {
    cluster: clusterChoice(flags, among),
    installTimeoutMs: flags.installTimeout * 1000,
    simulator: flags.simulator,
    bmoBinary: flags.bmoBinary,
    lockFile: flags.lock === undefined ? undefined : resolve(flags.lock),
    takeOverHosts: flags.takeOverHosts,
  } satisfies Partial<BringUpOptions>;
}
