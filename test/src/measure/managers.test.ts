import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManagerRecord } from '../../../src/measure/manager-record';
import { managerFamilies, WORKLOAD_API_FAMILIES } from '../../../src/measure/metrics/operator';
import { readMetrics } from '../../../src/measure/metrics/prometheus-text';
import { ProcessRecord } from '../../../src/measure/process-record';
import type { MeasuredSeries } from '../../../src/measure/axis';
import { WorkloadApiRecord } from '../../../src/measure/workload-api-record';
import type { Metric } from '../../../src/report/report';

const FAMILIES = managerFamilies((host) => host === '127.0.0.1:6443');

/** What a manager says that has done so much, of so many clusters. */
function said(times: number, clusters: number): string[] {
  const machine = 'controller="machine"';
  return [
    ...['success', 'error'].map(
      (result) =>
        `controller_runtime_reconcile_total{${machine},result="${result}"} ${times * (result === 'error' ? 1 : 10)}`,
    ),
    `controller_runtime_reconcile_total{controller="machinepool",result="success"} 0`,
    `controller_runtime_reconcile_time_seconds_sum{${machine}} ${times * 2}`,
    `controller_runtime_reconcile_time_seconds_count{${machine}} ${times * 10}`,
    `controller_runtime_max_concurrent_reconciles{${machine}} 4`,
    // By priority: together they are the queue.
    `workqueue_depth{${machine},name="machine",priority="-100"} 3`,
    `workqueue_depth{${machine},name="machine",priority="0"} 4`,
    `workqueue_queue_duration_seconds_sum{${machine},name="machine"} ${times}`,
    `workqueue_queue_duration_seconds_count{${machine},name="machine"} ${times * 5}`,
    `rest_client_requests_total{code="200",host="127.0.0.1:6443",method="PATCH"} ${times * 100}`,
    `rest_client_requests_total{code="409",host="127.0.0.1:6443",method="PATCH"} ${times * 7}`,
    ...Array.from(
      { length: clusters },
      (_, i) => `rest_client_requests_total{code="200",host="127.0.0.1:${21_000 + i}",method="GET"} ${times * 3}`,
    ),
    `controller_runtime_webhook_latency_seconds_count{webhook="/convert"} ${times * 8}`,
    `controller_runtime_webhook_latency_seconds_sum{webhook="/convert"} ${times}`,
    `controller_runtime_webhook_latency_seconds_count{webhook="/mutate-cluster-x-k8s-io-v1beta2-cluster"} ${times}`,
    `controller_runtime_webhook_latency_seconds_count{webhook="/mutate-cluster-x-k8s-io-v1beta2-machine"} ${times}`,
    `go_sync_mutex_wait_total_seconds_total ${times / 10}`,
    `process_cpu_seconds_total ${times}`,
    'process_resident_memory_bytes 1e8',
  ];
}

async function afterTwoReadings(clusters: number): Promise<ManagerRecord> {
  const record = new ManagerRecord('cluster-api');
  const before = await readMetrics(said(1, clusters), FAMILIES);
  const now = await readMetrics(said(2, clusters), FAMILIES);
  record.add({ at: 5_000, seconds: 5, now, increase: now.increaseSince(before) });
  return record;
}

const of = (metrics: readonly Metric[], name: string, labels: object) =>
  metrics.find((each) => each.name === name && JSON.stringify(each.labels) === JSON.stringify(labels))?.value;
const values = (series: readonly MeasuredSeries[]) =>
  Object.fromEntries(series.map(({ name, points: [point] }) => [name, point?.value]));

