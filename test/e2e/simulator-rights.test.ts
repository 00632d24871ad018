/**
 * What simulators that run in pods may do, beside what they really ask for: their programs, called as their pods call them, with
 * the tokens of their ServiceAccounts, on a real kube-apiserver that writes down each request. Nothing that they ask for is
 * refused, and nothing that they may do is never asked for.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App, Chart } from 'cdk8s';
import { BareMetalOperator, KwokSimulator, WorkloadApi } from '../../lib';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { until } from '../../src/util/until';
import { askedBy, auditArguments } from '../support/audit';
import { ecdsaCa } from '../support/certificates';
import { root } from '../support/cli';
import { hostPath } from '../support/hosts';
import { containerOf, killAll, kubeconfigOf, startKwok, type Container } from '../support/pods-here';
import { createCluster, createDefinitions } from '../support/management-objects';
import { freePort } from '../support/workload-cluster';

const WAIT = { deadlineMs: 120_000, everyMs: 200 };
const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-rights-'));
const clusterDir = join(dir, 'cluster');
const auditLog = join(dir, 'audit.log');
const started: ChildProcess[] = [];

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

let client: KubernetesClient;
let objects: readonly KubernetesObject[];

/** A kubeconfig with a token of a ServiceAccount. */
const accountOf = (namespace: string, name: string) =>
  kubeconfigOf(client, join(clusterDir, 'kubeconfig'), { namespace, name }, dir);

/** A script of this package, as its pod calls it, but for what is otherwise there. */
function startOwn({ command = [], args }: Container, instead: Readonly<Record<string, string>>): void {
  const [, ...call] = [...command, ...args].map((each) => instead[each] ?? each);
  const script = call.map((each) => each.replace(/^.*\/build\/src\//, join(root, 'build', 'src') + '/'));
  started.push(spawn(process.execPath, script, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] }));
}

const asRight = (verb: string, group: string, resource: string) => `${verb} ${resource}${group && `.${group}`}`;

/** What the roles of a ServiceAccount allow. */
function rightsOf(account: string): ReadonlySet<string> {
  const roles = objects.filter(({ kind, metadata }) => /Role$/.test(kind) && metadata.name === account);
  const rules = roles.flatMap((role) => role['rules'] as readonly Rule[]);
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => asRight(verb, group, resource))),
      ),
    ),
  );
}

function assertRights(account: string): void {
  const asked = askedBy(auditLog, account);
  const refused = asked.filter(({ responseStatus }) => responseStatus?.code === 403);
  assert.deepEqual(refused, [], `${account} is refused what it asks for`);
  const needed = new Set(
    asked.map(({ verb, objectRef: { apiGroup = '', resource = '', subresource } = { resource: '' } }) =>
      asRight(verb, apiGroup, subresource === undefined ? resource : `${resource}/${subresource}`),
    ),
  );
  assert.deepEqual([...rightsOf(account)].sort(), [...needed].sort(), `what ${account} may do, and what it asked for`);
}

async function stateOf(name: string): Promise<string | undefined> {
  const host = await client.request<{ status?: { provisioning?: { state?: string }; errorMessage?: string } }>(
    'GET',
    hostPath('default', name),
  );
  return host.status?.errorMessage || host.status?.provisioning?.state;
}

const isIn = async (name: string, state: RegExp) =>
  assert.ok(
    await until(async () => state.test((await stateOf(name)) ?? ''), WAIT),
    `${name} is ${await stateOf(name)}`,
  );

async function createHost(name: string, fields: object = {}, annotations: object = {}): Promise<void> {
  const host = {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: { name, annotations },
    spec: {
      online: true,
      bootMACAddress: `00:60:2f:00:00:${(10 + started.length + name.length).toString(16).padStart(2, '0')}`,
      bmc: { address: 'redfish://192.0.2.1/redfish/v1/Systems/1', credentialsName: `${name}-bmc` },
      ...fields,
    },
  };
  await client.request('POST', hostPath('default', '').replace(/\/$/, ''), { body: host });
}

const createSecret = (name: string) =>
  client.request('POST', '/api/v1/namespaces/default/secrets', {
    body: { metadata: { name }, stringData: { username: 'admin', password: 'secret' } },
  });

