import { join } from 'node:path';
import { Fleet } from '../../lib';
import { CLUSTER_NAME_LABEL, CONTROL_PLANE_LABEL } from '../../lib/kinds/cluster/api-groups';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Kind } from '../../lib/kinds/kind';
import { machineKind } from '../../lib/kinds/machine/kind';
import { Applier } from '../../src/apply/apply';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { inParallel } from '../../src/util/in-parallel';
import { objectPath } from '../../src/watch/paths';
import { providerDefinitions } from '../../test/support/providers';
import type { Benchmark } from '../benchmark';
import { measure, toResult } from '../measure';
import { applyClient, onCluster } from '../support/bench-cluster';

/** How many clusters, of two machines each: BENCH_WATCHED_CLUSTERS=3000 for more. */
const CLUSTERS = Number(process.env['BENCH_WATCHED_CLUSTERS'] ?? '1000');
const MACHINES_EACH = 2;
const IN_FLIGHT = 64;
/** What a thousand clusters are to take from nothing to available: the time over which it is told what share of a core it costs. */
const SECONDS = 3_600;

/** As real ones have them, in the order in which they come. */
const OF_CLUSTER = [
  ...['Paused', 'RollingOut', 'Remediating', 'ScalingDown', 'ScalingUp', 'Deleting', 'InfrastructureReady'],
  ...['ControlPlaneMachinesUpToDate', 'WorkerMachinesUpToDate', 'RemoteConnectionProbe', 'ControlPlaneInitialized'],
  ...['ControlPlaneAvailable', 'ControlPlaneMachinesReady', 'WorkerMachinesReady', 'WorkersAvailable', 'Available'],
];
const OF_MACHINE = [
  ...['Paused', 'Updating', 'Deleting', 'UpToDate', 'BootstrapConfigReady', 'InfrastructureReady'],
  ...[
    'NodeKubeadmLabelsAndTaintsSet',
    'NodeReady',
    'NodeHealthy',
    'APIServerPodHealthy',
    'ControllerManagerPodHealthy',
  ],
  ...['SchedulerPodHealthy', 'EtcdPodHealthy', 'EtcdMemberHealthy', 'Ready', 'Available'],
];
const OF_HOST = ['registering', 'inspecting', 'preparing', 'available', 'provisioning', 'provisioned'];
const PHASES = ['Pending', 'Provisioning', 'Provisioned', 'Running'];

export const watchClusters: Benchmark = {
  name: 'watch-clusters',
  description:
    'clusters with their machines and hosts, and the timelines of all, observed through all that they go through',
  run: () =>
    onCluster(async (cluster) => {
      const { client } = cluster;
      await new Applier(client).applyAll(providerDefinitions(), { task: 'CRDs' });
      const machines = CLUSTERS * MACHINES_EACH;
      const fleet = new Fleet({ name: 'bench', count: machines });
      const script = join(__dirname, '..', 'watch-clusters-client.js');
      const [usage] = await Promise.all([
        measure<{ readonly restCores: number; readonly events: number }>(process.execPath, [
          ...[script, cluster.kubeconfig, String(CLUSTERS), String(machines)],
        ]),
        (async () => {
          await applyClient(cluster, 'post', machines, fleet.name);
          await inParallel(numbers(CLUSTERS), IN_FLIGHT, (i) => create(client, clusterKind, `c-${i}`, clusterSpec, {}));
          await inParallel(numbers(machines), IN_FLIGHT, (i) =>
            create(client, machineKind, `m-${i}`, machineSpec(i), labelsOf(i)),
          );
          for (const state of OF_HOST)
            await inParallel(fleet.hosts(), IN_FLIGHT, ({ namespace, name }) =>
              patchStatus(client, bareMetalHostKind, namespace, name, hostStatus(state)),
            );
          for (const step of OF_CLUSTER.keys()) {
            await inParallel(numbers(machines), IN_FLIGHT, (i) =>
              patchStatus(client, machineKind, 'default', `m-${i}`, {
                phase: PHASES[Math.floor((step / OF_MACHINE.length) * PHASES.length)],
                conditions: conditions(OF_MACHINE, step),
              }),
            );
            await inParallel(numbers(CLUSTERS), IN_FLIGHT, (i) =>
              patchStatus(client, clusterKind, 'default', `c-${i}`, {
                phase: 'Provisioned',
                conditions: conditions(OF_CLUSTER, step),
              }),
            );
          }
        })(),
      ]);
      const share = ((usage.cpuMs / 1000 / SECONDS) * 100).toFixed(1);
      const note = `${machines} machines and hosts, ${usage.events} changes; ${share} % of a core over an hour; once settled ${(usage.restCores * 100).toFixed(2)} %`;
      return [toResult('watch-clusters', CLUSTERS, usage, note)];
    }),
};

function* numbers(count: number): Generator<number, void> {
  for (let i = 0; i < count; i++) yield i;
}

const reference = (apiGroup: string, kind: string, name: string) => ({ apiGroup, kind, name });
const INFRASTRUCTURE = 'infrastructure.cluster.x-k8s.io';

const clusterSpec = {
  controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 },
  infrastructureRef: reference(INFRASTRUCTURE, 'Metal3Cluster', 'c'),
};

function machineSpec(i: number) {
  return {
    ...{ clusterName: clusterOf(i), version: 'v1.35.0' },
    bootstrap: { configRef: reference('bootstrap.cluster.x-k8s.io', 'KubeadmConfig', `m-${i}`) },
    infrastructureRef: reference(INFRASTRUCTURE, 'Metal3Machine', `m-${i}`),
  };
}

const clusterOf = (machine: number) => `c-${Math.floor(machine / MACHINES_EACH)}`;

function labelsOf(machine: number) {
  const role = machine % MACHINES_EACH === 0 ? { [CONTROL_PLANE_LABEL]: '' } : {};
  return { [CLUSTER_NAME_LABEL]: clusterOf(machine), ...role };
}

async function create(
  client: KubernetesClient,
  { apiVersion, kind, plural }: Kind,
  name: string,
  spec: object,
  labels: object,
) {
  const body = { apiVersion, kind, metadata: { name, labels }, spec };
  await client.request('POST', collectionPath(apiVersion, plural, 'default'), { body });
}

async function patchStatus(client: KubernetesClient, kind: Kind, namespace: string, name: string, status: object) {
  const contentType = 'application/merge-patch+json';
  await client.request('PATCH', `${objectPath(kind, namespace, name)}/status`, { contentType, body: { status } });
}

/** One more of them is as it is to be with each step. */
function conditions(types: readonly string[], step: number) {
  return types.map((type, i) => ({
    type,
    status: i <= step ? 'True' : 'False',
    reason: i <= step ? 'Ready' : 'NotReady',
    message: i <= step ? '' : `* ${type}: waiting for what comes before it`,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
}

function hostStatus(state: string) {
  const provisioning = { state, ID: '', image: { url: '' } };
  return {
    ...{ errorCount: 0, errorMessage: '', hardwareProfile: '', operationalStatus: 'OK', poweredOn: false },
    provisioning,
  };
}
