import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib';
import { driverObjects } from '../../../src/driver/objects';
import { endOf, requireInCluster } from '../../../src/driver/run-in-cluster';
import { progressStore, reportPlace, storedText, storeText } from '../../../src/driver/store';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { KubernetesClient, RequestOptions } from '../../../src/kubernetes/client';
import { prepare } from '../../../src/scenario/run-scenario';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';

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
  it('is kept in parts that fit into objects', async () => {
    const { kept, client } = configMaps();
    const place = reportPlace(client, 'run');
    // What cannot be compressed.
    const report = randomBytes(2_000_000).toString('base64');
    await storeText(place, report);
    assert.ok(kept.size >= 3, `${kept.size} parts`);
    assert.equal(await storedText(place), report);
    await storeText(place, '{}');
    assert.equal(await storedText(place), '{}');
  });

  it('is none while there is no run', async () => {
    assert.equal(await storedText(reportPlace(configMaps().client, 'run')), undefined);
  });

  it('is refused where a part of it is missing or something else', async () => {
    const { kept, client } = configMaps();
    const place = reportPlace(client, 'run');
    await storeText(place, randomBytes(1_000_000).toString('base64'));
    const first = kept.get('report-0')!;
    assert.ok(kept.delete('report-a-1'));
    await rejects(storedText(place), /run in namespace run is damaged/, 'environment');
    kept.set('report-0', { ...first, data: { chunks: '1e9' } });
    await rejects(storedText(place), /is damaged/, 'environment');
    kept.set('report-0', { data: { chunks: '1' }, binaryData: { chunk: 'AAAA' } });
    await rejects(storedText(place), /is damaged/, 'environment');
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
    const own = 'metal3-testbed-run-0123abcd';
    const prepared = prepare({ kwok: {}, hostSets: [{ count: 1 }] });
    const what = { id: '0123abcd', description: 'hostSets: []\n', args: ['--runs', '2'] };
    const objects = driverObjects({ ...what, ...prepared });
    assert.deepEqual(
      objects.map(({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name]),
      [
        ['Namespace', '', own],
        ['ServiceAccount', own, 'metal3-testbed-run'],
        ['ServiceAccount', own, 'metrics-reader'],
        ['ClusterRole', '', `${own}-metrics`],
        ['ClusterRoleBinding', '', `${own}-metrics`],
        ['ClusterRole', '', own],
        ['ClusterRoleBinding', '', own],
        ['ClusterRole', '', `${own}-objects`],
        ['RoleBinding', 'default', `${own}-objects`],
        ['Role', own, own],
        ['RoleBinding', own, own],
        ['Role', 'default', own],
        ['RoleBinding', 'default', own],
        ['Role', 'kwok-system', own],
        ['RoleBinding', 'kwok-system', own],
        ['Secret', own, 'metal3-testbed-run'],
        ['Job', own, 'metal3-testbed-run'],
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
