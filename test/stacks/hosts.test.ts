import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostsLayer, type HostsLayerConfig } from '../../stacks/hosts';
import { isSecretOutput, record, secretValue, valueOf } from '../support/pulumi-recorder';
import { rejects } from '../support/rejects';

const registeredBy = async (program: () => unknown) => (await record(program, { project: 'lab' })).resources;
const fleetsOf = async (config: HostsLayerConfig) =>
  (await registeredBy(() => hostsLayer(config))).filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic'));

describe('the layer hosts', () => {
  it('makes a fleet of each host set, with what is said of all of them', async () => {
    const fleets = await fleetsOf({
      kubeconfig: '/nowhere',
      onClusterGone: 'forget',
      hostSets: [
        { name: 'a', count: 5 },
        { count: 7, namespace: 'lab', firstIndex: 100, set: 'mine' },
      ],
    });
    assert.deepEqual(
      fleets.map(({ name, inputs }) => [
        name,
        inputs['set'] ?? inputs['defaultSet'],
        inputs['hostSet'],
        inputs['onClusterGone'],
      ]),
      [
        ['a', 'lab.dev.a', { name: 'a', count: 5 }, 'forget'],
        ['worker', 'mine', { count: 7, namespace: 'lab', firstIndex: 100 }, 'forget'],
      ],
    );
  });

  it("makes the blog's ten hosts where nothing is described", async () => {
    const [fleet] = await fleetsOf({ kubeconfig: '/nowhere' });
    assert.deepEqual(fleet?.inputs['hostSet'], { count: 10 });
  });

  it('takes the kubeconfig from the stack of the layer below, and keeps it secret', async () => {
    const stacks = { 'organization/lab/cluster': { kubeconfig: 'apiVersion: v1' } };
    const program = () => hostsLayer({ clusterStack: 'organization/lab/cluster' });
    const { resources } = await record(program, { project: 'lab', stacks });
    const fleet = resources.find(({ type }) => type.startsWith('pulumi-nodejs:dynamic'));
    assert.equal(secretValue(fleet?.inputs['kubeconfig']), 'apiVersion: v1');
  });

  it('says which command brings up the stack below, and registers nothing', async () => {
    const made = record(() => hostsLayer({ clusterStack: 'dev-platform' }), { project: 'lab' });
    const message =
      /stack organization\/lab\/dev-platform has no output kubeconfig: run 'pulumi up --stack dev-platform' first/;
    await rejects(made, message, 'invalid-input');
  });

  it('waits for hosts that are settled unless it is told otherwise', async () => {
    const waits = async (config: HostsLayerConfig) => (await fleetsOf(config))[0]?.inputs['waitFor'];
    assert.equal(await waits({ kubeconfig: '/nowhere' }), 'settled');
    assert.deepEqual(await waits({ kubeconfig: '/nowhere', waitFor: { state: 'available', share: 0.5 } }), {
      state: 'available',
      share: 0.5,
    });
  });

  it('hands on the kubeconfig of the layer below where there are no hosts', async () => {
    const { result } = await record(() => hostsLayer({ kubeconfig: '/nowhere', hostSets: [] }), { project: 'lab' });
    assert.equal(await valueOf(result.kubeconfig), '/nowhere');
    assert.equal(await isSecretOutput(result.kubeconfig), true);
    assert.equal(await valueOf(result.hosts), 0);
  });

  it('puts out of each fleet how its hosts are called, where they are, and what they have come to', async () => {
    const readiness = { states: { available: 5 }, seconds: 1.5 };
    const objects = { 'BareMetalHost.metal3.io': 5 };
    const { result } = await record(
      () =>
        hostsLayer({
          kubeconfig: '/nowhere',
          hostSets: [
            { name: 'a', count: 5, namespace: 'lab', hostsPerNamespace: 3 },
            { name: 'b', count: 7, firstIndex: 100, namePattern: '{name}-{index:4}' },
          ],
        }),
      { project: 'lab', outputsOf: ({ name }) => (name === 'a' ? { objects, readiness } : { objects: {} }) },
    );
    assert.equal(await valueOf(result.hosts), 12);
    assert.deepEqual(await valueOf(result.hostNames), {
      a: { pattern: 'a-{index}', firstIndex: 1, count: 5 },
      b: { pattern: 'b-{index:4}', firstIndex: 100, count: 7 },
    });
    assert.deepEqual(await valueOf(result.namespaces), { a: ['lab', 'lab-2'], b: ['default'] });
    assert.deepEqual(await valueOf(result.readiness), { a: readiness });
    assert.deepEqual(await valueOf(result.objects), { a: objects, b: {} });
    assert.equal(await isSecretOutput(result.kubeconfig), true);
  });

  it('refuses a host that is described twice, and a cluster that is named twice or not at all', async () => {
    const refused = async (config: HostsLayerConfig, message: RegExp) => {
      await rejects(
        record(() => hostsLayer(config)),
        message,
        'invalid-input',
      );
    };
    const sets = (...hostSets: NonNullable<HostsLayerConfig['hostSets']>) => ({ kubeconfig: 'x', hostSets });
    await refused(sets({ count: 1 }, { count: 2 }), /two host sets are named 'worker'/);
    await refused(sets({ name: 'a', count: 5 }, { name: 'b', count: 5 }), /have the same boot MAC address/);
    const none = { kubeconfig: 'x', hostSets: 'all' } as unknown as HostsLayerConfig;
    await refused(none, /hostSets decides which fleets there are: give a list/);
    await refused({}, /neither clusterStack and kubeconfig: give one of them/);
    await refused({ kubeconfig: 'x', clusterStack: 'y' }, /both clusterStack and kubeconfig/);
  });
});
