/** Where faults of the API of workload clusters are written down: beside its process, or in the cluster for its pods. */
import { existsSync } from 'node:fs';
import { workloadApiNamespace, workloadApiStatusPort } from '../../../lib/components/simulators/workload-api-address';
import type { WorkloadApiProps } from '../../../lib/components/simulators/workload-api';
import { readyPodsOfSet, statefulSetPath } from '../../install/workloads';
import type { KubernetesClient } from '../../kubernetes/client';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { processFolder } from '../../managers/ports';
import { findProcess } from '../../simulators/background-process';
import {
  faultConfigMapIds,
  removeFaultConfigMap,
  writeFaultConfigMap,
} from '../../simulators/workload-api/fault-config-maps';
import { faultIds, removeFault, writeFault } from '../../simulators/workload-api/fault-files';
import type { PlannedFault } from '../../simulators/workload-api/planned-fault';
import { faultsInForce, idsOfFaults, WORKLOAD_API } from '../../simulators/workload-api-process';
import type { LiveTestbed } from '../../testbed/live-testbed';

export interface FaultPlace {
  /** @param id of one that is to last longer or less long. @returns its id */
  write(planned: PlannedFault, id?: string): Promise<string>;
  /** Takes it away, and has everybody look who can be asked. */
  remove(...ids: readonly string[]): Promise<void>;
  ids(): Promise<readonly string[]>;
  /** @returns undefined where it is in force wherever clusters are simulated; otherwise a sentence */
  whyNot(id: string): Promise<string | undefined>;
}

/** @param live the testbed, of which the description says where the API of workload clusters runs */
export function faultPlace(
  stateDir: string,
  { client, testbed: { workloadApi } }: Pick<LiveTestbed, 'client' | 'testbed'>,
): FaultPlace {
  return workloadApi === undefined ? besideProcess(stateDir) : inCluster(client, workloadApi);
}

function besideProcess(stateDir: string): FaultPlace {
  const folder = processFolder(stateDir, WORKLOAD_API);
  const running = () => findProcess(folder, WORKLOAD_API);
  return {
    write: (planned, id) => Promise.resolve(writeFault(folder, planned, id)),
    remove: async (...ids) => {
      for (const id of ids) removeFault(folder, id);
      const process = running();
      // Where it does not answer, they are over at their time.
      if (process !== undefined && ids.length > 0) await faultsInForce(process.readyUrl);
    },
    ids: () => Promise.resolve(existsSync(folder) ? faultIds(folder) : []),
    whyNot: async (id) => {
      const process = running();
      if (process === undefined) return 'the API of workload clusters does not run';
      const inForce = await faultsInForce(process.readyUrl);
      return inForce?.includes(id) ? undefined : 'the API of workload clusters does not say that it is in force';
    },
  };
}

function inCluster(client: KubernetesClient, props: WorkloadApiProps): FaultPlace {
  const namespace = workloadApiNamespace(props);
  const set = { namespace, name: WORKLOAD_API };
  /** Those in force in each pod; undefined for one that does not answer. */
  const inForce = async () => {
    const pods = await readyPodsOfSet(client, set);
    return Promise.all(pods.map(async (pod) => ({ pod, ids: await askPod(client, namespace, pod) })));
  };
  return {
    write: (planned, id) => writeFaultConfigMap(client, namespace, planned, id),
    remove: async (...ids) => {
      for (const id of ids) await removeFaultConfigMap(client, namespace, id);
      if (ids.length > 0) await inForce();
    },
    ids: () => faultConfigMapIds(client, namespace),
    whyNot: async (id) => {
      const { spec } = await client.request<{ readonly spec: { readonly replicas?: number } }>(
        'GET',
        statefulSetPath(set),
      );
      const pods = await inForce();
      const wanted = spec.replicas ?? 1;
      if (pods.length < wanted) return `${pods.length} of ${wanted} pods of the API of workload clusters are ready`;
      const late = pods.find(({ ids }) => !ids?.includes(id));
      return late === undefined ? undefined : `pod ${late.pod} does not say that it is in force`;
    },
  };
}

async function askPod(
  client: KubernetesClient,
  namespace: string,
  pod: string,
): Promise<readonly string[] | undefined> {
  const path = `${collectionPath('v1', 'pods', namespace)}/${pod}:${workloadApiStatusPort}/proxy/faults`;
  try {
    return idsOfFaults((await client.answer('GET', path, { retryMs: 0 })).text);
  } catch {
    return undefined;
  }
}
