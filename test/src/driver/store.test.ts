import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib';
import { driverObjects } from '../../../src/driver/objects';
import { endOf, requireInCluster } from '../../../src/driver/run-in-cluster';
import { progressStore, storedRun, storeRun, storeText } from '../../../src/driver/store';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { KubernetesClient, RequestOptions } from '../../../src/kubernetes/client';
import { writeState } from '../../../src/testbed/state';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { tempDir } from '../../support/temp-dir';

type Kept = Readonly<Record<'data' | 'binaryData', Record<string, string>>>;

/** ConfigMaps, as an API server keeps them. */
function configMaps(kept = new Map<string, Kept>()) {
  const request = (method: string, path: string, { body }: RequestOptions = {}) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (method === 'PATCH') {
      assert.ok(JSON.stringify(body).length < 1024 * 1024, 'one object is too large');
      kept.set(name, body as Kept);
    }
    const found = kept.get(name);
    return found === undefined ? Promise.reject(new ApiError(404, 'NotFound', 'not found')) : Promise.resolve(found);
  };
  return { kept, client: { request } as unknown as KubernetesClient };
}

describe('the report of a run in the cluster', () => {
  it('is kept in parts that fit into objects, with what was written down of the testbed', async (t) => {
    const stateDir = join(tempDir(t), 'state');
    mkdirSync(stateDir);
    writeState(stateDir, { cluster: 'existing', kubeconfig: '/there', context: 'own', simulator: 'kwok' });
    const { kept, client } = configMaps();
    // What cannot be compressed.
    const report = JSON.stringify({ version: 3, text: randomBytes(2_000_000).toString('base64') });
    await storeRun(client, 'run', report, stateDir);
    assert.ok(kept.size >= 3, `${kept.size} parts`);
    assert.deepEqual(await storedRun(client, 'run'), {
      report,
      state: { cluster: 'existing', kubeconfig: '/there', context: 'own', simulator: 'kwok' },
    });
    await storeRun(client, 'run', '{}', stateDir);
    assert.equal((await storedRun(client, 'run'))?.report, '{}');
  });

  it('is none while there is no run', async () => {
    assert.equal(await storedRun(configMaps().client, 'run'), undefined);
  });

  it('is refused where a part of it is missing or something else', async (t) => {
    const { kept, client } = configMaps();
    await storeRun(client, 'run', randomBytes(1_000_000).toString('base64'), tempDir(t));
    const first = kept.get('report-0')!;
    assert.ok(kept.delete('report-a-1'));
    await rejects(storedRun(client, 'run'), /run in namespace run is damaged/, 'environment');
    kept.set('report-0', { ...first, data: { chunks: '1e9' } });
    await rejects(storedRun(client, 'run'), /is damaged/, 'environment');
    kept.set('report-0', { data: { chunks: '1' }, binaryData: { chunk: 'AAAA' } });
    await rejects(storedRun(client, 'run'), /is damaged/, 'environment');
  });
});

describe('how far a run has come', () => {
  const long = () => randomBytes(1_000_000).toString('base64');

  it('is what was written last, also where the one after broke off half-way', async () => {
    const { kept, client } = configMaps();
    const place = { client, namespace: 'run', name: 'progress-1' };
    const store = progressStore(place);
    assert.equal(await store.read(), undefined);
    const [first, second] = [long(), long()];
    await store.write(first);
    await store.write(second);
    assert.equal(await store.read(), second);
    const head = kept.get('progress-1-0')!;
    await storeText(place, long());
    // All of it is written but its head, which comes last.
    kept.set('progress-1-0', head);
    assert.equal(await store.read(), second);
  });

  it('is nothing where it is damaged', async () => {
    const { kept, client } = configMaps();
    const store = progressStore({ client, namespace: 'run', name: 'progress-1' });
    await store.write('{}');
    kept.set('progress-1-0', { data: { chunks: '1' }, binaryData: { chunk: 'AAAA' } });
    assert.equal(await store.read(), undefined);
  });
});

describe('a run in the cluster', () => {
  it('is a Job that is carried on where its pod is gone, and not where the scenario is at fault', () => {
    const objects = driverObjects({ id: '0123abcd', description: 'hostSets: []\n', args: ['--runs', '2'] });
    assert.deepEqual(
      objects.map(({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name]),
      [
        ['Namespace', '', 'metal3-testbed-run-0123abcd'],
        ['ServiceAccount', 'metal3-testbed-run-0123abcd', 'metal3-testbed-run'],
        ['ClusterRoleBinding', '', 'metal3-testbed-run-0123abcd'],
        ['Secret', 'metal3-testbed-run-0123abcd', 'metal3-testbed-run'],
        ['Job', 'metal3-testbed-run-0123abcd', 'metal3-testbed-run'],
      ],
    );
    const { spec } = objects.at(-1) as unknown as {
      spec: {
        backoffLimit: number;
        podFailurePolicy: { rules: { action: string; onExitCodes?: { values: number[] } }[] };
        template: { spec: { restartPolicy: string; containers: { args: string[] }[] } };
      };
    };
    assert.ok(spec.backoffLimit > 5);
    assert.deepEqual(spec.podFailurePolicy.rules[0]?.onExitCodes?.values, [1, 2, 3, 4, 5]);
    assert.equal(spec.template.spec.restartPolicy, 'Never');
    const { args = [] } = spec.template.spec.containers[0] ?? {};
    assert.deepEqual(args.slice(-2), ['--runs', '2']);
    assert.equal(args[args.indexOf('--testbed-id') + 1], '0123abcd');
  });

  it('is refused where what simulates would not be in the cluster', () => {
    const refused = (props: Parameters<typeof resolveTestbed>[0], flags: object, message: RegExp) =>
      refuses(() => requireInCluster(resolveTestbed(props), flags), message);
    refused({}, { simulator: 'kwok' }, /leave out --simulator, and describe kwok/);
    refused({}, { bmoBinary: 'x' }, /leave out --bmo-binary/);
    refused({ operators: [] }, {}, /nothing in the cluster simulates the hosts/);
    refused({ clusterSets: [{ count: 1 }] }, {}, /describe workloadApi/);
    requireInCluster(resolveTestbed({ kwok: {}, workloadApi: {}, clusterSets: [{ count: 1 }] }), {});
  });

  it('ends as its pod has ended', () => {
    assert.equal(endOf(0), undefined);
    assert.deepEqual(
      [2, 3, 4, 5, 137].map((code) => endOf(code)?.code),
      ['invalid-input', 'environment', 'timeout', 'cluster', 'cluster'],
    );
  });
});
