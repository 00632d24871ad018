/** What apply and prune do about objects that somebody else has made. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Applier } from '../../src/apply/apply';
import type { ApplyOptions } from '../../src/apply/options';
import { PART_OF_LABEL } from '../../src/apply/apply-set';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { namespaceObject } from '../../src/kubernetes/objects';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { until } from '../../src/util/until';
import { fleetOf, objectsOf } from '../faults/support/hosts';
import { Lab } from '../faults/support/lab';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

describe('a set, and what others have made, on a real API server', { timeout: 300_000 }, () => {
  let lab: Lab;
  let applier: Applier;
  before(async () => {
    lab = await Lab.start();
    applier = new Applier(lab.client);
  });
  after(() => lab.stop());

  /** Runs something on a set of this name, and gives back what it warned of. */
  async function warningsOf(
    set: string,
    work: (options: ApplyOptions & { set: { name: string } }) => Promise<unknown>,
  ) {
    const warnings: string[] = [];
    await work({
      task: set,
      set: { name: set },
      pruneMs: 10_000,
      listener: (event) => void (event.type === 'warning' && warnings.push(event.detail)),
    });
    return warnings;
  }
  const applied = (set: string, objects: Iterable<KubernetesObject>, more: Partial<ApplyOptions> = {}) =>
    warningsOf(set, (options) => applier.apply(objects, { ...options, ...more }));
  const prunedWhole = (set: string) => warningsOf(set, (options) => applier.prune([], { ...options, pruneAll: true }));
  const get = (path: string) => ignoreNotFound(lab.client.request<KubernetesObject>('GET', path));
  const made = (path: string, body: object) => lab.client.request<KubernetesObject>('POST', path, { body });
  const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });

  it('uses a namespace that was there, and never takes it for its own', async () => {
    await made('/api/v1/namespaces', namespaceObject('team'));
    const [warning] = await applied('guest', [
      { ...namespaceObject('team'), metadata: { name: 'team', labels: { purpose: 'hosts' } } },
      { ...secret('ours'), metadata: { name: 'ours', namespace: 'team' } },
    ]);
    assert.match(warning ?? '', /not deleted with the set guest, since somebody else created it: Namespace team/);
    // Its manifest was given, so it says what that says; but it does not join.
    assert.deepEqual((await get('/api/v1/namespaces/team'))?.metadata.labels, {
      'kubernetes.io/metadata.name': 'team',
      purpose: 'hosts',
    });
    await prunedWhole('guest');
    assert.equal(await get('/api/v1/namespaces/team/secrets/ours'), undefined);
    assert.equal((await get('/api/v1/namespaces/team'))?.metadata.deletionTimestamp, undefined);
  });

  it('keeps a namespace of its own in which somebody else has something, and lets go of it', async () => {
    await applied('host', [namespaceObject('shared'), namespaceObject('empty')]);
    const before = await made('/api/v1/namespaces/shared/secrets', secret('theirs'));
    // What is owned by something that is gone is garbage, and holds nothing up.
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '0f2b2c1c-0000-4000-8000-000000000000' };
    await made('/api/v1/namespaces/empty/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'garbage', ownerReferences: [owner] },
    });
    const warnings = await prunedWhole('host');
    assert.deepEqual(warnings, ['Namespace shared was kept: it holds 1 objects of others (Secret shared/theirs)']);
    const shared = await get('/api/v1/namespaces/shared');
    assert.equal(shared?.metadata.deletionTimestamp, undefined);
    assert.equal(shared?.metadata.labels?.[PART_OF_LABEL], undefined);
    assert.notEqual((await get('/api/v1/namespaces/empty'))?.metadata.deletionTimestamp, undefined);
    assert.deepEqual(await get('/api/v1/namespaces/shared/secrets/theirs'), before);
  });

  it('deletes owners before what they own, and waits for their finalizers', async () => {
    const map = (name: string, owner?: KubernetesObject, finalizers?: string[]): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'default',
        finalizers,
        ...(owner && {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid ?? '' },
          ],
        }),
      },
    });
    const maps = '/api/v1/namespaces/default/configmaps';
    const parent = map('a-parent', undefined, ['test.example/held']);
    await applied('owners', [parent]);
    const live = await get(`${maps}/a-parent`);
    const host = { ...[...objectsOf(fleetOf('owned', 1))].at(-1)!, metadata: map('owned-1', live).metadata };
    assert.equal(host.kind, 'BareMetalHost');
    await applied('owners', [parent, map('child', live), host], { isPart: true });
    const hosts = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/owned-1';
    const pruning = prunedWhole('owners');
    const isDeleted = async () => (await get(`${maps}/a-parent`))?.metadata.deletionTimestamp !== undefined;
    assert.ok(await until(isDeleted, { deadlineMs: 10_000, everyMs: 50 }));
    // Whoever has to clear the finalizer may need them.
    assert.equal((await get(`${maps}/child`))?.metadata.deletionTimestamp, undefined);
    assert.equal((await get(hosts))?.metadata.deletionTimestamp, undefined);
    await lab.client.request('PATCH', `${maps}/a-parent`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    assert.deepEqual(await pruning, []);
    for (const path of [`${maps}/a-parent`, `${maps}/child`, hosts]) assert.equal(await get(path), undefined, path);
  });

  it("treats a kind that is called Namespace in somebody's group like any other", async () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'namespaces.vault.example.org' },
      spec: {
        group: 'vault.example.org',
        scope: 'Namespaced',
        names: { kind: 'Namespace', plural: 'namespaces' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const vault = { apiVersion: 'vault.example.org/v1', kind: 'Namespace', metadata: { name: 'keys' } };
    const path = '/apis/vault.example.org/v1/namespaces/default/namespaces';
    await applied('vault', [crd]);
    await made(path, { ...vault, metadata: { ...vault.metadata, finalizers: ['test.example/held'] } });
    // It is taken into the set, as any object is whose manifest is given, and no namespace of Kubernetes'.
    assert.deepEqual(await applied('vault', [vault, crd], { isPart: true }), []);
    assert.notEqual((await get(`${path}/keys`))?.metadata.labels?.[PART_OF_LABEL], undefined);
    await assert.rejects(
      warningsOf('vault', (options) => applier.prune([crd], { ...options, pruneMs: 1_000 })),
      /1 namespaces were deleted but still exist after 1 s: Namespace default\/keys \(finalizers test\.example\/held\)/,
    );
    await lab.client.request('PATCH', `${path}/keys`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await prunedWhole('vault');
    assert.equal(await get(`${CRDS}/${crd.metadata.name}`), undefined);
  });

  it('keeps a definition of its own of whose kind somebody else has an object', async () => {
    const names = { kind: 'Gadget', plural: 'gadgets' };
    const schema = { openAPIV3Schema: { type: 'object' } };
    const crd = (group: string) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `gadgets.${group}` },
      spec: { group, scope: 'Cluster', names, versions: [{ name: 'v1', served: true, storage: true, schema }] },
    });
    await applied('definitions', [crd('a.example'), crd('b.example')]);
    const gadget = { apiVersion: 'a.example/v1', kind: 'Gadget', metadata: { name: 'theirs' } };
    const before = await made('/apis/a.example/v1/gadgets', gadget);
    const warnings = await prunedWhole('definitions');
    assert.deepEqual(warnings, [
      'CustomResourceDefinition gadgets.a.example was kept: there are 1 gadgets of others (Gadget theirs)',
    ]);
    assert.equal((await get(`${CRDS}/gadgets.a.example`))?.metadata.labels?.[PART_OF_LABEL], undefined);
    assert.equal(await get(`${CRDS}/gadgets.b.example`), undefined);
    assert.deepEqual(await get('/apis/a.example/v1/gadgets/theirs'), before);
  });

  it('takes in what has no set where manifests were given for it, and not where it is to refuse or to update', async () => {
    const without = { task: 'before' };
    for (const name of ['taken', 'refused', 'updated']) await applier.apply(objectsOf(fleetOf(name, 1)), without);
    const host = (name: string) => get(`/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/${name}-1`);
    await applied('taken', objectsOf(fleetOf('taken', 1)));
    assert.notEqual((await host('taken'))?.metadata.labels?.[PART_OF_LABEL], undefined);
    const before = await host('refused');
    await assert.rejects(
      applied('refused', objectsOf(fleetOf('refused', 1)), { existing: 'refuse' }),
      /Secret default\/refused-1-bmc-secret exists already and belongs to somebody else, so it was not changed/,
    );
    assert.deepEqual(await host('refused'), before);
    await applied('updated', objectsOf(fleetOf('updated', 2)), { existing: 'update' });
    assert.equal((await host('updated'))?.metadata.labels?.[PART_OF_LABEL], undefined);
    await prunedWhole('updated');
    const left = [await host('updated'), await get('/api/v1/namespaces/default/secrets/updated-1-bmc-secret')];
    assert.ok(left.every((each) => each !== undefined));
    assert.equal(await get('/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/updated-2'), undefined);
  });
});
