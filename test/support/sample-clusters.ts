/** A report of clusters, made by what makes reports of real runs, from lives and metrics that are computed. */
import { ManagerRecord } from '../../src/measure/manager-record';
import { Samples } from '../../src/measure/metrics/samples';
import { ProcessRecord } from '../../src/measure/process-record';
import type { StepRecord } from '../../src/measure/step-record';
import { WorkloadApiRecord } from '../../src/measure/workload-api-record';
import type { Environment, Report } from '../../src/report/report';
import { reportOf } from '../../src/scenario/report-of';
import type { Timeline } from '../../src/watch/timeline';
import { noMeasurement } from './no-measurement';
import { sampleReport } from './sample-report';

const MANAGERS = ['cluster-api', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'ip-address-manager', 'metal3-provider'];
const CONTROLLERS = ['cluster', 'machine', 'machineset', 'machinedeployment', 'clustercache'];
const EVERY_MS = 5_000;

export const UNLIKE_PRODUCTION: NonNullable<Environment['unlikeProduction']> = [
  {
    option: 'operators.baremetal-operator-system.testMode',
    here: 'in test mode (--test-mode): no machine is looked at, written or booted, and all hosts of the operator are one',
    production: 'Ironic, and machines with BMCs, which take minutes for each step',
  },
  {
    option: 'workloadApi',
    here: 'one process answered for the API servers, etcd members and kubelets of all workload clusters',
    production: 'each cluster runs on its own machines',
  },
  ...MANAGERS.flatMap((manager) => [
    { option: `managers.${manager}.kube-api-qps`, here: '--kube-api-qps=1000', production: '100' },
    { option: `managers.${manager}.kube-api-burst`, here: '--kube-api-burst=2000', production: '200' },
  ]),
  { option: 'etcd.unsafe-no-fsync', here: '--unsafe-no-fsync', production: 'each write waits for the disk' },
  { option: 'apiServer.GOGC', here: 'GOGC=400', production: '100' },
];

/** @param clusters of one control plane machine and one worker each; the last one finds no host for its worker */
export function sampleClusterReport(clusters: number): Report {
  const lines: Timeline[] = [];
  const line = (kind: string, name: string, seenAt: number, changes: readonly (readonly [string, string, number])[]) =>
    lines.push({
      ...{ kind, namespace: 'lab', name, uid: `${kind}-${name}`, seenAt, goneAt: undefined },
      transitions: changes.map(([field, to, at]) => ({ field, from: '', to, at, isAfterGap: false })),
    });
  const isTrue = (type: string, at: number) => [`condition ${type}`, 'True', at] as const;
  const machine = (cluster: string, name: string, role: string, at: number, isStuck: boolean) => {
    line('Machine', name, at, [
      ['state', 'pending', at],
      ...([
        ['cluster', `lab/${cluster}`, at],
        ['role', role, at],
        ['infrastructure', `lab/${name}`, at],
      ] as const),
      isTrue('BootstrapConfigReady', at + 1_500),
      ...(isStuck
        ? []
        : [
            isTrue('InfrastructureReady', at + 6_000),
            ['node', 'there', at + 7_500] as const,
            isTrue('NodeReady', at + 7_600),
            ...(role === '' ? [] : [isTrue('EtcdMemberHealthy', at + 8_000)]),
            isTrue('Ready', at + 9_000),
            isTrue('Available', at + 9_000),
            ['state', 'running', at + 9_000] as const,
          ]),
    ]);
    line('BareMetalHost', `host-${name}`, at - 3_000, [
      ['state', 'registering', at - 2_500],
      ['state', 'available', at - 500],
      ...(isStuck
        ? []
        : ([
            ['consumer', `lab/${name}`, at + 2_500],
            ['state', 'provisioning', at + 3_000],
            ['state', 'provisioned', at + 5_500],
          ] as const)),
    ]);
  };
  for (let i = 0; i < clusters; i++) {
    const at = 4_000 + i * 2_000;
    const slower = (i % 7) * 1_000;
    const name = `cluster-${i + 1}`;
    const isStuck = i === clusters - 1;
    machine(name, `${name}-cp`, 'control plane', at + 2_000 + slower, false);
    machine(name, `${name}-md`, '', at + 2_500 + slower * 2, isStuck);
    const ready = at + 12_000 + slower * 2;
    line('Cluster', name, at, [
      ['state', 'provisioning', at + 100],
      isTrue('InfrastructureReady', at + 1_500),
      isTrue('ControlPlaneInitialized', at + 10_500 + slower),
      isTrue('RemoteConnectionProbe', at + 10_600 + slower),
      isTrue('ControlPlaneAvailable', at + 11_200 + slower),
      ...(isStuck
        ? []
        : [isTrue('WorkersAvailable', ready), isTrue('Available', ready), ['state', 'available', ready] as const]),
    ]);
  }
  const end = 60_000 + clusters * 2_000;
  const all = lines.filter(({ kind }) => kind === 'Cluster').map(({ namespace, name }) => `${namespace}/${name}`);
  const record = (kind: string, noun: string, asked: readonly string[], late: readonly string[]): StepRecord => ({
    ...{ name: `bring up ${noun}`, action: 'bringUp', kind, start: 0, end, retries: 0, late },
    ...{ objects: asked.length, done: asked.length - late.length, goal: { field: 'state', word: 'settled' } },
    asked: new Map(asked.map((object) => [object, 0])),
  });
  const keys = (of: string) =>
    lines.filter(({ kind }) => kind === of).map(({ namespace, name }) => `${namespace}/${name}`);
  const sample = sampleReport({ hosts: 1 });
  return reportOf([
    {
      ...{ name: 'local', scenario: { name: 'a thousand clusters' }, startedAt: new Date('2026-03-14T09:26:53Z') },
      ...{ start: 0, end, timelines: lines, interruptions: { resumes: 0, relists: 0 } },
      records: [
        record('BareMetalHost', 'hosts', keys('BareMetalHost'), []),
        record('Cluster', 'clusters', all, [`${all.at(-1)}: provisioning`]),
        record('Machine', 'machines', keys('Machine'), [`lab/cluster-${clusters}-md: pending`]),
      ],
      environment: {
        ...sample.environment,
        managers: MANAGERS.map((name) => ({
          name,
          version: 'v1.13.4',
          arguments: ['--kube-api-qps=1000'],
          environment: {},
        })),
        unlikeProduction: UNLIKE_PRODUCTION,
        sets: [
          { kind: 'BareMetalHost', name: 'cluster', objects: clusters * 2, namespaces: 1 },
          { kind: 'Cluster', name: 'cluster', objects: clusters, namespaces: 1 },
        ],
      },
      measurement: { ...noMeasurement(), ...measured(end) },
    },
  ]);
}

