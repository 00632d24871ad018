import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { findKindCluster } from '../cluster/kind/kind-cluster';
import { findLocalCluster } from '../cluster/local/local-cluster';
import { whyNotReady } from '../install/workloads';
import { ApiError } from '../kubernetes/api-error';
import { KubernetesClient } from '../kubernetes/client';
import { readKubeconfig, type Credentials, type KubeconfigOptions } from '../kubernetes/kubeconfig';
import { clusterProcessProblems } from '../managers/cluster-processes';
import { openSimulators, simulatorProblem } from '../simulators/open';
import { WORKLOAD_API } from '../simulators/workload-api-process';
import type { TestbedState } from './state';
import { requireState } from './state';
import { TestbedError } from '../../lib/errors';

/** A testbed that `up` made, to talk to. */
export interface OpenTestbed {
  readonly state: TestbedState;
  readonly client: KubernetesClient;
  /** What does not run that should: one sentence each. */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * @throws TestbedError (`environment`) where there is no testbed in the folder, or its control plane does not run
 */
export async function openTestbed(stateDir: string): Promise<OpenTestbed> {
  const state = requireState(stateDir);
  const stopped = await whyStopped(stateDir, state);
  if (stopped !== undefined) throw new TestbedError('environment', `${stopped}: run 'metal3-testbed up'`);
  const client = new KubernetesClient(await testbedCredentials(stateDir, state));
  return {
    state,
    client,
    async problems() {
      const problem = await simulatorProblem(openSimulators(client, stateDir, state));
      const controllers = state.cluster === 'local' ? ((await findLocalCluster(stateDir))?.problems ?? []) : [];
      const clusters = await clusterProcessProblems(stateDir, clusterProcessesOf(state));
      return [
        ...(problem === undefined ? [] : [`the hosts do not change: ${withRemedy(problem)}`]),
        ...controllers.map((each) => `deleted namespaces and what deleted objects owned stay: ${withRemedy(each)}`),
        ...(await podsProblems(client, state)).map((each) => `clusters do not change: ${withRemedy(each)}`),
        ...clusters.map((each) => `clusters do not change: ${withRemedy(each)}`),
      ];
    },
    close: () => client.close(),
  };
}

/** What keeps the API of workload clusters from its work where it runs in pods. */
async function podsProblems(client: KubernetesClient, { workloadApiPods }: TestbedState): Promise<readonly string[]> {
  if (workloadApiPods === undefined) return [];
  try {
    const problem = await whyNotReady(client, workloadApiPods);
    return problem === undefined ? [] : [problem];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return [`the StatefulSet ${workloadApiPods.namespace}/${workloadApiPods.name} is gone`];
  }
}

/** The processes that take care of clusters. */
export function clusterProcessesOf({ managers = [], workloadApi }: TestbedState): readonly string[] {
  return [...managers.map(({ name }) => name), ...(workloadApi ? [WORKLOAD_API] : [])];
}

/**
 * What a testbed is talked to with.
 *
 * @throws TestbedError (`environment`) where its kubeconfig is gone or is that of another folder, from which this one was
 * moved or copied
 */
export async function testbedCredentials(
  stateDir: string,
  { kubeconfig, context }: TestbedState,
  options: KubeconfigOptions = {},
): Promise<Credentials> {
  if (!existsSync(kubeconfig) || !isIn(stateDir, kubeconfig)) {
    const what = existsSync(kubeconfig) ? 'is of another folder' : 'is gone';
    throw new TestbedError(
      'environment',
      `the kubeconfig of the testbed in ${stateDir} ${what} (${kubeconfig}), or its folder was moved: run 'metal3-testbed up' again, which writes it`,
    );
  }
  return readKubeconfig(kubeconfig, context, options);
}

function isIn(stateDir: string, file: string): boolean {
  try {
    return realpathSync(stateDir) === realpathSync(dirname(file));
  } catch {
    return false;
  }
}

/** Of a cluster that the testbed does not own, only its API server can tell. */
async function whyStopped(stateDir: string, { cluster }: TestbedState): Promise<string | undefined> {
  if (cluster === 'kind') {
    const kind = await findKindCluster(stateDir);
    return kind?.status === 'running' ? undefined : `the kind cluster in ${stateDir} is ${kind?.status ?? 'missing'}`;
  }
  if (cluster !== 'local') return undefined;
  const local = await findLocalCluster(stateDir);
  if (local?.status === 'running') return undefined;
  if (local === undefined) return `the control plane in ${stateDir} does not run`;
  const how = local.status === 'stopped' ? 'does not run' : 'is not at work';
  return `the control plane in ${stateDir} ${how} (${local.reasons.join('; ')})`;
}

/** What is wrong, and how it is mended where that does not say so itself. */
function withRemedy(problem: string): string {
  return problem.includes("'kill -CONT ") ? problem : `${problem}; run 'metal3-testbed up'`;
}
