/**
 * The API of workload clusters as its process serves it: from objects on a real kube-apiserver, to the real kubectl. Cluster
 * API's definitions are stand-ins, and so are the objects that its controllers and CAPM3 would write.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fixtureHardwareDetails } from '../../lib/kinds/bare-metal-host/stages/hardware-details';
import type { KeyPair } from '../../src/cluster/local/issue';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { endpointsServedBy, unservedClusters } from '../../src/simulators/workload-api-process';
import { until } from '../../src/util/until';
import { ecdsaCa, rsaCa } from '../support/certificates';
import { isOnPath, root, runProgram } from '../support/cli';
import { callEtcd } from '../support/etcd-call';
import * as objects from '../support/management-objects';
import { clientOf, freePort, kubeconfigOf } from '../support/workload-cluster';

const WAIT = { deadlineMs: 60_000 };
const SCRIPT = join(root, 'build', 'src', 'simulators', 'workload-api', 'main.js');
const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-workload-api-'));
const clusterDir = join(dir, 'management');

interface Node {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly creationTimestamp: string;
  };
  readonly spec: { readonly taints?: readonly { readonly key: string }[]; readonly providerID?: string };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo: { readonly kubeletVersion: string };
    readonly capacity: Readonly<Record<string, string>>;
    readonly addresses: readonly { readonly type: string; readonly address: string }[];
  };
}
interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

/** A workload cluster, and how it is reached. */
interface Workload {
  readonly name: string;
  readonly ca: KeyPair;
  readonly etcd: KeyPair;
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
}

let management = '';
let client: KubernetesClient;
let simulator: ChildProcess;
let statusUrl = '';
let one: Workload;
let two: Workload;
let hasKubectl = false;

