/**
 * The built-in releases of BMO against a real kube-apiserver: what their objects become there, and what is lost.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { releases, type BareMetalOperatorVersion } from '../../lib/components/baremetal-operator';
import type { CustomResourceDefinition, SchemaNode } from '../../lib/crd';
import { isCustomResourceDefinition } from '../../lib/order';
import { hostSchemasOf } from '../../lib/kinds/bare-metal-host/schema';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { ApiError } from '../../src/kubernetes/api-error';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { RESTMapper } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';
import { certManagerObjects, operatorObjects } from '../support/built-in';
import { isOnPath, runProgram } from '../support/cli';
import { samples, type Sample } from '../support/samples';
import { resourceVersions, withoutTexts } from '../support/stored';
import { undescribed } from '../support/undescribed';
import { skipWithout, upstreamObjects } from '../support/upstream';

/** What `kubectl explain` reads. */
const OPEN_API = '/openapi/v3/apis/metal3.io/v1alpha1';
interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, SchemaNode>> };
}

const versions = Object.keys(releases) as BareMetalOperatorVersion[];

describe('on a real API server', async () => {
  let dir: string;
  let client: KubernetesClient;
  let applier: Applier;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-'));
    const { connection } = await startLocalCluster({ stateDir: join(dir, 'state') });
    client = new KubernetesClient(await readKubeconfig(connection.kubeconfig));
    applier = new Applier(client);
  });
  after(async () => {
    await client?.close();
    await stopLocalCluster(join(dir, 'state'), { graceMs: 0 });
    rmSync(dir, { recursive: true, force: true });
  });

  for (const version of versions) {
    describe(`the CRDs of BMO ${version}`, () => {
      before(async () => {
        await applier.applyAll(crdsOf(version), { task: 'CRDs' });
        // A definition that was changed takes a moment until the API server goes by it.
        for (const sample of samples(version)) {
          assert.ok(await until(() => isAccepted(sample), { deadlineMs: 30_000 }), `${sample.kind} is accepted`);
        }
      });

      for (const sample of samples(version)) {
        it(`lose no field of ${sample.kind}`, async () => {
          const stored = await roundTrip(sample);
          assert.deepEqual(stored.spec, sample.spec);
          assert.deepEqual(stored.status, sample.status);
        });
      }
    });
  }

  it('explains every kind of BMO, and each of its fields', async () => {
    await applier.applyAll(crdsOf('v0.14.0-rc.0'), { task: 'CRDs' });
    // The API server publishes a definition a moment after it has taken it.
    await until(async () => (await unexplained()).length === 0, { deadlineMs: 30_000 });
    assert.deepEqual(await unexplained(), []);
  });

  it('has kubectl explain a host in our own words', { skip: !(await isOnPath('kubectl')) }, async () => {
    await applier.applyAll(crdsOf('v0.14.0-rc.0'), { task: 'CRDs' });
    await until(async () => (await unexplained()).length === 0, { deadlineMs: 30_000 });
    const { spec, status } = hostSchemasOf('v0.14.0-rc.0');
    for (const path of [
      'spec',
      'spec.image.url',
      'spec.raid.softwareRAIDVolumes',
      'status.hardware.nics.lldp.portID',
    ]) {
      const described = at(path.startsWith('spec') ? spec : status, path.split('.').slice(1)).description;
      const args = ['explain', '--kubeconfig', join(dir, 'state', 'kubeconfig'), `baremetalhosts.${path}`];
      const { stdout } = await runProgram('kubectl', args);
      assert.ok(described !== undefined && stdout.replace(/\s+/g, ' ').includes(described), path);
      assert.doesNotMatch(stdout, /<no description>/);
    }
  });

  it('loses a field that a CRD does not have, which the round trip shows', async () => {
    await applier.applyAll(crdsOf('v0.13.2'), { task: 'CRDs' });
    const newer = samples('v0.14.0-rc.0').find(({ kind }) => kind === 'BareMetalHost')!;
    assert.ok(await until(async () => !(await isAccepted(newer)), { deadlineMs: 30_000 }));
    await assert.rejects(roundTrip(newer), /unknown field .*networkInterfaces/);
  });

  // Last: from here on, webhooks are asked that nobody answers.
  for (const version of versions) {
    const manifest = `baremetal-operator/${version}.yaml`;

    it(
      `nothing changes where the objects of BMO ${version} are applied over the release's own`,
      { skip: skipWithout(manifest) },
      async () => {
        await applier.applyAll(onlyCrds(certManagerObjects()), { task: 'cert-manager' });
        const theirs = upstreamObjects(manifest).map((object) => withoutTexts(object) as KubernetesObject);
        const ours = operatorObjects(version).map((object) => withoutTexts(object) as KubernetesObject);
        await applier.applyAll(theirs, { task: 'theirs' });
        const before = await resourceVersions(client, theirs);
        await applier.applyAll(ours, { task: 'ours' });
        assert.deepEqual(await resourceVersions(client, ours), before);
        assert.equal(before.size, theirs.length);
      },
    );
  }

  /** What the API server says nothing of: kinds, and fields of kinds. */
  async function unexplained(): Promise<readonly string[]> {
    const { components } = await client.request<OpenApi>('GET', OPEN_API);
    return crdsOf('v0.14.0-rc.0').flatMap((crd) => {
      const { kind } = (crd as unknown as CustomResourceDefinition).spec.names;
      const schema = components.schemas[`io.metal3.v1alpha1.${kind}`];
      return schema?.description === undefined ? [kind] : undescribed(schema, kind);
    });
  }

  /** Writes spec and status, each where the API server takes it, and reads the object back. */
  async function roundTrip({ status, ...object }: Sample): Promise<Sample> {
    const path = await new RESTMapper(client).pathOf(object);
    await client.request('DELETE', path).catch(ignoreMissing);
    // Strict: a field that would be dropped is an error.
    const query = { fieldValidation: 'Strict' };
    const collection = path.slice(0, path.lastIndexOf('/'));
    const created = await client.request<Sample>('POST', collection, { body: object, query, retryMs: 0 });
    if (status !== undefined) await client.request('PUT', `${path}/status`, { body: { ...created, status }, query });
    return client.request<Sample>('GET', path);
  }

  /** Whether the API server would take an object, all its fields included. */
  async function isAccepted({ status: _, ...object }: Sample): Promise<boolean> {
    const path = await new RESTMapper(client).pathOf(object);
    const query = { fieldValidation: 'Strict', dryRun: 'All' };
    const body = { ...object, metadata: { ...object.metadata, name: 'dry-run' } };
    return client
      .request('POST', path.slice(0, path.lastIndexOf('/')), { body, query })
      .then(() => true)
      .catch((error: unknown) => {
        if (error instanceof ApiError) return false;
        throw error;
      });
  }
});

function crdsOf(version: BareMetalOperatorVersion): KubernetesObject[] {
  return onlyCrds(operatorObjects(version));
}

function onlyCrds(objects: readonly object[]): KubernetesObject[] {
  return (objects as readonly KubernetesObject[]).filter(isCustomResourceDefinition);
}

/** What a schema says of a field, through lists. */
function at(node: SchemaNode, path: readonly string[]): SchemaNode {
  const [name, ...rest] = path;
  if (name === undefined) return node;
  const field = (node.items ?? node).properties?.[name];
  assert.ok(field, name);
  return at(field, rest);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
