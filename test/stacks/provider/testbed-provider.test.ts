import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { specialSecretSig, specialSigKey, unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { TestbedProvider } from '../../../stacks/provider/testbed-provider';
import { rejects } from '../../support/rejects';

const provider = new TestbedProvider();
const urnOf = (type: string, name = 'hosts') => `urn:pulumi:dev::lab::metal3-testbed:index:${type}::${name}`;
const secret = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });
const isSecret = (value: unknown) => (value as Record<string, unknown>)[specialSigKey] === specialSecretSig;
/** There is no such file: the plan says so, and nothing is asked. */
const kubeconfig = '/nonexistent/kubeconfig';

interface Schema {
  readonly resources: Readonly<
    Record<string, { readonly inputProperties: Readonly<Record<string, { readonly $ref?: string }>> }>
  >;
  readonly types: Readonly<Record<string, object>>;
}

const schema = async () => JSON.parse(await provider.getSchema()) as Schema;

describe('the provider for other languages', () => {
  it('has a schema in which all that is referred to is there', async () => {
    const all = await schema();
    const names = Object.keys(all.resources).map((token) => token.split(':').at(-1));
    assert.deepEqual(names, [
      ...['HostFleet', 'ClusterFleet', 'KindCluster', 'LocalCluster', 'LocalManagers', 'LocalSimulators'],
    ]);
    const references = JSON.stringify(all).matchAll(/"\$ref":"#\/types\/([^"]+)"/g);
    for (const [, token = ''] of references) assert.ok(token in all.types, token);
    for (const name of ['count', 'overrides', 'rootDeviceHints', 'kubeconfig', 'waitFor'])
      assert.ok(name in (all.resources['metal3-testbed:index:HostFleet']?.inputProperties ?? {}), name);
  });

  it('keeps as secrets what is one, wherever it was given, and what always is', async () => {
    const checked = await provider.check(
      urnOf('HostFleet'),
      {},
      { kubeconfig, count: 1, credentials: { username: 'admin', password: 'x' }, labels: { a: secret('b') } },
    );
    const given = checked.inputs as Record<string, unknown>;
    for (const name of ['kubeconfig', 'credentials', 'labels']) assert.ok(isSecret(given[name]), name);
    assert.equal(given['count'], 1);
  });

  it('says what is wrong with an argument, as in a Node.js program', async () => {
    const refused = async (type: string, args: object) =>
      ((await provider.check(urnOf(type), {}, args)).failures ?? []).map(({ reason }) => reason).join();
    assert.match(await refused('HostFleet', { kubeconfig, count: 1, bmcPort: 0 }), /bmcPort/);
    assert.match(
      await refused('HostFleet', { kubeconfig, count: 1, onClusterGone: 'no' }),
      /must be one of 'fail', 'forget'/,
    );
    assert.match(
      await refused('HostFleet', { kubeconfig, count: 1, waitTimeoutSeconds: -1 }),
      /waitTimeoutSeconds: must/,
    );
    assert.match(await refused('HostFleet', { kubeconfig, count: 1, asResources: true }), /for Node\.js programs/);
    assert.match(await refused('HostFleet', { count: 1 }), /is for no cluster: give kubeconfig/);
    assert.match(await refused('ClusterFleet', { kubeconfig, count: 1, controlPlanes: 2 }), /controlPlanes/);
    assert.match(await refused('KindCluster', { workers: -1 }), /workers/);
    for (const type of ['KindCluster', 'LocalCluster']) assert.equal(await refused(type, { timeoutSeconds: 9 }), '');
    assert.match(await refused('LocalSimulators', { folder: '/a', kind: 'kwk' }), /kind: .*did you mean 'kwok'/);
    assert.match(await refused('LocalSimulators', { folder: '/a', stages: { x: 1 } }), /simulator\.x: unknown field/);
    assert.match(await refused('LocalManagers', { folder: '/a', clusterApi: { cor: {} } }), /did you mean 'core'/);
    // Also while other arguments are not known yet.
    const partly = { kubeconfig: unknownValue, count: 1, bmcProtocol: 'libvrit', labels: { a: unknownValue } };
    assert.match(await refused('HostFleet', partly), /bmcProtocol/);
    const clusters = { kubeconfig, count: unknownValue, controlPlane: 3, hosts: { spar: 1 } };
    assert.match(
      await refused('ClusterFleet', clusters),
      /controlPlane: [^]*spar: unknown field; did you mean 'spare'/,
    );
  });

  it('refuses two fleets of one set on one cluster, whatever they are of', async () => {
    const checked = async (type: string, name: string, args: object) =>
      ((await provider.check(urnOf(type, name), {}, { kubeconfig, count: 1, ...args })).failures ?? [])
        .map(({ reason }) => reason)
        .join();
    assert.equal(await checked('HostFleet', 'first', { set: 'shared' }), '');
    assert.equal(await checked('HostFleet', 'first', { set: 'shared' }), '');
    assert.equal(await checked('HostFleet', 'second', { set: 'shared', context: 'other' }), '');
    const refused = /set 'shared' on the same cluster is also that of .*HostFleet::first: give one of the two another/;
    assert.match(await checked('HostFleet', 'second', { set: 'shared' }), refused);
    assert.match(await checked('ClusterFleet', 'third', { set: 'shared' }), refused);
    // By default a fleet of clusters has the set of the hosts of its name.
    assert.equal(await checked('HostFleet', 'same', {}), '');
    assert.match(await checked('ClusterFleet', 'same', {}), /HostFleet::same/);
  });

  it('refuses nothing of a state, which may be of an earlier version, when it is to go', async () => {
    const state = {
      kubeconfig,
      count: -1,
      deleteTimeoutSeconds: 0,
      onClusterGone: 'forget',
      clusterUid: 'u',
      objects: {},
    };
    await provider.delete('mine', urnOf('HostFleet'), { ...state, set: 'mine' });
  });

  it('leaves what is known only later until then', async () => {
    const args = { kubeconfig: unknownValue, count: 1 };
    const { failures = [] } = await provider.check(urnOf('HostFleet'), {}, args);
    assert.deepEqual(failures, []);
    assert.deepEqual(await provider.diff('id', urnOf('HostFleet'), args, args), { changes: true });
  });

  it('knows a resource by its results beside its arguments, and changes nothing that is as it was', async () => {
    const args = { stateDir: '/nonexistent', timeoutSeconds: 7 };
    const state = { ...args, kubeconfig: secret('content'), folder: '/nonexistent', hasControllers: true };
    const gone = await provider.diff('id', urnOf('LocalCluster'), state, args);
    // Its folder is gone: it is that alone which makes another cluster.
    assert.deepEqual(gone.replaces, ['stateDir']);
    const fleet = { kubeconfig, count: 1, set: 'mine' };
    const applied = { ...fleet, clusterUid: 'u', objects: {}, hostNamespaces: ['default'], plan: 'unknown' };
    const same = await provider.diff('mine', urnOf('HostFleet'), applied, fleet);
    assert.deepEqual([same.changes, same.replaces], [false, []]);
    const more = await provider.diff('mine', urnOf('HostFleet'), applied, { ...fleet, count: 2 });
    assert.deepEqual([more.changes, more.replaces], [true, []]);
    const other = await provider.diff('mine', urnOf('HostFleet'), applied, { ...fleet, set: 'other' });
    assert.deepEqual(other.replaces, ['set']);
  });

  it('keeps what it has decided when a resource or its stack is renamed, unless it is given', async () => {
    const checked = async (type: string, name: string, olds: object, args: object) =>
      (await provider.check(urnOf(type, name), olds, args)).inputs as Record<string, unknown>;
    const made = await checked('HostFleet', 'a', {}, { kubeconfig, count: 1 });
    assert.match(String(made['set']), /\.a$/);
    const renamed = await checked('HostFleet', 'b', made, { kubeconfig, count: 1 });
    assert.equal(renamed['set'], made['set']);
    assert.deepEqual((await provider.diff('id', urnOf('HostFleet', 'b'), made, renamed)).replaces, []);
    assert.equal((await checked('HostFleet', 'b', made, { kubeconfig, count: 1, set: 'mine' }))['set'], 'mine');
    const cluster = await checked('LocalCluster', 'a', {}, {});
    assert.equal((await checked('LocalCluster', 'b', cluster, {}))['owner'], cluster['owner']);
  });

  it('cannot import, and says so, and knows no other resource', async () => {
    await rejects(
      provider.read('id', urnOf('KindCluster'), {}),
      /a KindCluster cannot be imported: adopt/,
      'invalid-input',
    );
    await rejects(
      provider.read('id', urnOf('Farm'), {}),
      /has no resource Farm: use one of HostFleet/,
      'invalid-input',
    );
  });
});
