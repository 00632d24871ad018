import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { KubernetesClient, RequestOptions } from '../../../../src/kubernetes/client';
import { Shards, type ClustersAtHost } from '../../../../src/simulators/workload-api/shards';
import { until } from '../../../../src/util/until';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const NAMESPACE = 'apis';
const hostOf = (shard: number) => `workload-api-${shard}.${NAMESPACE}.svc`;

interface Service {
  readonly metadata: { readonly name: string };
  spec: { selector?: Record<string, string>; ports: readonly { readonly port: number }[] };
}

/** The two objects that pods agree by, as an API server keeps them. */
class Objects {
  replicas = 1;
  readonly services: readonly Service[];

  constructor(count: number) {
    this.services = Array.from({ length: count }, (_, shard) => ({
      metadata: { name: `workload-api-${shard}` },
      spec: { ports: [{ port: 8090 }] },
    }));
  }

  leadsTo(shard: number): string | undefined {
    return this.services[shard]?.spec.selector?.[POD_NAME];
  }

  portsOf(shard: number): readonly number[] {
    return this.services[shard]?.spec.ports.map(({ port }) => port) ?? [];
  }

  get client(): KubernetesClient {
    const request = (method: string, path: string, { body, query }: RequestOptions = {}) => {
      if (path === `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/workload-api`)
        return Promise.resolve({ spec: { replicas: this.replicas } });
      if (method === 'GET') return Promise.resolve({ items: structuredClone(this.services) });
      const service = this.services.find(({ metadata }) => path.endsWith(`/services/${metadata.name}`));
      assert.ok(service, path);
      assert.equal(query?.['force'], true);
      service.spec = (body as Service).spec;
      return Promise.resolve(service);
    };
    return { request } as unknown as KubernetesClient;
  }
}

describe('shards of the API of workload clusters', () => {
  const started: Shards[] = [];
  afterEach(async () => {
    for (const each of started.splice(0)) await each.stop();
  });

  async function pod(
    objects: Objects,
    ordinal: number,
    endpoints: () => ReadonlyMap<string, ClustersAtHost> | undefined = () => new Map(),
  ): Promise<Shards> {
    const shards = new Shards({
      client: objects.client,
      namespace: NAMESPACE,
      pod: `workload-api-${ordinal}`,
      count: objects.services.length,
      onChange: () => undefined,
      endpoints,
      log: () => undefined,
      everyMs: 5,
      lingerMs: 20,
    });
    started.push(shards);
    await shards.start();
    return shards;
  }

  const eventually = async (what: string, holds: () => boolean) =>
    assert.ok(await until(holds, { deadlineMs: 20_000, everyMs: 5 }), what);
  const served = (shards: Shards, count: number) =>
    Array.from({ length: count }, (_, shard) => shard).filter((shard) => shards.has(hostOf(shard)));

  it('are spread over the pods by their numbers', async () => {
    const objects = new Objects(5);
    objects.replicas = 2;
    const [first, second] = [await pod(objects, 0), await pod(objects, 1)];
    assert.deepEqual(
      [served(first, 5), served(second, 5)],
      [
        [0, 2, 4],
        [1, 3],
      ],
    );
    assert.deepEqual([first.isFirst, second.isFirst], [true, false]);
    await eventually('each Service leads to its pod', () =>
      objects.services.every((_, shard) => objects.leadsTo(shard) === `workload-api-${shard % 2}`),
    );
  });

  it('have a port for each cluster, and lose it with the cluster', async () => {
    const objects = new Objects(1);
    let ports = [20_000, 20_004];
    await pod(objects, 0, () => new Map([[hostOf(0), { ports, isServed: true }]]));
    await eventually('both have a port', () => objects.portsOf(0).join() === '8090,20000,20004');
    ports = [20_004];
    await eventually('one has gone', () => objects.portsOf(0).join() === '8090,20004');
  });

  it('are not led to a pod that does not know yet which clusters there are', async () => {
    const objects = new Objects(1);
    let areKnown = false;
    let asked = 0;
    await pod(objects, 0, () => {
      asked++;
      return areKnown ? new Map() : undefined;
    });
    await eventually('it was asked', () => asked > 3);
    assert.equal(objects.leadsTo(0), undefined);
    areKnown = true;
    await eventually('it is led there', () => objects.leadsTo(0) === 'workload-api-0');
  });

  it('stay with the pod that has them until another one serves all of their clusters', async () => {
    const objects = new Objects(2);
    const first = await pod(objects, 0);
    await eventually('the first has both', () => objects.leadsTo(1) === 'workload-api-0');
    let isServed = false;
    let asked = 0;
    objects.replicas = 2;
    const second = await pod(objects, 1, () => {
      asked++;
      return new Map([[hostOf(1), { ports: [20_001], isServed }]]);
    });
    await eventually('the second was asked', () => asked > 3);
    assert.equal(objects.leadsTo(1), 'workload-api-0');
    assert.deepEqual([served(first, 2), served(second, 2)], [[0, 1], [1]]);
    isServed = true;
    await eventually('the Service leads to the second', () => objects.leadsTo(1) === 'workload-api-1');
    await eventually('the first lets go', () => !first.has(hostOf(1)));
    assert.deepEqual([served(first, 2), served(second, 2)], [[0], [1]]);
  });

  it('are served by a pod that goes until others have them', async () => {
    const objects = new Objects(2);
    objects.replicas = 2;
    const second = await pod(objects, 1);
    await eventually('it has one', () => objects.leadsTo(1) === 'workload-api-1');
    objects.replicas = 1;
    let isDrained = false;
    const drained = second.drain(20_000).then(() => (isDrained = true));
    await second.drain(0);
    assert.equal(isDrained, false);
    assert.ok(second.has(hostOf(1)));
    await pod(objects, 0);
    await drained;
    assert.equal(objects.leadsTo(1), 'workload-api-0');
  });

  it('are left at once by a pod that is replaced by itself', async () => {
    const objects = new Objects(1);
    const only = await pod(objects, 0);
    await eventually('it has it', () => objects.leadsTo(0) === 'workload-api-0');
    await only.drain(60_000);
  });

  it('are those of their own hosts alone', async () => {
    const objects = new Objects(2);
    const shards = await pod(objects, 0);
    for (const host of ['127.0.0.1', 'workload-api-2.apis.svc', 'workload-api-1.other.svc', 'other-1.apis.svc'])
      assert.equal(shards.has(host), false, host);
  });
});
