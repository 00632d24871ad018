import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { unknownValue } from '@pulumi/pulumi/runtime';
import { FleetOperations } from '../../stacks/resources/fleet-operations';
import { hostFleetKind } from '../../stacks/resources/host-fleet-kind';
import type { HostFleetInputs, HostFleetOutputs } from '../../stacks/resources/host-fleet-state';
import { FakeApi } from '../src/install/fake-api';
import { rejects } from '../support/rejects';

const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';
const SECRETS = '/api/v1/namespaces/default/secrets';
const CONFIG_MAP = '/api/v1/namespaces/default/configmaps/fleet';
const CANARY = 'canary-5150';

const INPUTS: HostFleetInputs = {
  kubeconfig: '/nowhere/kubeconfig',
  set: 'fleet',
  hostSet: { count: 2 },
  credentials: { username: 'admin', password: CANARY },
  createNamespaces: true,
  forceConflicts: false,
  onClusterGone: 'fail',
  deleteTimeoutSeconds: 1,
  waitFor: 'none',
  waitTimeoutSeconds: 1,
};
const applied = (inputs: HostFleetInputs): HostFleetOutputs => ({
  ...inputs,
  clusterUid: 'cluster-1',
  drift: 'none',
  objects: { 'BareMetalHost.metal3.io': 2, Secret: 2 },
});

/** A cluster on which the objects of the fleet can be made, and the inputs of a fleet on it. */
async function cluster(t: TestContext, uid = 'cluster-1'): Promise<{ api: FakeApi; inputs: HostFleetInputs }> {
  const api = await FakeApi.start(t);
  api.put('/api/v1/namespaces/kube-system', { metadata: { uid } });
  api.put('/api/v1/namespaces/default');
  const version = { groupVersion: 'metal3.io/v1alpha1' };
  const groups = [{ name: 'metal3.io', preferredVersion: version, versions: [version] }];
  api.answers.set('GET /apis', () => [200, { groups }]);
  for (const path of [
    CONFIG_MAP,
    ...[1, 2].flatMap((i) => [`${HOSTS}/worker-${i}`, `${SECRETS}/worker-${i}-bmc-secret`]),
  ])
    api.answers.set(`PATCH ${path}`, () => [201, { metadata: {} }]);
  const kubeconfig = JSON.stringify({
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    clusters: [{ name: 'fake', cluster: { server: api.client.server } }],
    users: [{ name: 'fake', user: { token: 'none' } }],
  });
  return { api, inputs: { ...INPUTS, kubeconfig } };
}

function operations(signal?: AbortSignal): {
  readonly fleet: FleetOperations<HostFleetInputs>;
  readonly said: string[];
} {
  const said: string[] = [];
  return { fleet: new FleetOperations(hostFleetKind, { say: (line) => said.push(line), signal }), said };
}

