/**
 * Everything in the cluster, on a real kind cluster of three nodes: hosts by kwok, clusters by the API of workload clusters and
 * the managers of Cluster API, and the scenario itself. METAL3_TESTBED_SIMULATOR_IMAGES names the images that are loaded: of
 * this package, of kwok, and, for clusters, of cert-manager, Cluster API and CAPM3. It takes a quarter of an hour.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { deleteKindCluster, loadImages, startKindCluster } from '../../src/cluster/kind/kind-cluster';
import { DRIVER } from '../../src/driver/names';
import { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import type { Report } from '../../src/report/report';
import { until } from '../../src/util/until';
import { cli, root, runProgram, type CliResult } from '../support/cli';
import { whyNoKind } from '../support/kind';
import { connectNodes } from '../support/kind-network';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-in-cluster-'));
const nodeImage = process.env['METAL3_TESTBED_NODE_IMAGE'];
const images = process.env['METAL3_TESTBED_SIMULATOR_IMAGES']?.split(',').filter((image) => image !== '') ?? [];
const name = `m3t-${process.pid}-in`;
const owner = join(dir, 'owner');
/** A cluster may be not Available for as long as a pod takes to be replaced. */
const MOST_MS = 30_000;
const WAIT = { deadlineMs: 600_000, everyMs: 1_000 };

let client: KubernetesClient;
let kubeconfig = '';
const existing = () => ['--cluster', 'existing', '--kubeconfig', kubeconfig, '--context', `kind-${name}`];