before(async () => {
  mkdirSync(clusterDir, { recursive: true });
  const { connection } = await startLocalCluster({
    stateDir: clusterDir,
    controllerManager: false,
    apiServerArguments: auditArguments(join(dir, 'policy.yaml'), auditLog),
  });
  client = new KubernetesClient(await readKubeconfig(connection.kubeconfig));
  const chart = new Chart(new App(), 'simulators');
  new BareMetalOperator(chart, 'definitions', { crdsOnly: true });
  new KwokSimulator(chart, 'kwok', { behaviour: { workers: 1, inspectingMilliseconds: 1 } });
  new WorkloadApi(chart, 'workload-api', { shards: 1 });
  objects = chart.toJson() as readonly KubernetesObject[];
  await new Applier(client).applyAll(objects, { task: 'simulators' });
  await createDefinitions(client, ['BareMetalHost']);
});

after(async () => {
  await killAll(started);
  await client?.close();
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

describe('the rights of simulators in pods', { timeout: 600_000 }, () => {
  it('are those that kwok and what is beside it ask for', async () => {
    const status = `127.0.0.1:${await freePort()}`;
    const kubeconfig = await accountOf('kwok-system', 'kwok');
    started.push(await startKwok(objects, { kubeconfig, status, dir }));
    const own = await accountOf('kwok-system', 'kwok-credentials');
    startOwn(containerOf(objects, 'kwok-credentials'), { '/etc/metal3-testbed/kubeconfig': own });
    await createSecret('good-bmc');
    await createHost('good');
    await createHost('without-secret');
    await isIn('without-secret', /secret default\/without-secret-bmc does not exist/);
    await createSecret('without-secret-bmc');
    await isIn('without-secret', /^available$/);
    await isIn('good', /^available$/);
    await client.request('DELETE', hostPath('default', 'good'));
    assert.ok(
      await until(
        () =>
          stateOf('good').then(
            () => false,
            () => true,
          ),
        WAIT,
      ),
      'a deleted host goes',
    );
    assertRights('kwok');
    assertRights('kwok-credentials');
  });

  it('are those that the API of workload clusters asks for', async () => {
    const port = await freePort();
    const status = `127.0.0.1:${await freePort()}`;
    const [ca, etcd] = [await ecdsaCa(), await ecdsaCa()];
    await createCluster(client, { name: 'one', host: 'workload-api-0.workload-api-system.svc', port, ca, etcd });
    startOwn(containerOf(objects, 'workload-api'), {
      '/etc/metal3-testbed/kubeconfig': await accountOf('workload-api-system', 'workload-api'),
      '0.0.0.0:8090': status,
      '$(POD_NAME)': 'workload-api-0',
    });
    const service = '/api/v1/namespaces/workload-api-system/services/workload-api-0';
    const hasPort = async () => {
      const { spec } = await client.request<{ spec: { ports: { port: number }[]; selector?: object } }>('GET', service);
      return spec.selector !== undefined && spec.ports.some((each) => each.port === port);
    };
    assert.ok(await until(hasPort, WAIT), 'the Service leads to the pod, with a port for the cluster');
    // Hosts of the operator's test mode that hold each other up are touched.
    for (const state of ['provisioning', 'deprovisioning']) {
      const consumerRef = { kind: 'Metal3Machine', name: state, namespace: 'default' };
      await createHost(state, { consumerRef }, { 'baremetalhost.metal3.io/paused': '' });
      await client.request('PATCH', `${hostPath('default', state)}/status`, {
        contentType: 'application/merge-patch+json',
        body: {
          status: {
            provisioning: { ID: 'temporary-fake-id', state, image: { url: '' } },
            errorMessage: '',
            errorCount: 0,
            hardwareProfile: '',
            operationalStatus: 'OK',
            poweredOn: true,
          },
        },
      });
    }
    const isTouched = () =>
      askedBy(auditLog, 'workload-api').some(
        ({ verb, objectRef }) => verb === 'patch' && objectRef?.name === 'provisioning',
      );
    assert.ok(await until(() => Promise.resolve(isTouched()), WAIT), 'a host that is held up is touched');
    assertRights('workload-api');
  });
});
