import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import type { SimulatorBuilds } from '../simulators/builds';
import { supervised } from '../simulators/supervise';
import { bringObjects, type BroughtObjects, type ObjectsOptions } from './bring-objects';
import { bringUp } from './bring-up';
import { describedClusters, describedHosts } from './described';
import type { BringUpOptions } from './live-testbed';

export type UpOptions = BringUpOptions & Pick<ObjectsOptions, 'timeoutMs'>;

export interface UpResult extends SimulatorBuilds, BroughtObjects {
  readonly kubeconfig: string;
}

/**
 * Brings a testbed to life, and returns when its hosts and clusters have settled. Running it again continues what was
 * interrupted, and changes nothing where all is as described.
 *
 * @throws TestbedError: `invalid-input` for the description, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming what is still pending
 */
export async function up(props: TestbedProps, options: UpOptions): Promise<UpResult> {
  return supervised(options, (signal) => bringToLife(props, { ...options, signal }));
}

async function bringToLife(props: TestbedProps, options: UpOptions): Promise<UpResult> {
  const testbed = resolveTestbed(props);
  const live = await bringUp(testbed, options);
  try {
    const { simulator, builds, kubeconfig } = live;
    const mayFail = simulator === 'kwok' && (testbed.simulator.failures?.length ?? 0) > 0;
    const described = { hosts: describedHosts(testbed.fleets), clusters: describedClusters(testbed.clusterSets) };
    return { kubeconfig, simulator, builds, ...(await bringObjects(live, described, { ...options, mayFail })) };
  } finally {
    await live.close();
  }
}
