import { invalidInput } from '../../lib/errors';
import type { KindClusterShape } from './kind/config';
import { loadImages, startKindCluster } from './kind/kind-cluster';
import { kindLayout, readRecord } from './kind/record';
import { startLocalCluster } from './local/local-cluster';
import { readPorts, stateLayout } from './local/state';
import type { Operation } from '../util/events';
import { readState } from '../testbed/state';

/** Where a testbed is brought to life. */
export type ClusterChoice =
  | {
      readonly kind: 'local';
      /** Whether owner references cascade and deleted namespaces end, by kube-controller-manager. @default true */
      readonly controllerManager?: boolean;
    }
  | ({
      readonly kind: 'kind';
      /** Images, or archives of images, that are put onto its nodes beforehand. @default none */
      readonly loadImages?: readonly string[];
    } & KindClusterShape)
  | {
      readonly kind: 'existing';
      /** Path of the kubeconfig; never taken from the environment. */
      readonly kubeconfig: string;
      /** Never the current one: whoever means a cluster says its name. */
      readonly context: string;
      /** The context's name once more, where the cluster does not look like one for tests. @default none */
      readonly confirmed?: string;
    };

interface StartOptions extends Operation {
  readonly stateDir: string;
  /** What digests the tags of images stand for that programs are taken from. */
  readonly lockFile: string;
  /** How long a cluster with pods may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Starts the testbed's own cluster, or finds it.
 *
 * @returns the path of its kubeconfig
 */
export async function startOwnCluster(
  choice: Exclude<ClusterChoice, { kind: 'existing' }>,
  options: StartOptions,
): Promise<string> {
  const { timeoutMs, lockFile, ...common } = options;
  if (choice.kind === 'local') {
    const { controllerManager = true } = choice;
    return (await startLocalCluster({ ...common, lockFile, controllerManager })).connection.kubeconfig;
  }
  const { kind: _, loadImages: images = [], ...shape } = choice;
  const { kubeconfig } = await startKindCluster({ ...shape, ...common, timeoutMs });
  await loadImages(options.stateDir, images, common);
  return kubeconfig;
}

/**
 * Two testbeds in one state folder would take each other's files, and two simulators one another's hosts.
 *
 * @throws TestbedError (`invalid-input`) where the folder holds a testbed that cannot become the one asked for
 */
export function refuseOtherTestbed(stateDir: string, cluster: ClusterChoice['kind'], isInCluster: boolean): void {
  const state = readState(stateDir);
  const remedy = `run 'metal3-testbed down --delete' first, or give another --state-dir`;
  // A cluster may have been begun without its testbed being written down.
  const held = state?.cluster ?? heldIn(stateDir);
  if (held !== undefined && held !== cluster)
    throw invalidInput(`${stateDir} holds a testbed with --cluster ${held}, not ${cluster}: ${remedy}`);
  if (state !== undefined && cluster !== 'local' && (state.operators !== undefined) !== isInCluster) {
    const [now, asked] = isInCluster
      ? ['a process on this machine', 'an operator in the cluster']
      : ['an operator in the cluster', 'a process on this machine'];
    throw invalidInput(`the hosts of the testbed in ${stateDir} are simulated by ${now}, not ${asked}: ${remedy}`);
  }
}

function heldIn(stateDir: string): ClusterChoice['kind'] | undefined {
  if (readRecord(kindLayout(stateDir)) !== undefined) return 'kind';
  return readPorts(stateLayout(stateDir)) === undefined ? undefined : 'local';
}