function succeeds<T extends CliResult>(result: T): T {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

const kubectl = (...args: string[]) => runProgram('kubectl', ['--kubeconfig', kubeconfig, ...args]);

function file(named: string, content: object): string {
  const path = join(dir, named);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

interface WithStatus {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly phase?: string;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly provisioning?: { readonly state?: string };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

async function list(apiVersion: string, plural: string, namespace?: string): Promise<readonly WithStatus[]> {
  const path = collectionPath(apiVersion, plural, namespace);
  // Before an install, and after it is taken off again, there is no such resource.
  return (await ignoreNotFound(client.request<{ readonly items: readonly WithStatus[] }>('GET', path)))?.items ?? [];
}

const available = async () =>
  (await list('metal3.io/v1alpha1', 'baremetalhosts')).filter(
    ({ status }) => status?.provisioning?.state === 'available',
  ).length;

/** For how long each cluster has been not Available, at most, while something goes on. */
async function longestOutage(while_: () => Promise<void>): Promise<number> {
  const since = new Map<string, number>();
  let [longest, isOver] = [0, false];
  const watching = (async () => {
    while (!isOver) {
      for (const { metadata, status } of await list('cluster.x-k8s.io/v1beta2', 'clusters')) {
        const now = Date.now();
        const isAvailable = status?.conditions?.some((each) => each.type === 'Available' && each.status === 'True');
        if (isAvailable) since.delete(metadata.name);
        else since.set(metadata.name, since.get(metadata.name) ?? now);
        longest = Math.max(longest, now - (since.get(metadata.name) ?? now));
      }
      await until(() => Promise.resolve(isOver), { deadlineMs: 500, everyMs: 100 });
    }
  })();
  try {
    await while_();
  } finally {
    isOver = true;
    await watching;
  }
  assert.deepEqual([...since.keys()], [], 'clusters that are not Available in the end');
  return longest;
}

const areReady = (count: number) =>
  until(async () => {
    const [set] = await list('apps/v1', 'statefulsets', 'workload-api-system');
    const { replicas, readyReplicas = 0 } = set?.status ?? {};
    return set?.spec.replicas === count && replicas === count && readyReplicas === count;
  }, WAIT);

describe('everything in the cluster', { timeout: 3_600_000 }, async () => {
  const skip =
    (await whyNoKind(nodeImage)) ??
    (images.length === 0 && 'METAL3_TESTBED_SIMULATOR_IMAGES names no images of this package and of kwok');
  const skipClusters =
    skip || (!images.some((image) => image.includes('cluster-api')) && 'it names no images of Cluster API and CAPM3');

  /** The long form has more. */
  const hosts = skipClusters ? 60 : 300;

  before(async () => {
    if (skip) return;
    ({ kubeconfig } = await startKindCluster({ stateDir: owner, name, nodeImage, workers: 2 }));
    client = new KubernetesClient(await readKubeconfig(kubeconfig));
    await connectNodes(client);
    await loadImages(owner, images);
  });
  after(async () => {
    await client?.close();
    if (!skip) await deleteKindCluster(owner);
    rmSync(dir, { recursive: true, force: true });
  });

  it('is a testbed that lives by kubectl apply alone', { skip }, async () => {
    const description = file('hosts.json', {
      kwok: { shards: 3 },
      hostSets: [{ count: hosts, namespace: 'lab', hostsPerNamespace: 10 }],
    });
    const dist = join(dir, 'dist');
    const env = { CDK8S_OUTDIR: dist, METAL3_TESTBED_FILE: description };
    succeeds(await runProgram(process.execPath, [join(root, 'build', 'src', 'app.js')], { cwd: dir, env }));
    const applied = await until(async () => (await kubectl('apply', '-f', dist)).code === 0, WAIT);
    assert.ok(applied, 'kubectl apply ends without refusals');
    assert.ok(
      await until(async () => (await available()) === hosts, WAIT),
      `${await available()} of ${hosts} are available`,
    );
    // By what simulates them: without it nobody takes their finalizers off.
    succeeds(await kubectl('delete', 'baremetalhosts', '--all', '--all-namespaces'));
    succeeds(await kubectl('delete', '-f', dist, '--wait=false', '--ignore-not-found'));
    const isGone = async () =>
      !(await list('v1', 'namespaces')).some(({ metadata }) => /^(lab|kwok)/.test(metadata.name));
    assert.ok(await until(isGone, WAIT), 'it goes again');
  });

  it('runs a scenario to the same counts whether or not its pod is killed half-way', { skip }, async () => {
    const description = file('scenario.json', {
      kwok: {},
      hostSets: [{ count: 20, namespace: 'run' }],
      scenario: { steps: [{ enroll: {} }, { rest: { seconds: 10 } }, { provision: {} }, { delete: {} }] },
    });
    const counts = async (isKilled: boolean): Promise<unknown> => {
      const stateDir = join(dir, `run-${isKilled}`);
      const report = join(dir, `report-${isKilled}.json`);
      const args = ['run', description, '--in-cluster', ...existing(), '--state-dir', stateDir, '--report', report];
      const ended = cli(args, { cwd: dir });
      if (isKilled) {
        const podsOf = async () => {
          const query = { labelSelector: `app.kubernetes.io/name=${DRIVER}` };
          const path = collectionPath('v1', 'pods');
          return (await client.request<{ readonly items: readonly WithStatus[] }>('GET', path, { query })).items;
        };
        assert.ok(await until(async () => (await available()) === 20, WAIT), 'the first step is done');
        const [pod] = await podsOf();
        assert.ok(pod);
        const path = `${collectionPath('v1', 'pods', pod.metadata.namespace)}/${pod.metadata.name}`;
        await client.request('DELETE', path, { query: { gracePeriodSeconds: 0 } });
      }
      succeeds(await ended);
      succeeds(await cli(['down', '--state-dir', stateDir], { cwd: dir }));
      const { steps } = JSON.parse(readFileSync(report, 'utf8')) as Report;
      return steps.map(({ action, objects, done }) => [action, objects, done]);
    };
    const undisturbed = await counts(false);
    assert.deepEqual(undisturbed, [
      ['enroll', 20, 20],
      ['rest', 0, 0],
      ['provision', 20, 20],
      ['delete', 20, 20],
    ]);
    assert.deepEqual(await counts(true), undisturbed);
  });

  it('has clusters that stay available while pods and nodes come and go', { skip: skipClusters }, async (t) => {
    const local = { imagePullPolicy: 'IfNotPresent' };
    const description = file('clusters.json', {
      kwok: { shards: 3 },
      workloadApi: { replicas: 2 },
      clusterApi: { core: local, kubeadmBootstrap: local, kubeadmControlPlane: local },
      clusterSets: [{ name: 'c', count: 10, keySeed: 'any' }],
    });
    const stateDir = join(dir, 'clusters');
    const up = ['up', description, ...existing(), '--state-dir', stateDir, '--timeout', '1200'];
    succeeds(await cli(up, { cwd: dir }));
    t.after(() => cli(['down', '--state-dir', stateDir], { cwd: dir }));
    const scale = (count: number) =>
      kubectl('-n', 'workload-api-system', 'scale', 'sts/workload-api', `--replicas=${count}`);
    const rest = () => until(() => Promise.resolve(false), { deadlineMs: 40_000, everyMs: 40_000 });
    const worker = `${name}-worker`;
    for (const [what, act] of [
      ['a pod is deleted', () => kubectl('-n', 'workload-api-system', 'delete', 'pod', 'workload-api-1')],
      ['a node is drained', () => kubectl('drain', worker, '--ignore-daemonsets', '--delete-emptydir-data', '--force')],
      ['pods become three', () => scale(3)],
      ['pods become one', () => scale(1)],
    ] as const) {
      const longest = await longestOutage(async () => {
        succeeds(await act());
        await rest();
      });
      t.diagnostic(`${what}: not Available for ${longest} ms at most`);
      assert.ok(longest <= MOST_MS, `${what}: ${longest} ms`);
      succeeds(await kubectl('uncordon', worker));
    }
    assert.ok(await areReady(1));
    assert.equal((await list('cluster.x-k8s.io/v1beta2', 'clusters')).length, 10);
  });

  it('runs a scenario of clusters, with faults of everything that is in pods', { skip: skipClusters }, async (t) => {
    const local = { imagePullPolicy: 'IfNotPresent' };
    const steps = [
      { create: {} },
      { workloadApiFault: { errors: [503], requestShare: 0.5, forSeconds: 5 } },
      { failHosts: { failures: [{ state: 'provisioning', share: 1, recoversAfter: 1, retryMilliseconds: 1000 }] } },
      { scaleWorkers: { replicas: 2 } },
      { killManager: { manager: 'core' } },
      { killManager: { manager: 'workloadApi' } },
      { killOperator: {} },
      { delete: { clusterSets: ['c'] } },
    ];
    const description = file('faults.json', {
      kwok: {},
      workloadApi: { replicas: 2 },
      clusterApi: { core: local, kubeadmBootstrap: local, kubeadmControlPlane: local },
      clusterSets: [{ name: 'c', count: 4, keySeed: 'any', hosts: { spare: 1 } }],
      scenario: { timeoutSeconds: 600, steps },
    });
    const stateDir = join(dir, 'faults');
    const report = join(dir, 'faults-report.json');
    t.after(() => cli(['down', '--state-dir', stateDir], { cwd: dir }));
    const args = ['run', description, '--in-cluster', ...existing(), '--state-dir', stateDir, '--report', report];
    succeeds(await cli(args, { cwd: dir }));
    const { steps: ended, metrics } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    assert.deepEqual(
      ended.map(({ action, objects, done }) => [action, objects, done]),
      [
        ['bringUp', 12, 12],
        ...steps.map((step) => {
          const [action = ''] = Object.keys(step);
          const count = ['create', 'scaleWorkers', 'delete'].includes(action) ? 4 : 0;
          return [action, count, count];
        }),
      ],
    );
    const struck = metrics.find((each) => each.name === 'workload_api_faults_injected');
    assert.ok((struck?.value ?? 0) > 0, 'the fault has struck');
  });
});