/** Programs that do the more, the more clusters there are by then. */
function measured(end: number) {
  const managers = MANAGERS.map((name) => new ManagerRecord(name));
  const workloadApi = new WorkloadApiRecord();
  const processes = new ProcessRecord();
  for (let at = 0; at <= end; at += EVERY_MS) {
    const share = at / end;
    for (const [i, manager] of managers.entries()) manager.add(interval(at, managerSamples(i + 1, share)));
    const asked = new Samples();
    for (const client of ['kubeadm-control-plane-manager', 'cluster-api-controller-manager', 'kubectl'])
      asked.add('workload_api_requests_total', { client, verb: 'GET', code: '200' }, client.length * (1 + share * 4));
    workloadApi.add(interval(at, asked));
    const running = ['etcd', 'kube-apiserver', ...MANAGERS, 'workload-api'].map((name, pid) => ({ name, pid }));
    processes.add(running, at, (pid) => ({
      cpuSeconds: (at / 1000) * 0.05 * pid,
      bytes: (pid + 1) * 5e7 * (1 + share),
    }));
  }
  workloadApi.setPerCluster([10, 12, 40]);
  return { managers, workloadApi, processes };
}

function interval(at: number, increase: Samples) {
  return { at, seconds: EVERY_MS / 1000, now: increase, increase };
}

function managerSamples(weight: number, share: number): Samples {
  const samples = new Samples();
  for (const [i, controller] of CONTROLLERS.entries()) {
    const count = Math.round(weight * (i + 1) * (2 + 10 * share));
    samples.add('controller_runtime_reconcile_total', { controller, result: 'success' }, count);
    samples.add('controller_runtime_reconcile_total', { controller, result: 'error' }, Math.round(count / 20));
    samples.add('controller_runtime_reconcile_time_seconds_sum', { controller }, count / 40);
    samples.add('controller_runtime_reconcile_time_seconds_count', { controller }, count);
    samples.add('controller_runtime_max_concurrent_reconciles', { controller }, 10);
    samples.add('workqueue_depth', { name: controller }, Math.round(weight * i * share * 8));
  }
  samples.add('rest_client_requests_total', { host: 'management', method: 'PATCH', code: '200' }, weight * 40);
  samples.add(
    'rest_client_requests_total',
    { host: 'management', method: 'PATCH', code: '409' },
    Math.round(weight * share * 3),
  );
  samples.add('rest_client_requests_total', { host: 'clusters', method: 'GET', code: '200' }, weight * 9);
  samples.add('process_cpu_seconds_total', {}, weight * 0.4);
  samples.add('process_resident_memory_bytes', {}, weight * 6e7);
  return samples;
}
