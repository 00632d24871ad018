/** What `up` and `run` take alike. */
import { resolve } from 'node:path';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { withHostCount } from '../../lib/testbed/resolve';
import type { SimulatorKind } from '../simulators/names';
import { readTestbedFile } from '../testbed/file';
import type { BringUpOptions } from '../testbed/live-testbed';
import { clusterChoice, type ClusterFlags } from './cluster-options';
import type { BinaryFlag } from './options';

export interface BringUpFlags extends ClusterFlags {
  readonly hosts?: number;
  readonly simulator?: SimulatorKind;
  readonly bmoBinary?: BinaryFlag;
  readonly lock?: string;
  readonly stateDir: string;
  readonly takeOverHosts?: true;
  readonly installTimeout: number;
}

/** @throws TestbedError (`invalid-input`) for flags that do not go with the cluster */
export function bringUpOptions(flags: BringUpFlags) {
  return {
    cluster: clusterChoice(flags),
    installTimeoutMs: flags.installTimeout * 1000,
    simulator: flags.simulator,
    bmoBinary: flags.bmoBinary,
    lockFile: flags.lock === undefined ? undefined : resolve(flags.lock),
    takeOverHosts: flags.takeOverHosts,
  } satisfies Partial<BringUpOptions>;
}

/** The description of a file, or the default testbed; with another number of hosts where one is given. */
export async function readProps(file: string | undefined, hosts: number | undefined): Promise<TestbedProps> {
  const props = file === undefined ? {} : await readTestbedFile(file);
  return hosts === undefined ? props : withHostCount(props, hosts);
}
