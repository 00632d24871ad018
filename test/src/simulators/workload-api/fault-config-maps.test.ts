/** Faults for pods, which read them from ConfigMaps. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { KubernetesClient } from '../../../../src/kubernetes/client';
import {
  faultConfigMapIds,
  faultConfigMaps,
  removeFaultConfigMap,
  writeFaultConfigMap,
} from '../../../../src/simulators/workload-api/fault-config-maps';
import { FaultCounts, Faults } from '../../../../src/simulators/workload-api/faults';
import type { PlannedFault } from '../../../../src/simulators/workload-api/planned-fault';
import { atEnd } from '../../../support/temp-dir';

const SYSTEM = 'workload-api-system';
const FOLDER = `/api/v1/namespaces/${SYSTEM}/configmaps`;

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  data?: Record<string, string>;
}

/** The ConfigMaps of a namespace, as an API server keeps them. */
function keeper() {
  const kept = new Map<string, ConfigMap>();
  let isAway = false;
  const request = (
    method: string,
    path: string,
    options: { body?: object; query?: { labelSelector?: string } } = {},
  ) => {
    if (isAway) throw new Error('nobody answers');
    const name = path.slice(FOLDER.length + 1);
    if (method === 'PATCH') kept.set(name, options.body as ConfigMap);
    else if (method === 'DELETE') kept.delete(name);
    const [label = '', value] = options.query?.labelSelector?.split('=') ?? [];
    return Promise.resolve({ items: [...kept.values()].filter(({ metadata }) => metadata.labels?.[label] === value) });
  };
  const client = { request } as unknown as KubernetesClient;
  return { client, kept, leave: () => (isAway = true), comeBack: () => (isAway = false) };
}

function podOf(t: TestContext, client: KubernetesClient) {
  const lines: string[] = [];
  const changed: string[][] = [];
  const faults = new Faults({
    source: faultConfigMaps(client, SYSTEM),
    counts: new FaultCounts(),
    onChange: (keys) => changed.push([...keys].sort()),
    log: (line) => lines.push(line),
  });
  atEnd(t, () => faults.stop());
  return { faults, lines, changed };
}

const planned = (until = Date.now() + 600_000): PlannedFault => ({
  fault: { unreachable: 'refused' },
  clusters: ['a/a', 'b/b'],
  until,
  seed: 's',
});

describe('faults in ConfigMaps', () => {
  it('are in force in each pod that looks, and in one that starts later, until they are taken away', async (t) => {
    const { client, kept } = keeper();
    const [early, late] = [podOf(t, client), podOf(t, client)];
    const id = await writeFaultConfigMap(client, SYSTEM, planned());
    assert.deepEqual([...kept.keys()], [`workload-api-fault-${id}`]);
    assert.deepEqual(await faultConfigMapIds(client, SYSTEM), [id]);
    await early.faults.refresh();
    assert.equal(early.faults.of('a/a')?.unreachable, 'refused');
    assert.equal(late.faults.of('a/a'), undefined);
    await late.faults.refresh();
    assert.equal(late.faults.of('b/b')?.unreachable, 'refused');
    await removeFaultConfigMap(client, SYSTEM, id);
    await early.faults.refresh();
    assert.equal(early.faults.of('a/a'), undefined);
    assert.deepEqual(early.changed, [
      ['a/a', 'b/b'],
      ['a/a', 'b/b'],
    ]);
    assert.deepEqual(early.lines, []);
  });

  it('last as long as they say in the end, whether or not somebody takes them away', async (t) => {
    const { client, kept } = keeper();
    const { faults } = podOf(t, client);
    const id = await writeFaultConfigMap(client, SYSTEM, planned());
    await faults.refresh();
    await writeFaultConfigMap(client, SYSTEM, planned(Date.now() - 1), id);
    await faults.refresh();
    assert.equal(faults.of('a/a'), undefined);
    // A pod has no right to delete it.
    assert.equal(kept.size, 1);
  });

  it('go on where the API server does not answer, and what is no fault is left out', async (t) => {
    const { client, kept, leave, comeBack } = keeper();
    const { faults, lines } = podOf(t, client);
    await writeFaultConfigMap(client, SYSTEM, planned());
    await faults.refresh();
    leave();
    await faults.refresh();
    assert.equal(faults.of('a/a')?.unreachable, 'refused');
    assert.match(lines.join('\n'), /^faults cannot be read: nobody answers$/);
    comeBack();
    for (const config of kept.values()) {
      const name = 'workload-api-fault-0000000000000000';
      kept.set(name, { ...config, metadata: { ...config.metadata, name }, data: { 'fault.json': '{"until": "x"}' } });
      break;
    }
    await faults.refresh();
    await faults.refresh();
    assert.equal(lines.length, 2);
    assert.match(lines[1]!, /ConfigMap workload-api-fault-0000000000000000 is no fault: delete it/);
  });

  it('are refused where they are for more clusters than one ConfigMap holds', async () => {
    const { client } = keeper();
    const clusters = Array.from({ length: 40_000 }, (_, i) => `namespace-${i}/cluster-${i}`);
    const written = writeFaultConfigMap(client, SYSTEM, { ...planned(), clusters });
    await assert.rejects(written, /^TestbedError: a fault is for 40000 clusters/);
  });
});
