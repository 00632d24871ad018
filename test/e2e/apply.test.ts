import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Applier } from '../../src/apply/apply';
import { FIELD_MANAGER } from '../../src/kubernetes/field-manager';
import { clusterUid } from '../../src/apply/cluster-identity';
import { KubernetesClient } from '../../src/kubernetes/client';
import type { Credentials } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { watchHosts } from '../support/hosts';
import { waitForStates } from '../../src/watch/wait-for-states';
import { until } from '../../src/util/until';
import { startConnectProxy } from '../faults/support/connect-proxy';
import { countExact, fleetOf, objectsOf } from '../faults/support/hosts';
import { Lab } from '../faults/support/lab';
import { startTcpProxy } from '../faults/support/tcp-proxy';

const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';

describe('apply, against a real API server', { timeout: 300_000 }, () => {
  let lab: Lab;
  let applier: Applier;
  before(async () => {
    lab = await Lab.start();
    applier = new Applier(lab.client);
  });
  after(() => lab.stop());

  const apply = (name: string, count: number, options: { prune?: boolean; forceConflicts?: boolean } = {}) =>
    applier.apply(objectsOf(fleetOf(name, count)), { task: name, set: { name }, ...options });
  const patchHost = (name: string, spec: object, fieldManager = 'somebody') =>
    lab.client.request('PATCH', `${HOSTS}/${name}`, {
      query: { fieldManager },
      contentType: 'application/merge-patch+json',
      body: { spec },
    });

  it('writes what is not there, and the second time nothing', async () => {
    const first = await apply('twice', 20);
    assert.deepEqual([first.added, first.changed, first.unchanged], [40, 0, 0]);
    const writes = await writesOf(lab);
    const second = await apply('twice', 20);
    assert.deepEqual([second.added, second.changed, second.unchanged], [0, 0, 40]);
    assert.equal(await writesOf(lab), writes);
  });

  it('finds and mends a field that somebody has changed, once told to take it over', async () => {
    await apply('drift', 3);
    await patchHost('drift-2', { online: false });
    await assert.rejects(
      apply('drift', 3),
      /BareMetalHost default\/drift-2 was refused: .spec.online: conflict with "somebody".*--force-conflicts/,
    );
    const mended = await apply('drift', 3, { forceConflicts: true });
    assert.deepEqual([mended.changed, mended.unchanged], [1, 5]);
    assert.equal(await countExact(lab.client, fleetOf('drift', 3)), 3);
  });

  it('takes back what this package itself has changed, as steps of a scenario do, and nothing else with it', async () => {
    await apply('own', 3);
    await patchHost('own-2', { online: false }, FIELD_MANAGER);
    const mended = await apply('own', 3);
    assert.deepEqual([mended.changed, mended.unchanged], [1, 5]);
    assert.equal(await countExact(lab.client, fleetOf('own', 3)), 3);
    await patchHost('own-2', { online: false }, FIELD_MANAGER);
    await patchHost('own-2', { bootMACAddress: '02:00:00:00:00:99' });
    await assert.rejects(apply('own', 3), /.spec.bootMACAddress: conflict with "somebody"/);
    assert.equal(await countExact(lab.client, fleetOf('own', 3)), 2);
  });

  it('says beforehand what it would do', async () => {
    await apply('plan', 4);
    const plan = await applier.plan(objectsOf(fleetOf('plan', 3)), { task: 'plan', set: { name: 'plan' } });
    assert.deepEqual([plan.added, plan.changed, plan.unchanged, plan.removed], [0, 0, 6, 2]);
    await patchHost('plan-1', { online: false });
    const { changes, kinds } = await applier.plan(objectsOf(fleetOf('plan', 5)), {
      task: 'plan',
      set: { name: 'plan' },
    });
    assert.deepEqual(changes, [{ object: 'BareMetalHost default/plan-1', fields: ['spec.online'] }]);
    assert.deepEqual(kinds['BareMetalHost.metal3.io'], { added: 1, changed: 1, unchanged: 3, removed: 0 });
  });

  it('deletes hosts, waits for them to go, and only then deletes their Secrets', async () => {
    await apply('prune', 3);
    await lab.client.request('PATCH', `${HOSTS}/prune-3`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: ['test.example/held'] } },
    });
    const held = applier.apply(objectsOf(fleetOf('prune', 2)), {
      task: 'prune',
      set: { name: 'prune' },
      prune: true,
      pruneMs: 1_500,
    });
    await assert.rejects(
      held,
      /1 baremetalhosts were deleted but still exist after 1.5 s: BareMetalHost default\/prune-3 \(finalizers test.example\/held\)/,
    );
    await lab.client.request('GET', '/api/v1/namespaces/default/secrets/prune-3-bmc-secret');
    await lab.client.request('PATCH', `${HOSTS}/prune-3`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    assert.equal((await apply('prune', 2, { prune: true })).removed, 1);
    await assert.rejects(
      lab.client.request('GET', '/api/v1/namespaces/default/secrets/prune-3-bmc-secret'),
      /not found/,
    );
    assert.equal(await countExact(lab.client, fleetOf('prune', 2)), 2);
  });

  it('leaves alone what belongs to another set, and another cluster', async () => {
    await apply('mine', 2);
    const theft = applier.apply(objectsOf(fleetOf('mine', 2)), {
      task: 'theft',
      set: { name: 'theirs' },
      forceConflicts: true,
    });
    await assert.rejects(theft, /belongs to another set/);
    const plannedTheft = applier.plan(objectsOf(fleetOf('mine', 2)), { task: 'theft', set: { name: 'theirs' } });
    await assert.rejects(plannedTheft, /belongs to another set/);
    assert.equal((await apply('mine', 2)).unchanged, 4);
    const elsewhere = applier.apply(objectsOf(fleetOf('mine', 2)), {
      task: 'mine',
      set: { name: 'mine' },
      clusterUid: 'another',
    });
    await assert.rejects(elsewhere, /was last applied to cluster another: nothing was changed/);
    const uid = await clusterUid(lab.client);
    assert.equal(
      (await applier.apply(objectsOf(fleetOf('mine', 2)), { task: 'mine', set: { name: 'mine' }, clusterUid: uid }))
        .unchanged,
      4,
    );
  });

  it('refuses an object that is described twice, beforehand too', async () => {
    const twice = () => [...objectsOf(fleetOf('doubled', 2)), ...objectsOf(fleetOf('doubled', 1))];
    const options = { task: 'doubled', set: { name: 'doubled' } };
    await assert.rejects(applier.plan(twice(), options), /doubled-1\S* is in the manifests twice: leave one out/);
    await assert.rejects(applier.apply(twice(), options), /doubled-1\S* is in the manifests twice/);
    assert.equal(await countExact(lab.client, fleetOf('doubled', 0)), 0, 'nothing was written before');
  });

  it('refuses to write over the ConfigMap in which the set is recorded', async () => {
    const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'recorded' }, data: {} };
    const options = { task: 'recorded', set: { name: 'recorded' } };
    const expected =
      /ConfigMap recorded is the ConfigMap in which the set recorded itself is recorded: give the set another/;
    await assert.rejects(applier.apply([parent], options), expected);
    await assert.rejects(applier.plan([parent], options), expected);
  });

  it('does not delete a whole set because nothing was described', async () => {
    await apply('empty', 1);
    await assert.rejects(apply('empty', 0, { prune: true }), /every object of the set empty would be deleted/);
    assert.equal(await countExact(lab.client, fleetOf('empty', 1)), 1);
  });

  it('applies a CRD and its objects from one stream, in whatever order they come', async () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.test.example' },
      spec: {
        group: 'test.example',
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
          },
        ],
      },
    };
    const thing = {
      apiVersion: 'test.example/v1',
      kind: 'Thing',
      metadata: { name: 'a', namespace: 'things' },
      spec: {},
    };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'things' } };
    const result = await applier.apply([thing, crd, namespace] as KubernetesObject[], {
      task: 'things',
      set: { name: 'things' },
    });
    assert.equal(result.added, 3);
  });

  it('names all objects that are refused, and what is wrong with each', async () => {
    const bad = [...objectsOf(fleetOf('bad', 3))].map((object) =>
      object.kind === 'Secret' ? object : { ...object, spec: { ...(object['spec'] as object), onlin: true } },
    );
    await assert.rejects(applier.apply(bad, { task: 'bad', set: { name: 'bad' } }), (error: Error) => {
      assert.match(error.message, /^3 objects were refused:/);
      assert.match(error.message, /BareMetalHost default\/bad-2 was refused: .*unknown field "spec.onlin"|spec.onlin/);
      return true;
    });
  });

  it('goes through a proxy that the kubeconfig or the environment names, and verifies the server behind it', async (t) => {
    const proxy = await startConnectProxy();
    t.after(() => proxy.stop());
    const { port } = new URL(lab.credentials.server);
    // A name that only the proxy knows, and a certificate that was made for another.
    const hidden = { ...lab.credentials, server: `https://api.invalid:${port}`, serverName: 'localhost' };
    const environments: readonly (readonly [NodeJS.ProcessEnv, ...object[]])[] = [
      [{}, { proxyUrl: `http://${proxy.address}` }],
      [{ HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: 'elsewhere.invalid' }],
      [{ HTTPS_PROXY: '', https_proxy: proxy.address }],
    ];
    for (const [env, more] of environments) {
      const before = proxy.asked.length;
      await withEnvironment(env, { ...hidden, ...more }, (client) => client.request('GET', '/version'));
      assert.ok(proxy.asked.length > before);
    }
    assert.deepEqual([...new Set(proxy.asked)], [`api.invalid:${port}`]);
    const proxyUrl = `http://${proxy.address}`;
    const { ca: _, ...unknown } = hidden;
    for (const [credentials, expected] of [
      [
        unknown,
        /shows a certificate that cannot be verified \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\): check certificate-authority-data/,
      ],
      [{ ...hidden, serverName: 'other.invalid' }, /cannot be verified \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
    ] as const)
      await assert.rejects(
        withEnvironment({}, { ...credentials, proxyUrl }, (client) =>
          client.request('GET', '/version', { retryMs: 0 }),
        ),
        expected,
      );
    const asked = proxy.asked.length;
    await withEnvironment({ HTTPS_PROXY: proxyUrl }, lab.credentials, (client) => client.request('GET', '/version'));
    assert.equal(proxy.asked.length, asked, 'this machine is asked without a proxy');
  });

  it('says which hosts are still pending, and what was last heard of them', async () => {
    await apply('late', 1);
    const event = { reason: 'RegistrationError', message: 'no BMC there', type: 'Normal' };
    const involvedObject = { kind: 'BareMetalHost', name: 'late-1', namespace: 'default' };
    await lab.client.request('POST', '/api/v1/namespaces/default/events', {
      body: { metadata: { name: 'late.1' }, involvedObject, ...event },
    });
    const watch = watchHosts(lab.client);
    await watch.start();
    try {
      const waiting = waitForStates(watch, lab.client, {
        states: ['available'],
        objects: { share: 1 },
        deadlineMs: 200,
      });
      await assert.rejects(waiting, (error: Error) => {
        assert.match(error.message, /^0 of \d+ hosts are available after 0.2 s; still pending:/);
        return true;
      });
    } finally {
      await watch.stop();
    }
  });

  it('says that what it knows of late hosts is old', async (t) => {
    await apply('old', 1);
    const proxy = await startTcpProxy(lab.credentials);
    t.after(() => proxy.stop());
    const client = new KubernetesClient(proxy.credentials);
    t.after(() => client.close());
    const watch = watchHosts(client);
    t.after(() => watch.stop());
    await watch.start();
    const waiting = () => waitForStates(watch, lab.client, { states: ['available'], deadlineMs: 1_000 });
    proxy.setClosed(true);
    proxy.cut();
    await assert.rejects(
      waiting(),
      /after 1 s \(as of \d+ s ago: the API server cannot be reached since then\); still pending:/,
    );
    proxy.setClosed(false);
    assert.ok(await until(() => watch.unreachableMs === 0, { deadlineMs: 30_000 }));
    await assert.rejects(waiting(), /after 1 s; still pending:/);
  });
});

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

/** Runs something with a client for which the environment names these proxies and no others. */
async function withEnvironment<T>(
  env: NodeJS.ProcessEnv,
  credentials: Credentials,
  work: (client: KubernetesClient) => Promise<T>,
): Promise<T> {
  const before = PROXY_VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of PROXY_VARIABLES) delete process.env[name];
  Object.assign(process.env, env);
  const client = new KubernetesClient(credentials);
  try {
    return await work(client);
  } finally {
    await client.close();
    for (const [name, value] of before) {
      delete process.env[name];
      if (value !== undefined) process.env[name] = value;
    }
  }
}

/** Writes of hosts and Secrets, as the API server counts them. */
async function writesOf(lab: Lab): Promise<number> {
  const metrics = await lab.client.request<string>('GET', '/metrics', { accept: 'text/plain' });
  const lines = metrics
    .split('\n')
    .filter((line) => /^apiserver_request_total\{.*resource="(secrets|baremetalhosts|configmaps)"/.test(line));
  return lines
    .filter((line) => /verb="(APPLY|PATCH|POST|PUT|DELETE)"/.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
