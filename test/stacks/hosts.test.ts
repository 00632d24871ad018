import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostsLayer, type HostsLayerConfig } from '../../stacks/hosts';
import { record, secretValue } from '../support/pulumi-recorder';
import { refuses } from '../support/refuses';

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
      fleets.map(({ name, inputs }) => [name, inputs['set'], inputs['hostSet'], inputs['onClusterGone']]),
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

  it('refuses a host that is described twice, and a cluster that is named twice or not at all', async () => {
    await registeredBy(() => {
      const sets = (...hostSets: NonNullable<HostsLayerConfig['hostSets']>) =>
        hostsLayer({ kubeconfig: 'x', hostSets });
      refuses(() => sets({ count: 1 }, { count: 2 }), /two host sets are named 'worker'/);
      refuses(() => sets({ name: 'a', count: 5 }, { name: 'b', count: 5 }), /have the same boot MAC address/);
      refuses(() => hostsLayer({}), /neither clusterStack and kubeconfig: give one of them/);
      refuses(() => hostsLayer({ kubeconfig: 'x', clusterStack: 'y' }), /both clusterStack and kubeconfig/);
    });
  });
});