describe('what Pulumi does to a fleet', () => {
  it('says what would be added, and writes nothing', async (t) => {
    const { api, inputs } = await cluster(t);
    const { fleet, said } = operations();
    const { inputs: checked, failures } = await fleet.check({}, inputs);
    assert.equal(failures, undefined);
    assert.equal(checked?.plan, 'BareMetalHost: 2 added; Secret: 2 added');
    assert.deepEqual(said, ['HostFleet fleet: BareMetalHost: 2 added; Secret: 2 added']);
    assert.deepEqual(new Set(api.requests.map((each) => each.split(' ')[0])), new Set(['GET']));
  });

  it('keeps its set when the program calls the fleet or its stack otherwise, unless the set is given', async (t) => {
    const { inputs } = await cluster(t);
    const { fleet } = operations();
    const asked = (more: Partial<HostFleetInputs>) => ({ ...inputs, set: undefined, ...more }) as HostFleetInputs;
    const setOf = async (olds: Partial<HostFleetInputs>, more: Partial<HostFleetInputs>) =>
      (await fleet.check(olds, asked(more))).inputs?.set;
    const made = await setOf({}, { defaultSet: 'lab.dev.one' });
    assert.equal(made, 'lab.dev.one');
    assert.equal(await setOf({ set: made }, { defaultSet: 'lab.dev.two' }), 'lab.dev.one');
    assert.equal(await setOf({ set: made }, { defaultSet: 'lab.dev.two', set: 'mine' }), 'mine');
    assert.equal(await setOf({ set: made }, { defaultSet: 'lab.dev.two', kubeconfig: unknownValue }), 'lab.dev.one');
  });

  it('deletes nothing of a set that another fleet has by now, in the same update', async (t) => {
    const { api, inputs } = await cluster(t);
    const { fleet } = operations();
    const { outs } = await fleet.create({ ...inputs, waitFor: 'none' });
    api.requests.length = 0;
    await fleet.delete('fleet', { ...outs!, defaultSet: 'project.dev.old' });
    assert.deepEqual(
      api.requests.filter((request) => !request.startsWith('GET ')),
      [],
    );
  });

  it('names no kubeconfig that is in another form than YAML', async () => {
    const kubeconfig = Buffer.from(`users: [{ name: a, user: { token: ${CANARY} } }]`.repeat(20)).toString('base64');
    const { inputs } = await operations().fleet.check({}, { ...INPUTS, kubeconfig });
    assert.match(inputs?.plan ?? '', /the kubeconfig file of \d+ characters \(give YAML, or a path\) does not exist/);
  });

  it('asks nobody where the cluster is yet to be made', async () => {
    const { fleet } = operations();
    const news = { ...INPUTS, kubeconfig: unknownValue };
    assert.match((await fleet.check({}, news)).inputs?.plan ?? '', /^unknown/);
    assert.deepEqual(await fleet.diff('fleet', applied(INPUTS), news), { changes: true });
  });

  it('previews a fleet on a cluster that does not answer, and says why it knows nothing', async () => {
    const { fleet } = operations();
    const { inputs } = await fleet.check({}, INPUTS);
    assert.equal(inputs?.plan, 'unknown: the kubeconfig file /nowhere/kubeconfig does not exist');
    assert.equal((await fleet.diff('fleet', applied(INPUTS), INPUTS)).changes, false);
  });

  it('refuses credentials that are not where they are said to be', async () => {
    const { failures } = await operations().fleet.check(
      {},
      { ...INPUTS, credentials: { username: 'admin', passwordFrom: { env: 'NO_SUCH_VARIABLE' } } },
    );
    assert.match(failures?.[0]?.reason ?? '', /names the variable NO_SUCH_VARIABLE, which is not set/);
  });

  it('records cluster and counts, and replaces a fleet that is to be in another set or on another cluster', async (t) => {
    const { inputs } = await cluster(t);
    const { fleet } = operations();
    const { id, outs } = await fleet.create(inputs);
    assert.equal(id, 'fleet');
    assert.deepEqual(outs, applied(inputs));
    const renamed = await fleet.diff('fleet', applied(inputs), { ...inputs, set: 'other' });
    assert.deepEqual(renamed, { changes: true, replaces: ['set'], deleteBeforeReplace: true });
    const elsewhere = await cluster(t, 'cluster-2');
    const moved = await fleet.diff('fleet', applied(inputs), elsewhere.inputs);
    assert.deepEqual(moved.replaces, ['kubeconfig']);
  });

  it('waits by how many there are where nobody says how long', async (t) => {
    const { inputs } = await cluster(t);
    // So that the ten minutes which a fleet of any size has are over after half a second.
    const quick = { ...hostFleetKind, secondsEach: -299.75 };
    const fleet = new FleetOperations(quick, { say: () => undefined });
    const news = { ...inputs, waitFor: 'settled', waitTimeoutSeconds: undefined } as const;
    await assert.rejects(fleet.create(news), /0 of 2 hosts are settled after 0.5 s/);
  });

  it('moves a fleet without a replacement where the cluster it was on is gone, and that is to be forgotten', async (t) => {
    const { inputs } = await cluster(t, 'cluster-2');
    const news: HostFleetInputs = { ...inputs, onClusterGone: 'forget' };
    const { fleet } = operations();
    assert.deepEqual((await fleet.diff('fleet', applied(INPUTS), news)).replaces, []);
    assert.equal((await fleet.update('fleet', applied(INPUTS), news)).outs?.clusterUid, 'cluster-2');
    await rejects(
      fleet.update('fleet', applied(INPUTS), inputs),
      /belongs to cluster cluster-2, but the hosts were created on cluster cluster-1/,
      'cluster',
    );
  });

  it('records what it could not finish, with no property undefined and no credential in the reason', async (t) => {
    const { api, inputs } = await cluster(t);
    const refusal = { kind: 'Status', reason: 'Invalid', message: 'spec.bmc is wrong' };
    api.answers.set(`PATCH ${HOSTS}/worker-2`, () => [422, refusal]);
    const error = await operations()
      .fleet.create({ ...inputs, context: undefined })
      .then(
        () => assert.fail('nothing was refused'),
        (reason: unknown) => reason as Error & { id: string; properties: HostFleetOutputs; reasons: string[] },
      );
    assert.equal(error.id, 'fleet');
    assert.equal(error.properties.clusterUid, 'cluster-1');
    assert.ok(Object.values(error.properties).every((value) => value !== undefined));
    assert.match(error.reasons.join(), /BareMetalHost default\/worker-2 was refused: .*spec.bmc is wrong/);
    assert.ok(!error.message.includes(CANARY) && !error.reasons.join().includes(CANARY));
  });

  it('records nothing where nothing was written', async () => {
    const error = await operations()
      .fleet.create(INPUTS)
      .catch((reason: unknown) => reason as object);
    assert.ok(!('id' in error));
  });

  it('does not take a cluster that is gone for one without hosts, unless it is told to', async (t) => {
    const { fleet, said } = operations();
    const gone = applied(INPUTS);
    const forgotten: HostFleetOutputs = { ...gone, onClusterGone: 'forget' };
    const advice = /does not exist; if it is gone for good, do this again with PULUMI_K8S_DELETE_UNREACHABLE=true/;
    await rejects(fleet.read('fleet', gone), advice, 'cluster');
    await rejects(fleet.delete('fleet', gone), advice, 'cluster');
    assert.deepEqual(await fleet.read('fleet', forgotten), { id: '' });
    await fleet.delete('fleet', forgotten);
    const { api, inputs } = await cluster(t, 'cluster-2');
    await fleet.delete('fleet', { ...applied(inputs), onClusterGone: 'forget' });
    assert.deepEqual(api.sent('DELETE'), []);
    assert.equal(said.length, 3);
  });

  it('takes note of onClusterGone without the cluster', async () => {
    const { fleet } = operations();
    const news: HostFleetInputs = { ...INPUTS, onClusterGone: 'forget' };
    const { inputs = news } = await fleet.check(INPUTS, news);
    assert.equal((await fleet.diff('fleet', applied(INPUTS), inputs)).changes, true);
    const { outs } = await fleet.update('fleet', applied(INPUTS), inputs);
    assert.equal(outs?.onClusterGone, 'forget');
    assert.deepEqual(outs?.objects, applied(INPUTS).objects);
  });

  it('forgets a cluster that is gone where the environment says so, whatever the state says', async (t) => {
    process.env['PULUMI_K8S_DELETE_UNREACHABLE'] = 'true';
    t.after(() => delete process.env['PULUMI_K8S_DELETE_UNREACHABLE']);
    const { fleet, said } = operations();
    await fleet.delete('fleet', applied(INPUTS));
    assert.deepEqual(await fleet.read('fleet', applied(INPUTS)), { id: '' });
    assert.match(said.join(), /HostFleet fleet is forgotten: the kubeconfig file .* does not exist/);
  });

  it('ends at an interruption, and records what it has begun', async (t) => {
    const { api, inputs } = await cluster(t);
    const interruption = new AbortController();
    const { fleet } = operations(interruption.signal);
    // One that is never answered in time.
    api.answers.set(`PATCH ${HOSTS}/worker-2`, () => {
      interruption.abort(new Error('interrupted by a test'));
      return [429, { kind: 'Status', reason: 'TooManyRequests' }];
    });
    const error = await fleet.create(inputs).then(
      () => assert.fail('it was not interrupted'),
      (reason: unknown) => reason as Error & { id: string; reasons: string[] },
    );
    assert.equal(error.id, 'fleet');
    assert.match(error.reasons.join(), /interrupted by a test/);
  });

  it('says in a refresh what is not as described, and nothing where all is', async (t) => {
    const { inputs } = await cluster(t);
    const { fleet, said } = operations();
    const { props } = await fleet.read('fleet', applied(inputs));
    assert.equal(props?.drift, 'BareMetalHost: 2 missing; Secret: 2 missing');
    assert.deepEqual(props?.objects, {});
    assert.deepEqual(said, [
      'HostFleet fleet differs from its description: BareMetalHost: 2 missing; Secret: 2 missing',
    ]);
  });

  it('says that it cannot be imported, and what takes over hosts that are there', async () => {
    const read = operations().fleet.read('fleet', INPUTS as HostFleetOutputs);
    await rejects(read, /cannot be imported: describe it, with the name of its set as `set`/, 'invalid-input');
  });

  it('refuses to wait for a state that there is not', async (t) => {
    const { inputs } = await cluster(t);
    const { failures } = await operations().fleet.check({}, { ...inputs, waitFor: { state: 'availible' } });
    assert.match(failures?.[0]?.reason ?? '', /did you mean 'available'/);
  });
});
