/** What Pulumi does with fleets of clusters, on a real API server with the definitions of all providers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { Kind } from '../../lib/kinds/kind';
import { Applier } from '../../src/apply/apply';
import { listMetadata } from '../../src/install/metadata';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';
import { objectsPath } from '../../src/watch/paths';
import { clusterFleetKind } from '../../stacks/resources/cluster-fleet-kind';
import type { ClusterFleetInputs, ClusterFleetOutputs } from '../../stacks/resources/cluster-fleet-state';
import { FleetOperations } from '../../stacks/resources/fleet-operations';
import { Lab } from '../faults/support/lab';
import { isOnPath, root } from '../support/cli';
import { Controllers } from '../support/cluster-doubles';
import { providerDefinitions } from '../support/providers';
import { PulumiProject } from '../support/pulumi';
import { rejects } from '../support/rejects';

interface UsedHost extends KubernetesObject {
  readonly spec: { readonly consumerRef?: object };
}

const CANARY = 'canary-Zp3-never-in-the-clear';

let lab: Lab;
let controllers: Controllers;

const metadataOf = (kind: Kind) => listMetadata(lab.client, objectsPath(kind));
const names = async (kind: Kind) => (await metadataOf(kind)).map(({ metadata }) => metadata.name).sort();
const versions = async (kind: Kind) =>
  new Map((await metadataOf(kind)).map(({ metadata }) => [metadata.name, metadata.uid]));
const secrets = () => listMetadata(lab.client, collectionPath('v1', 'secrets'));
/** Namespaces that clusters have brought. */
const namespaces = async () =>
  (await listMetadata(lab.client, collectionPath('v1', 'namespaces')))
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('c-'));

