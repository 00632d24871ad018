import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FaultCounts } from '../../../../src/simulators/workload-api/faults';
import { RequestCounts } from '../../../../src/simulators/workload-api/request-counts';
import { statusServer } from '../../../../src/simulators/workload-api/status-server';
import type { WorkloadApi } from '../../../../src/simulators/workload-api/workload-api';
import { root } from '../../../support/cli';

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe('the dashboard for Grafana', () => {
  const { panels } = JSON.parse(
    readFileSync(join(root, 'examples', 'grafana', 'metal3-testbed.json'), 'utf8'),
  ) as Dashboard;

  it('asks for metrics that the API of workload clusters has', async (t) => {
    const api = {
      sizes: { clusters: 1, endpoints: 1, nodes: 1, watches: 1, connections: 1 },
      counts: new RequestCounts(),
      faultCounts: new FaultCounts(),
      faults: { clusters: () => new Map() },
    } as unknown as WorkloadApi;
    const server = statusServer(api).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const text = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)).text();
    const served = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/workload_api_\w+/g) ?? []));
    assert.ok(new Set(asked).size >= 8);
    assert.deepEqual(
      [...new Set(asked)].filter((name) => !served.has(name)),
      [],
    );
  });

  it('has panels that are told apart', () => {
    for (const key of ['id', 'title'] as const)
      assert.equal(new Set(panels.map((panel) => panel[key])).size, panels.length, key);
  });
});
