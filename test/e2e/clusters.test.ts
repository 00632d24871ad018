/**
 * Whole clusters on hosts that do not exist, by Cluster API's real managers and the real workload API, with webhooks. The
 * Metal3 provider is the real one, with BMO and IPAM, where METAL3_TESTBED_BMO, METAL3_TESTBED_CAPM3 and METAL3_TESTBED_IPAM
 * name their programs; else a stand-in.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { until } from '../../src/util/until';
import { isOnPath, runProgram } from '../support/cli';
import { conditionsOf, KINDS, listed, unwell, type KindName } from '../support/clusters/conditions';
import { ClusterLab, metal3, whyNoLab } from '../support/clusters/lab';
import { clusterManifests, healthChecks } from '../support/clusters/manifests';
import { freePort } from '../support/workload-cluster';

const NAMESPACE = 'clusters';
const WAIT = { deadlineMs: 240_000, everyMs: 250 };
const VERSION = 'v1.34.1';

interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly providerID?: string; readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly nodeInfo: { readonly kubeletVersion: string; readonly bootID: string } };
}

const names = async (lab: ClusterLab, kind: KindName) =>
  (await listed(lab.client, kind, NAMESPACE)).map(({ metadata }) => metadata.name);

describe(`whole clusters (Metal3 provider: ${metal3})`, { timeout: 900_000 }, () => {
  let lab: ClusterLab;
  let why: string | undefined;
  before(async () => {
    why = await whyNoLab();
    if (why === undefined) lab = await ClusterLab.start({ hosts: 9, namespace: NAMESPACE });
  });
  after(() => lab?.stop());

  const patch = (kind: KindName, name: string, body: object) => {
    const [apiVersion, plural] = KINDS[kind];
    return lab.client.request('PATCH', `${collectionPath(apiVersion, plural, NAMESPACE)}/${name}`, {
      body,
      contentType: 'application/merge-patch+json',
    });
  };

  /** Until a cluster is well in every condition, with that many machines. */
  async function well(machines: number): Promise<void> {
    let lines: string[] = [];
    const isWell = async () => {
      const found = await listed(lab.client, 'Machine', NAMESPACE);
      const clusters = await listed(lab.client, 'Cluster', NAMESPACE);
      lines = [
        ...(found.length === machines ? [] : [`${found.length} machines of ${machines}`]),
        ...clusters
          .filter((each) => conditionsOf(each).get('Available')?.status !== 'True')
          .map(({ metadata: { name } }) => `${name} is not Available`),
        ...(await unwell(lab.client, NAMESPACE)),
      ];
      return lines.length === 0;
    };
    assert.ok(await until(isWell, WAIT), lines.join('\n'));
  }

  async function kubeconfigOf(cluster: string): Promise<string> {
    const path = `/api/v1/namespaces/${NAMESPACE}/secrets/${cluster}-kubeconfig`;
    const { data } = await lab.client.request<{ readonly data: { readonly value: string } }>('GET', path);
    const file = join(lab.dir, `${cluster}.kubeconfig`);
    writeFileSync(file, Buffer.from(data.value, 'base64'));
    return file;
  }

  const clientOf = async (cluster: string) => new KubernetesClient(await readKubeconfig(await kubeconfigOf(cluster)));

  async function nodesOf(cluster: string): Promise<readonly Node[]> {
    const client = await clientOf(cluster);
    try {
      return (await client.request<{ readonly items: readonly Node[] }>('GET', '/api/v1/nodes')).items;
    } finally {
      await client.close();
    }
  }

  it('become Available, with every condition as a real cluster has it', async (t) => {
    if (why !== undefined) return t.skip(why);
    for (const [name, controlPlanes] of [
      ['one', 1],
      ['three', 3],
    ] as const) {
      const port = await freePort();
      await lab.apply(
        clusterManifests({
          name,
          namespace: NAMESPACE,
          port,
          controlPlanes,
          hasData: metal3 === 'real',
        }),
      );
    }
    await well(6);
    const [first] = await listed(lab.client, 'Cluster', NAMESPACE);
    assert.deepEqual([...conditionsOf(first!).keys()].filter((type) => !type.startsWith('~')).sort(), [
      ...['Available', 'ControlPlaneAvailable', 'ControlPlaneInitialized', 'ControlPlaneMachinesReady'],
      ...['ControlPlaneMachinesUpToDate', 'Deleting', 'InfrastructureReady', 'Paused', 'Remediating'],
      ...['RemoteConnectionProbe', 'RollingOut', 'ScalingDown', 'ScalingUp', 'WorkerMachinesReady'],
      ...['WorkerMachinesUpToDate', 'WorkersAvailable'],
    ]);
    const machines = await listed(lab.client, 'Machine', NAMESPACE);
    const ofControlPlane = machines.find(({ metadata }) => metadata.name.startsWith('three-cp'))!;
    for (const each of ['APIServer', 'ControllerManager', 'Scheduler', 'Etcd'])
      assert.equal(conditionsOf(ofControlPlane).get(`${each}PodHealthy`)?.status, 'True');
    assert.equal(conditionsOf(ofControlPlane).get('EtcdMemberHealthy')?.status, 'True');
    assert.ok(machines.every(({ status }) => status?.phase === 'Running'));
    const nodes = [...(await nodesOf('one')), ...(await nodesOf('three'))];
    assert.deepEqual(
      nodes.map(({ metadata }) => metadata.name).sort(),
      machines.map(({ status }) => status?.nodeRef?.name ?? '').sort(),
    );
    for (const { spec } of nodes) {
      assert.match(spec.providerID ?? '', /^metal3:\/\//);
      assert.ok(!spec.taints?.some(({ key }) => key.includes('uninitialized')));
    }
  });

  it('answer kubectl as a person expects', async (t) => {
    if (why !== undefined) return t.skip(why);
    if (!(await isOnPath('kubectl'))) return t.skip('kubectl is not on PATH');
    const args = ['--kubeconfig', await kubeconfigOf('three'), 'get', 'nodes,pods', '-A', '--no-headers'];
    const { code, stdout, stderr } = await runProgram('kubectl', args);
    assert.equal(code, 0, stderr);
    const lines = stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    assert.equal(
      lines.filter((line) => /^node\/\S+ +Ready +(control-plane|<none>) +\S+ +v1\.34\.1$/.test(line)).length,
      4,
    );
    // Four of each control-plane node, kube-proxy on each node, and two of CoreDNS.
    assert.equal(lines.filter((line) => /pod\/\S+ +1\/1 +Running +0 /.test(line)).length, 3 * 4 + 4 + 2, stdout);
  });

  it('scale up and down while every process is killed and started again', async (t) => {
    if (why !== undefined) return t.skip(why);
    await patch('KubeadmControlPlane', 'three-cp', { spec: { replicas: 1 } });
    await patch('MachineDeployment', 'three-md', { spec: { replicas: 3 } });
    for (const name of lab.processes.keys()) {
      await lab.kill(name, 'SIGKILL');
      await lab.restart(name);
    }
    await well(6);
    assert.equal((await nodesOf('three')).length, 4);
    await patch('KubeadmControlPlane', 'one-cp', { spec: { replicas: 3 } });
    await patch('MachineDeployment', 'three-md', { spec: { replicas: 0 } });
    await well(5);
    assert.equal((await nodesOf('one')).length, 4);
    assert.equal((await nodesOf('three')).length, 1);
  });

  it('remediate a Node that is not ready', async (t) => {
    if (why !== undefined) return t.skip(why);
    await lab.apply(healthChecks('one', NAMESPACE, metal3 === 'real' ? 'by reboot' : 'by replacement'));
    const client = await clientOf('one');
    try {
      const [worker] = (await nodesOf('one')).filter(({ metadata: { name } }) => name.startsWith('one-md'));
      const path = `/api/v1/nodes/${worker!.metadata.name}`;
      await client.request('PATCH', `${path}/status`, {
        body: { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Broken', message: '' }] } },
        contentType: 'application/strategic-merge-patch+json',
      });
      // CAPM3 switches the host off and on; without it, the machine is replaced.
      const isRemedied = async () => {
        const found = await ignoreNotFound(client.request<Node>('GET', path));
        return metal3 === 'real'
          ? found?.status.nodeInfo.bootID !== worker!.status.nodeInfo.bootID
          : found === undefined;
      };
      assert.ok(await until(isRemedied, WAIT), 'nothing happens to the Node');
      await well(5);
    } finally {
      await client.close();
    }
  });

  it('are upgraded machine by machine, and kubelets and control plane say so', async (t) => {
    if (why !== undefined) return t.skip(why);
    const before = await names(lab, 'Machine');
    const next = 'v1.35.0';
    await patch('MachineDeployment', 'three-md', { spec: { replicas: 1 } });
    await patch('KubeadmControlPlane', 'three-cp', { spec: { version: next } });
    const isDone = async () => {
      const found = await listed(lab.client, 'KubeadmControlPlane', NAMESPACE);
      return found.find(({ metadata: { name } }) => name === 'three-cp')?.status?.version === next;
    };
    assert.ok(await until(isDone, WAIT), 'the control plane is not upgraded');
    await patch('MachineDeployment', 'three-md', { spec: { template: { spec: { version: next } } } });
    const isUpgraded = async () => {
      const nodes = await nodesOf('three');
      return nodes.length === 2 && nodes.every((node) => node.status.nodeInfo.kubeletVersion === next);
    };
    assert.ok(await until(isUpgraded, WAIT), 'the nodes are not upgraded');
    await well(6);
    const after = (await names(lab, 'Machine')).filter((name) => name.startsWith('three'));
    assert.deepEqual(
      after.filter((name) => before.includes(name)),
      [],
    );
    assert.ok((await nodesOf('one')).every((node) => node.status.nodeInfo.kubeletVersion === VERSION));
  });

  it('go with all that was theirs when they are deleted', async (t) => {
    if (why !== undefined) return t.skip(why);
    const [apiVersion, plural] = KINDS.Cluster;
    const remove = (path: string) => lab.client.request('DELETE', path);
    for (const name of ['one', 'three']) await remove(`${collectionPath(apiVersion, plural, NAMESPACE)}/${name}`);
    // Of all that a cluster is described by, this alone belongs to nobody.
    const templates = collectionPath(KINDS.Metal3Machine[0], 'metal3remediationtemplates', NAMESPACE);
    if (metal3 === 'real') await remove(`${templates}/one-remediation`);
    let left: string[] = [];
    const isGone = async () => {
      left = await lab.objectsOf(NAMESPACE);
      return left.length === 0;
    };
    assert.ok(await until(isGone, WAIT), left.join('\n'));
    const hosts = await lab.hosts();
    assert.deepEqual(
      hosts.map(({ state, consumer }) => `${state} ${consumer}`),
      hosts.map(() => 'available none'),
    );
  });
});