describe('metrics of a manager', () => {
  it('tell the work of each controller, how busy it was, and what waited for it', async () => {
    const metrics = (await afterTwoReadings(3)).metrics();
    const machine = { manager: 'cluster-api', controller: 'machine' };
    assert.equal(of(metrics, 'manager_reconciles', { ...machine, result: 'success' }), 10);
    assert.equal(of(metrics, 'manager_reconciles', { ...machine, result: 'error' }), 1);
    assert.equal(of(metrics, 'manager_reconcile_seconds_mean', machine), 0.2);
    // 2 seconds of work in 5, by 4 workers.
    assert.equal(of(metrics, 'manager_workers_busy', machine), 0.1);
    assert.equal(of(metrics, 'manager_queue_depth_max', machine), 7);
    assert.equal(of(metrics, 'manager_queue_seconds_mean', machine), 0.2);
    assert.ok(!metrics.some(({ labels }) => labels['controller'] === 'machinepool'), 'what did nothing is left out');
  });

  it('tell its requests to the management cluster, and to all workload clusters together', async () => {
    const metrics = (await afterTwoReadings(1_000)).metrics();
    const manager = 'cluster-api';
    assert.equal(of(metrics, 'manager_requests', { manager, api: 'management', method: 'PATCH', code: '409' }), 7);
    assert.equal(of(metrics, 'manager_requests', { manager, api: 'clusters', method: 'GET', code: '200' }), 3_000);
    assert.equal(of(metrics, 'manager_requests_total', { manager, api: 'management' }), 107);
    assert.equal(of(metrics, 'manager_webhook_requests', { manager, webhook: 'convert' }), 8);
    assert.equal(of(metrics, 'manager_webhook_requests', { manager, webhook: 'mutate' }), 2);
    assert.equal(of(metrics, 'manager_mutex_wait_seconds', { manager }), 0.1);
    assert.equal(
      metrics.length,
      (await afterTwoReadings(1)).metrics().length,
      'a thousand clusters are no more metrics',
    );
  });

  it('are drawn by what they are, and leave CPU and memory to its process where that is looked at', async () => {
    const record = await afterTwoReadings(2);
    assert.deepEqual(values(record.series(false)), {
      'reconciles: cluster-api': 2.2,
      'failed reconciles: cluster-api': 0.2,
      'queue: cluster-api': 7,
      'requests: cluster-api': 22.6,
      'refused with 409: cluster-api': 1.4,
    });
    assert.equal(values(record.series(true))['CPU: cluster-api'], 0.2);
  });
});

describe('metrics of the API of workload clusters', () => {
  it('tell requests by client and verb, errors, and how the clusters differ, and draw the clients that ask much', async () => {
    const record = new WorkloadApiRecord();
    const lines = [
      'workload_api_requests_total{client="kcp",verb="GET",code="200"} 900',
      'workload_api_requests_total{client="kcp",verb="GET",code="503"} 50',
      'workload_api_requests_total{client="kubectl",verb="GET",code="200"} 5',
      'workload_api_requests_total{client="other",verb="PATCH",code="200"} 1',
      'workload_api_faults_injected_total{fault="latency"} 44',
      'workload_api_watches 12',
      'process_cpu_seconds_total 2',
    ];
    const now = await readMetrics(lines, WORKLOAD_API_FAMILIES);
    record.add({ at: 0, seconds: 10, now, increase: now });
    record.setPerCluster([1, 5, 3]);
    const metrics = record.metrics();
    assert.equal(of(metrics, 'workload_api_requests', { client: 'kcp', verb: 'GET' }), 950);
    assert.equal(of(metrics, 'workload_api_errors', { code: '503' }), 50);
    assert.equal(of(metrics, 'workload_api_faults_injected', { fault: 'latency' }), 44);
    assert.equal(of(metrics, 'workload_api_cluster_requests', { quantile: '0.5' }), 3);
    assert.equal(of(metrics, 'workload_api_cluster_requests', { quantile: '1' }), 5);
    assert.equal(of(metrics, 'workload_api_watches_max', {}), 12);
    const drawn = values(record.series());
    assert.deepEqual(
      [drawn['kcp'], drawn['other'], drawn['kubectl'], drawn['answered with an error']],
      [95, 0.6, undefined, 5],
    );
  });
});

describe('what processes take of a machine', () => {
  it('is what they took since the first look, also of one that was started anew, and the peak of all together', () => {
    const record = new ProcessRecord();
    const looks: Record<number, Record<number, readonly [cpu: number, bytes: number]>> = {
      0: { 1: [100, 50], 2: [7, 10] },
      1_000: { 1: [101, 40], 2: [8, 30] },
      // The second was killed, and another one took its place.
      2_000: { 1: [101.5, 45], 3: [0.5, 20] },
    };
    for (const [at, pids] of Object.entries(looks)) {
      const processes = Object.keys(pids).map((pid) => ({ name: pid === '1' ? 'etcd' : 'manager', pid: Number(pid) }));
      record.add(processes, Number(at), (pid) => {
        const [cpuSeconds = 0, bytes = 0] = pids[pid] ?? [];
        return { cpuSeconds, bytes };
      });
    }
    const metrics = record.metrics();
    assert.equal(of(metrics, 'process_cpu_seconds', { process: 'etcd' }), 1.5);
    assert.equal(of(metrics, 'process_cpu_seconds', { process: 'manager' }), 1.5);
    assert.equal(of(metrics, 'processes_memory_bytes_max', {}), 70);
    assert.deepEqual(
      record.series().map(({ name, points }) => [name, points.map(({ value }) => value)]),
      [
        ['CPU: etcd', [1, 0.5]],
        ['CPU: manager', [1, 0.5]],
        ['memory: etcd', [50, 40, 45]],
        ['memory: manager', [10, 30, 20]],
      ],
    );
  });

  it('is nothing where there are no processes of its own', () => {
    assert.deepEqual(new ProcessRecord().metrics(), []);
  });
});