async function startSimulator(): Promise<void> {
  const { port } = new URL(statusUrl);
  simulator = spawn(process.execPath, [SCRIPT, '--kubeconfig', management, '--status-address', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const isReady = () =>
    fetch(`${statusUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  assert.ok(await until(isReady, WAIT), 'the simulator does not become ready');
}

async function workload(name: string, ca: KeyPair): Promise<Workload> {
  const port = await freePort();
  const etcd = await ecdsaCa();
  const kubeconfig = join(dir, `${name}.kubeconfig`);
  writeFileSync(kubeconfig, kubeconfigOf(`https://127.0.0.1:${port}`, ca, await clientOf(ca)));
  await objects.createCluster(client, { name, port, ca, etcd });
  return { name, ca, etcd, kubeconfig, client: new KubernetesClient(await readKubeconfig(kubeconfig)) };
}

const nodesOf = (of: Workload) => of.client.request<List<Node>>('GET', '/api/v1/nodes');
const node = (of: Workload, name: string) =>
  until(async () => (await nodesOf(of)).items.find((each) => each.metadata.name === name), WAIT);
const readyOf = (each: Node | undefined) => each?.status.conditions.find(({ type }) => type === 'Ready')?.status;

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('kubectl', ['--kubeconfig', one.kubeconfig, ...args]);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

before(async () => {
  hasKubectl = await isOnPath('kubectl');
  ({
    connection: { kubeconfig: management },
  } = await startLocalCluster({ stateDir: clusterDir }));
  client = new KubernetesClient(await readKubeconfig(management));
  await objects.createDefinitions(client);
  statusUrl = `http://127.0.0.1:${await freePort()}`;
  await startSimulator();
  [one, two] = await Promise.all([workload('one', await rsaCa()), workload('two', await ecdsaCa())]);
});

after(async () => {
  await Promise.all([one, two].map((each) => each?.client.close()));
  await client?.close();
  if (simulator?.exitCode === null && simulator.signalCode === null) {
    simulator.kill('SIGTERM');
    await once(simulator, 'exit');
  }
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

describe('the API of workload clusters', () => {
  it('listens before the first node is there, and has no kubeadm-config until then', async () => {
    await objects.createMachine(client, 'one', 'one-a', { isControlPlane: true });
    assert.deepEqual((await nodesOf(one)).items, []);
    await assert.rejects(one.client.request('GET', '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'), {
      status: 404,
    });
    assert.equal(await one.client.request('GET', '/healthz', { accept: 'text/plain' }), 'ok');
  });

  it('has a Node as soon as its host is provisioned, as Cluster API and CAPM3 look for it', async () => {
    const host = await client.request<Node>(
      'GET',
      '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/host-of-one-a',
    );
    await objects.setHostState(client, 'one-a', 'provisioned');
    const found = await node(one, 'one-a');
    assert.ok(found);
    assert.equal(found.metadata.labels['metal3.io/uuid'], host.metadata.uid);
    assert.equal(found.metadata.labels['node-role.kubernetes.io/control-plane'], '');
    assert.deepEqual(
      found.spec.taints?.map(({ key }) => key),
      ['node-role.kubernetes.io/control-plane'],
    );
    assert.equal(readyOf(found), 'True');
    assert.equal(found.status.nodeInfo.kubeletVersion, 'v1.34.1');
    assert.deepEqual([found.status.capacity['cpu'], found.status.capacity['memory']], ['8', '33554432Ki']);
    assert.deepEqual(found.status.addresses[0], { type: 'InternalIP', address: '192.168.111.77' });
    const byLabel = await one.client.request<List<Node>>('GET', '/api/v1/nodes', {
      query: { labelSelector: `metal3.io/uuid=${host.metadata.uid}` },
    });
    assert.equal(byLabel.items.length, 1);
    const { items } = await one.client.request<List<Node>>('GET', '/api/v1/namespaces/kube-system/pods', {
      query: {
        labelSelector: 'component in (etcd,kube-apiserver,kube-controller-manager,kube-scheduler),tier=control-plane',
      },
    });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((each) => `${each}-one-a`),
    );
    await one.client.request('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/one-a');
    const { data } = await one.client.request<{ readonly data: Readonly<Record<string, string>> }>(
      ...(['GET', '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'] as const),
    );
    assert.match(data['ClusterConfiguration'] ?? '', /kubernetesVersion: "v1\.34\.1"/);
    for (const path of ['daemonsets/kube-proxy', 'deployments/coredns'])
      await one.client.request('GET', `/apis/apps/v1/namespaces/kube-system/${path}`);
    // The other cluster has nothing of it.
    assert.deepEqual((await nodesOf(two)).items, []);
  });

  it('takes up the provider ID that CAPM3 gives to its machine', async () => {
    await objects.change(client, 'Metal3Machine', 'one-a', {
      spec: { providerID: 'metal3://default/host-of-one-a/one-a' },
    });
    const isTaken = async () => (await node(one, 'one-a'))?.spec.providerID === 'metal3://default/host-of-one-a/one-a';
    assert.ok(await until(isTaken, WAIT));
  });

  it('lets kubectl list, watch, label, patch and drain, and keeps what a person writes', async (t) => {
    if (!hasKubectl) return t.skip('kubectl is not on PATH');
    await objects.createMachine(client, 'one', 'one-w');
    await objects.setHostState(client, 'one-w', 'provisioned');
    assert.ok(await node(one, 'one-w'));
    // What Cluster API does once it has seen the Node.
    await kubectl('taint', 'node', 'one-w', 'node.cluster.x-k8s.io/uninitialized-');
    const watched = spawn('kubectl', ['--kubeconfig', one.kubeconfig, 'get', 'nodes', '-w', '--no-headers']);
    const seen: string[] = [];
    createInterface(watched.stdout).on('line', (line) => seen.push(line.replace(/ +/g, ' ')));
    try {
      assert.ok(await until(() => seen.length >= 2, WAIT), `kubectl get -w: ${seen.join('\n')}`);
      const lines = (await kubectl('get', 'nodes,pods', '-A', '--no-headers')).trim().split('\n');
      assert.match(lines[0] ?? '', /^node\/one-a +Ready +control-plane +\d+s +v1\.34\.1$/);
      assert.match(lines[1] ?? '', /^node\/one-w +Ready +<none> +\d+s +v1\.34\.1$/);
      assert.equal(lines.filter((line) => /pod\/.* +1\/1 +Running +0 /.test(line)).length, 8, lines.join('\n'));
      await kubectl('label', 'node', 'one-w', 'rack=7');
      await kubectl('create', 'secret', 'generic', 'mine', '--from-literal=a=b', '-n', 'kube-system');
      await kubectl('patch', 'node', 'one-w', '-p', '{"metadata":{"annotations":{"a":"b"}}}');
      assert.equal(
        await kubectl('get', 'secret', 'mine', '-n', 'kube-system', '-o', 'jsonpath={.data.a}{.type}'),
        'Yg==Opaque',
      );
      assert.equal(await kubectl('get', 'nodes', '-l', 'rack=7', '-o', 'name'), 'node/one-w\n');
      assert.match(await kubectl('drain', 'one-a', '--ignore-daemonsets'), /node\/one-a drained/);
      const onNode = await kubectl('get', 'pods', '-A', '--field-selector', 'spec.nodeName=one-a', '-o', 'name');
      assert.doesNotMatch(onNode, /coredns/);
      assert.match(onNode, /etcd-one-a/);
      assert.ok(
        await until(() => seen.some((line) => line.startsWith('one-a Ready,SchedulingDisabled ')), WAIT),
        seen.join('\n'),
      );
      await kubectl('uncordon', 'one-a');
    } finally {
      watched.kill();
    }
  });

  it('comes back after SIGKILL with the same Nodes and higher versions', async () => {
    const before = await nodesOf(one);
    // Its endpoint is taken: the others do not wait for it.
    const twin = { name: 'twin', port: Number(new URL(one.client.server).port), ca: one.ca, etcd: one.etcd };
    await objects.createCluster(client, twin);
    simulator.kill('SIGKILL');
    await once(simulator, 'exit');
    await startSimulator();
    const again = await nodesOf(one);
    const identity = ({ metadata: { name, uid, creationTimestamp } }: Node) => [name, uid, creationTimestamp];
    assert.deepEqual(again.items.map(identity), before.items.map(identity));
    assert.ok(BigInt(again.metadata.resourceVersion) > BigInt(before.metadata.resourceVersion));
    for (const [i, { metadata }] of again.items.entries())
      assert.ok(BigInt(metadata.resourceVersion) > BigInt(before.items[i]!.metadata.resourceVersion));
    const resumed = one.client.lines('/api/v1/nodes', {
      query: { watch: true, resourceVersion: before.metadata.resourceVersion },
    });
    await assert.rejects(resumed.next(), { status: 410 });
    await objects.remove(client, 'Cluster', 'twin');
  });

  it('serves etcd behind a port-forward, whose members follow the control-plane nodes', async (t) => {
    if (!hasKubectl) return t.skip('kubectl is not on PATH');
    for (const name of ['one-b', 'one-c']) {
      await objects.createMachine(client, 'one', name, { isControlPlane: true });
      await objects.setHostState(client, name, 'provisioned');
      assert.ok(await node(one, name));
    }
    const forward = spawn('kubectl', [
      '--kubeconfig',
      one.kubeconfig,
      '-n',
      'kube-system',
      'port-forward',
      'pod/etcd-one-a',
      ':2379',
    ]);
    try {
      const [line] = (await once(createInterface(forward.stdout), 'line')) as [string];
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
      const { cert, key } = await clientOf(one.etcd);
      const socket = connectTls({
        host: '127.0.0.1',
        port,
        ca: one.etcd.cert,
        cert,
        key,
        servername: 'localhost',
        ALPNProtocols: ['h2'],
      });
      await once(socket, 'secureConnect');
      const session = connect('https://localhost', { createConnection: () => socket });
      try {
        const members = await callEtcd(session, 'Cluster/MemberList');
        assert.deepEqual(members.names, ['one-a', 'one-b', 'one-c']);
        const status = await callEtcd(session, 'Maintenance/Status');
        assert.equal(status.leader, members.ids[0]);
        await callEtcd(session, 'Maintenance/MoveLeader', members.ids[2]);
        assert.equal((await callEtcd(session, 'Maintenance/Status')).leader, members.ids[2]);
        await callEtcd(session, 'Cluster/MemberRemove', members.ids[0]);
        assert.deepEqual((await callEtcd(session, 'Cluster/MemberList')).names, ['one-b', 'one-c']);
        await objects.remove(client, 'Machine', 'one-c');
        const isGone = async () => (await callEtcd(session, 'Cluster/MemberList')).names.join() === 'one-b';
        assert.ok(await until(isGone, WAIT));
      } finally {
        session.destroy();
      }
    } finally {
      forward.kill();
    }
  });

  it('follows upgrades, lost hosts and deleted machines', async () => {
    await objects.createMachine(client, 'one', 'one-d', { isControlPlane: true });
    await objects.setHostState(client, 'one-d', 'provisioned');
    assert.ok(await node(one, 'one-d'));
    await objects.change(client, 'Machine', 'one-d', { spec: { version: 'v1.35.0' } });
    assert.ok(await until(async () => (await node(one, 'one-d'))?.status.nodeInfo.kubeletVersion === 'v1.35.0', WAIT));
    await objects.setHostState(client, 'one-d', 'deprovisioning');
    assert.ok(await until(async () => readyOf(await node(one, 'one-d')) === 'Unknown', WAIT));
    await objects.setHostState(client, 'one-d', 'provisioned');
    assert.ok(await until(async () => readyOf(await node(one, 'one-d')) === 'True', WAIT));
    await objects.remove(client, 'Machine', 'one-d');
    const names = async () => (await nodesOf(one)).items.map(({ metadata }) => metadata.name);
    assert.ok(await until(async () => !(await names()).includes('one-d'), WAIT));
    const pods = await one.client.request<List<Node>>('GET', '/api/v1/pods');
    assert.deepEqual(
      pods.items.filter(({ metadata }) => metadata.name.endsWith('one-d')),
      [],
    );
  });

  it("gives each Node an address of its own where its host has those of the operator's test mode", async () => {
    const addresses = new Set<string>();
    for (const name of ['one-e', 'one-f']) {
      await objects.createMachine(client, 'one', name);
      await objects.change(client, 'BareMetalHost', `host-of-${name}`, {
        status: { hardware: fixtureHardwareDetails },
      });
      await objects.setHostState(client, name, 'provisioned');
      const found = await node(one, name);
      addresses.add(found?.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '');
      await objects.remove(client, 'Machine', name);
    }
    assert.equal(addresses.size, 2);
    for (const { ip } of fixtureHardwareDetails.nics) assert.ok(!addresses.has(ip), ip);
  });

  it('says how it is: health, metrics, and requests while somebody looks', async () => {
    const shown = await fetch(`${statusUrl}/requests`);
    const lines = shown.body!.pipeThrough(new TextDecoderStream()).getReader();
    await one.client.request('GET', '/api/v1/namespaces/kube-system/configmaps/coredns');
    let text = '';
    while (!text.includes('configmaps/coredns')) text += (await lines.read()).value ?? '';
    await lines.cancel();
    const request = JSON.parse(text.split('\n').find((line) => line.includes('configmaps/coredns'))!) as object;
    assert.partialDeepStrictEqual(request, {
      cluster: 'default/one',
      verb: 'GET',
      code: 200,
      userAgent: 'metal3-testbed',
    });
    const ask = async () => (await fetch(`${statusUrl}/metrics`)).text();
    assert.ok(await until(async () => /^workload_api_clusters 2$/m.test(await ask()), WAIT), await ask());
    const metrics = await ask();
    assert.match(metrics, /^workload_api_endpoints 2$/m);
    assert.match(metrics, /^workload_api_requests_total\{client="[\w.-]+",verb="GET",code="200"\} \d+$/m);
  });

  it('says which cluster it cannot serve since another process listens there, and serves it once that has gone', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const ca = await ecdsaCa();
    await objects.createCluster(client, { name: 'three', port, ca, etcd: ca });
    const { port: status } = new URL(statusUrl);
    const readyUrl = `http://127.0.0.1:${status}/readyz`;
    const said = await until(() => unservedClusters(readyUrl), WAIT);
    assert.equal(
      said,
      `cluster default/three is not served: another process listens at its endpoint 127.0.0.1:${port}`,
    );
    assert.ok((await fetch(readyUrl)).ok, 'the others are served all the same');
    assert.ok(!(await endpointsServedBy(readyUrl)).includes(`127.0.0.1:${port}`));
    other.close();
    const isServed = async () => (await endpointsServedBy(readyUrl)).includes(`127.0.0.1:${port}`);
    assert.ok(await until(isServed, WAIT));
    assert.equal(await unservedClusters(readyUrl), undefined);
    await objects.remove(client, 'Cluster', 'three');
  });

  it('closes the endpoint of a cluster that has been deleted', async () => {
    await objects.remove(client, 'Cluster', 'two');
    const isClosed = () =>
      two.client.request('GET', '/', { retryMs: 0 }).then(
        () => false,
        () => true,
      );
    assert.ok(await until(isClosed, WAIT));
    const metrics = async () => (await fetch(`${statusUrl}/metrics`)).text();
    assert.ok(await until(async () => /^workload_api_clusters 1$/m.test(await metrics()), WAIT), await metrics());
  });
});