describe('fleets of clusters, on a real API server', { timeout: 600_000 }, () => {
  before(async () => {
    lab = await Lab.start();
    await new Applier(lab.client).applyAll(providerDefinitions(), { task: 'CRDs' });
    controllers = new Controllers(lab.client);
  });
  after(async () => {
    await controllers.stop();
    await lab.stop();
  });

  describe('as their provider makes them', () => {
    const inputsOf = (more: Partial<ClusterFleetInputs> = {}): ClusterFleetInputs => ({
      kubeconfig: lab.kubeconfig,
      set: 'fleet',
      clusterSet: { name: 'c', count: 3, workers: 0 },
      secrets: { keySeed: CANARY },
      createNamespaces: true,
      forceConflicts: false,
      onClusterGone: 'fail',
      deleteTimeoutSeconds: 60,
      waitFor: 'settled',
      waitTimeoutSeconds: 120,
      ...more,
    });
    const of = (count: number, more: Partial<ClusterFleetInputs> = {}) =>
      inputsOf({ clusterSet: { name: 'c', count, workers: 0 }, ...more });
    const operations = (signal?: AbortSignal) => {
      const said: string[] = [];
      const fleet = new FleetOperations(clusterFleetKind, { say: (line) => said.push(line), signal });
      return { fleet, said };
    };
    const create = async (inputs: ClusterFleetInputs): Promise<ClusterFleetOutputs> => {
      const { outs } = await operations().fleet.create(inputs);
      assert.ok(outs !== undefined);
      return outs;
    };
    /** What an operation has failed with, and what the engine is to record of it. */
    const failure = (operation: Promise<unknown>) =>
      operation.then(
        () => assert.fail('it did not fail'),
        (error: unknown) =>
          error as Error & {
            readonly id?: string;
            readonly properties: ClusterFleetOutputs;
            readonly reasons: string[];
          },
      );

    afterEach(async () => {
      controllers.stuck.clear();
      const uid =
        (await lab.client.request<KubernetesObject>('GET', '/api/v1/namespaces/kube-system')).metadata.uid ?? '';
      await operations().fleet.delete('fleet', { ...inputsOf(), clusterUid: uid, objects: {} });
      assert.deepEqual(await names(clusterKind), []);
      controllers.gone.length = 0;
    });

    it('are announced object by object, and nothing is written', async () => {
      const { fleet, said } = operations();
      const { inputs, failures } = await fleet.check({}, inputsOf());
      assert.equal(failures, undefined);
      const parts = (inputs?.plan ?? '').split('; ');
      for (const part of [
        'Namespace: 3 added',
        'BareMetalHost: 3 added',
        'Cluster: 3 added',
        'KubeadmControlPlane: 3 added',
      ])
        assert.ok(parts.includes(part), inputs?.plan);
      assert.deepEqual(said, [`ClusterFleet fleet: ${inputs?.plan}`]);
      assert.deepEqual(await names(clusterKind), []);
      assert.deepEqual(await namespaces(), []);
    });

    it('are as many as were announced, available with their machines, and change nothing the second time', async () => {
      const { fleet } = operations();
      const inputs = inputsOf();
      const { inputs: checked = inputs } = await fleet.check({}, inputs);
      const outs = await create(checked);
      assert.deepEqual(outs.readiness?.states, { available: 3 });
      const announced = Object.entries(outs.objects).map(([kind, count]) => `${kind.split('.')[0]}: ${count} added`);
      assert.deepEqual((checked.plan ?? '').split('; ').sort(), announced.sort());
      const before = await versions(clusterKind);
      const { inputs: again = inputs } = await fleet.check(outs, inputs);
      assert.equal(again.plan, 'up to date');
      assert.equal((await fleet.diff('fleet', outs, again)).changes, false);
      assert.deepEqual(await versions(clusterKind), before);
    });

    it('grow without a change of those that are there, and go with their hosts, clusters first', async () => {
      const outs = await create(inputsOf());
      const before = await versions(clusterKind);
      const { fleet } = operations();
      const { outs: more } = await fleet.update('fleet', outs, of(4));
      assert.deepEqual(more?.readiness?.states, { available: 4 });
      const now = await versions(clusterKind);
      assert.deepEqual(new Map([...now].filter(([name]) => before.has(name))), before);
      controllers.gone.length = 0;
      const { outs: less } = await fleet.update('fleet', more ?? outs, of(1));
      assert.deepEqual(less?.readiness?.states, { available: 1 });
      assert.deepEqual(await names(clusterKind), ['c-1']);
      assert.equal((await metadataOf(bareMetalHostKind)).length, 1);
      const kinds = controllers.gone.map((each) => each.split(' ')[0]);
      assert.ok(kinds.lastIndexOf('Cluster') < kinds.indexOf('BareMetalHost'), controllers.gone.join());
      assert.deepEqual(await namespaces(), ['c-1']);
    });

    it('keep a host that is no longer described while a machine is on it, and say so', async () => {
      const spare = (hosts: number) =>
        inputsOf({ clusterSet: { name: 'c', count: 1, workers: 0, hosts: { spare: hosts } } });
      const outs = await create(spare(1));
      const isOn = async () => {
        const path = objectsPath(bareMetalHostKind);
        const { items } = await lab.client.request<{ readonly items: readonly UsedHost[] }>('GET', path);
        return items.find(({ spec }) => spec.consumerRef !== undefined);
      };
      assert.ok(await until(async () => (await isOn()) !== undefined, { deadlineMs: 60_000 }));
      // A cluster that stays, and none of its hosts is described any more.
      const hostSelector = { matchLabels: { rack: 'a' } };
      const { fleet, said } = operations();
      const clusterSet = { name: 'c', count: 1, workers: 0, hostSelector };
      const { outs: kept = outs } = await fleet.update('fleet', outs, inputsOf({ clusterSet }));
      const used = await isOn();
      // A preview does not announce what will not happen.
      const { inputs: again } = await fleet.check(kept, inputsOf({ clusterSet }));
      assert.equal(again?.plan, 'up to date');
      assert.deepEqual(await names(bareMetalHostKind), [used?.metadata.name]);
      assert.match(said.join('\n'), new RegExp(`kept since a machine is on them: .*${used?.metadata.name}`));
    });

    it('end at an interruption, are recorded, and go on', async () => {
      controllers.stuck.add('c-2');
      const interruption = new AbortController();
      const { fleet } = operations(interruption.signal);
      const failed = failure(fleet.create(inputsOf()));
      assert.ok(await until(async () => (await names(clusterKind)).length === 3, { deadlineMs: 60_000 }));
      interruption.abort(new Error('interrupted by a test'));
      const { id, properties, reasons } = await failed;
      assert.equal(id, 'fleet');
      assert.match(reasons.join(), /interrupted by a test/);
      controllers.stuck.clear();
      const { outs } = await operations().fleet.update('fleet', properties, inputsOf());
      assert.deepEqual(outs?.readiness?.states, { available: 3 });
    });

    it('are recorded where nothing makes them available in time, and it is said what may be missing', async () => {
      controllers.stuck.add('c-2');
      const error = await failure(operations().fleet.create(inputsOf({ waitTimeoutSeconds: 3 })));
      assert.equal(error.id, 'fleet');
      assert.equal(error.properties.objects['Cluster.cluster.x-k8s.io'], 3);
      assert.match(
        error.reasons.join(),
        /2 of 3 clusters are settled after 3 s; do the managers of Cluster API run, .* set waitFor to none\. Still pending:\n +c-2\/c-2: provisioning, Nothing: comes/,
      );
      const waitFor = { state: 'available', share: 0.5 };
      const { outs } = await operations().fleet.update('fleet', error.properties, inputsOf({ waitFor }));
      assert.equal(outs?.readiness?.states['available'], 2);
    });

    it('are waited for by nobody where it is told so', async () => {
      for (const name of ['c-1', 'c-2', 'c-3']) controllers.stuck.add(name);
      const outs = await create(inputsOf({ waitFor: 'none' }));
      assert.equal('readiness' in outs, false);
      assert.equal(outs.objects['Cluster.cluster.x-k8s.io'], 3);
    });

    it('are read with what of them is not as described', async () => {
      const outs = await create(inputsOf());
      const path = collectionPath('controlplane.cluster.x-k8s.io/v1beta2', 'kubeadmcontrolplanes', 'c-2');
      const { items } = await lab.client.request<{ readonly items: readonly KubernetesObject[] }>('GET', path);
      await lab.client.request('DELETE', `${path}/${items[0]?.metadata.name}`);
      const { fleet, said } = operations();
      const { props } = await fleet.read('fleet', outs);
      assert.equal(props?.drift, 'KubeadmControlPlane: 1 missing');
      assert.match(said.join(), /ClusterFleet fleet differs from its description: KubeadmControlPlane: 1 missing/);
      assert.deepEqual(props?.readiness?.states, { available: 3 });
      const { outs: mended } = await fleet.update('fleet', props ?? outs, inputsOf());
      assert.equal(mended?.drift, 'none');
      assert.equal((await fleet.check(outs, inputsOf())).inputs?.plan, 'up to date');
    });

    it('leave nothing once they are deleted, clusters first', async () => {
      const outs = await create(inputsOf());
      assert.ok((await secrets()).length > 0);
      controllers.gone.length = 0;
      await operations().fleet.delete('fleet', outs);
      for (const kind of [clusterKind, bareMetalHostKind]) assert.deepEqual(await names(kind), []);
      assert.deepEqual(await secrets(), []);
      assert.deepEqual(await namespaces(), []);
      const kinds = controllers.gone.map((each) => each.split(' ')[0]);
      assert.ok(kinds.lastIndexOf('Cluster') < kinds.indexOf('BareMetalHost'), controllers.gone.join());
      const left = listMetadata(lab.client, collectionPath('v1', 'configmaps', 'default'));
      assert.deepEqual(await left, []);
    });

    it('are refused by check where they cannot be, or their keys are not where they are said to be', async () => {
      const { fleet } = operations();
      const refused = async (more: Partial<ClusterFleetInputs>, message: RegExp) => {
        const { failures = [] } = await fleet.check({}, inputsOf(more));
        assert.equal(failures.length, 1);
        assert.match(failures[0]?.reason ?? '', message);
      };
      await refused({ clusterSet: { name: 'c', count: 1, controlPlanes: 2 } }, /controlPlanes/);
      const certificateAuthority = { certificate: 'a', keyFrom: { env: 'NO_SUCH_VARIABLE' } };
      await refused(
        { secrets: { certificateAuthority } },
        /keyFrom.env names the variable NO_SUCH_VARIABLE, which is not set/,
      );
      await refused({ waitFor: { state: 'inspecting' } }, /inspecting/);
    });

    it('cannot be imported, and say what takes over a set', async () => {
      await rejects(
        operations().fleet.read('fleet'),
        /a ClusterFleet cannot be imported: describe it/,
        'invalid-input',
      );
    });
  });

  it('are managed by a real engine: announced, killed, gone on with, and destroyed, with no key in a state', async (t) => {
    if (!(await isOnPath('pulumi'))) return t.skip('pulumi is not on PATH');
    const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-pulumi-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const program = `
const { clustersLayer } = require(${JSON.stringify(join(root, 'build', 'stacks', 'clusters.js'))});
module.exports = clustersLayer({
  kubeconfig: process.env.LAB_KUBECONFIG,
  clusterSets: [{ name: 'c', count: Number(process.env.LAB_COUNT), workers: 0, keySeed: ${JSON.stringify(CANARY)} }],
});
`;
    const project = new PulumiProject(dir, program, { LAB_KUBECONFIG: lab.kubeconfig });
    await project.must(['stack', 'init', 'dev']);
    const env = (count: number) => ({ LAB_COUNT: String(count) });
    let said = await project.must(['preview'], env(20));
    assert.match(said, /ClusterFleet fleet\.dev\.c: .*Cluster: 20 added; /);
    assert.deepEqual(await names(clusterKind), []);

    controllers.stuck.add('c-20');
    const child = project.begin(['up', '--yes', '--skip-preview'], env(20));
    const gone = once(child, 'close');
    assert.ok(await until(async () => (await names(clusterKind)).length > 0, { deadlineMs: 120_000 }));
    child.kill('SIGKILL');
    await gone;
    assert.ok(await until(() => !project.hasProvider, { deadlineMs: 30_000 }), 'a provider goes on without its engine');
    controllers.stuck.clear();
    await project.must(['cancel', '--yes']);
    said += await project.must(['up', '--yes', '--skip-preview'], env(20));
    said += await project.must(['refresh', '--yes', '--clear-pending-creates'], env(20));
    said += await project.must(['up', '--yes', '--expect-no-changes'], env(20));
    const outputs = JSON.parse(await project.must(['stack', 'output', '--json'])) as Record<string, unknown>;
    assert.deepEqual(outputs['clusterNames'], { c: { pattern: 'c-{index}', firstIndex: 1, count: 20 } });
    assert.equal(outputs['machines'], 20);
    const readiness = outputs['readiness'] as { readonly c: { readonly states: unknown } };
    assert.deepEqual(readiness.c.states, { available: 20 });
    const { size } = { size: readFileSync(project.stateFile).length };
    assert.ok(size < 40_000, `the state of 20 clusters has ${size} bytes`);

    said += await project.must(['destroy', '--yes', '--skip-preview'], env(20));
    for (const kind of [clusterKind, bareMetalHostKind]) assert.deepEqual(await names(kind), []);
    assert.deepEqual(await namespaces(), []);
    const encoded = [CANARY, Buffer.from(CANARY).toString('base64')];
    for (const secret of encoded) {
      assert.ok(!said.includes(secret), 'the key seed is in what pulumi said');
      for (const { file, text } of project.written()) assert.ok(!text.includes(secret), `the key seed is in ${file}`);
    }
  });
});
