/** The managers of a testbed as a report names them, and how what they tell of themselves is read, wherever they run. */
import { SHARD_LABEL } from '../../lib/components/cluster-api-provider/shards';
import { deploymentsWithContainer } from '../../lib/upstream';
import type { Installation, Installed } from '../install/installation';
import { KWOK } from '../../lib/components/simulators/kwok';
import { workloadApiStatusPort } from '../../lib/components/simulators/workload-api-address';
import type { NamespacedName } from '../kubernetes/objects';
import type { KubernetesClient } from '../kubernetes/client';
import { findProcess } from '../simulators/background-process';
import { describeBuild } from '../simulators/builds';
import { podMetrics, statefulMetrics } from '../simulators/in-cluster';
import type { MetricsSource, SimulatorMember } from '../simulators/simulators';
import { requestsIn, requestsPerCluster, WORKLOAD_API } from '../simulators/workload-api-process';
import type { ReadyManager } from './manager-programs';
import { processFolder } from './ports';

/** One manager, how it is called, and where its metrics are now. */
export interface ManagerMember extends SimulatorMember {
  /** Its release, and of a program what tells one build from another. */
  readonly version: string;
  readonly metrics: MetricsSource;
}

/** Managers that are processes beside a cluster. */
export function processMembers(stateDir: string, managers: readonly ReadyManager[]): readonly ManagerMember[] {
  return managers.map(({ component: { name }, form, build }) => ({
    name,
    arguments: form.args,
    environment: form.env,
    version: describeBuild(build),
    metrics: processMetrics(stateDir, name),
  }));
}

/** Managers that run in pods. */
export function podMembers(client: KubernetesClient, { components }: Installation): readonly ManagerMember[] {
  // kwok is a simulator, which has members of its own.
  return components
    .filter(({ component: { name, needsPods } }) => needsPods === true && name !== KWOK)
    .flatMap((each) => podMember(client, each));
}

function podMember(client: KubernetesClient, { component, objects }: Installed): readonly ManagerMember[] {
  const { name, metrics } = component;
  if (metrics === undefined) return [];
  const deployments = deploymentsWithContainer(objects, 'manager');
  return deployments.map(({ metadata, spec }) => {
    const { containers } = spec.template.spec;
    const { args = [], env = [], image = '' } = containers.find((container) => container.name === 'manager') ?? {};
    const { namespace = 'default', name: ofDeployment } = metadata;
    const watched = spec.template.metadata?.labels?.[SHARD_LABEL];
    return {
      // Of several, each by what it takes care of.
      name: watched === undefined ? name : `${name} of ${watched}`,
      arguments: args,
      // What comes from Secrets and the like is not said here.
      environment: Object.fromEntries(
        env.flatMap((each): [string, string][] => (typeof each.value === 'string' ? [[each.name, each.value]] : [])),
      ),
      version: image.slice(image.lastIndexOf(':') + 1),
      metrics: podMetrics(client, { namespace, name: ofDeployment }, metrics),
    };
  });
}

/** What the API of workload clusters tells of itself. */
export interface WorkloadApiSource extends MetricsSource {
  /** How many requests each cluster has had since the simulator was started. */
  requestsPerCluster(): Promise<readonly number[]>;
}

/** Where it is a process of this machine. */
export function workloadApiMetrics(stateDir: string): WorkloadApiSource {
  const source = processMetrics(stateDir, WORKLOAD_API);
  return { ...source, requestsPerCluster: () => requestsPerCluster(source.url()) };
}

/** Where it runs in pods. */
export function workloadApiPodMetrics(client: KubernetesClient, set: NamespacedName): WorkloadApiSource {
  const at = (path: string) => statefulMetrics(client, set, { path, port: workloadApiStatusPort });
  const perCluster = async () => {
    const lines: string[] = [];
    const signal = AbortSignal.timeout(PER_CLUSTER_MS);
    // Without it the report says everything else.
    try {
      for await (const line of at('/metrics/clusters').lines!(signal)) lines.push(line);
    } catch {
      return [];
    }
    return requestsIn(lines);
  };
  return { ...at('/metrics'), requestsPerCluster: perCluster };
}

const PER_CLUSTER_MS = 60_000;

function processMetrics(stateDir: string, name: string): MetricsSource {
  return { url: () => findProcess(processFolder(stateDir, name), name)?.metricsUrl };
}
