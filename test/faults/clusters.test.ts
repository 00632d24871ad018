/**
 * `METAL3_TESTBED_CLUSTERS=N npm run test:faults`: N clusters, each fault of their API and of their managers. The short form is
 * test/scale/clusters.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../../src/util/until';
import { listed, unwell } from '../support/clusters/conditions';
import { ClusterLab, metal3, whyNoLab } from '../support/clusters/lab';
import { clusterManifests } from '../support/clusters/manifests';
import { freePort } from '../support/workload-cluster';
import { longFaultRuns } from './scenarios/cluster-fault-runs';
import { faultRun, killRun, MANAGEMENT_PROCESSES, slowRun } from './scenarios/cluster-faults';
import type { FaultLab } from './scenarios/witness';

const NAMESPACE = 'clusters';
const count = Number(process.env['METAL3_TESTBED_CLUSTERS'] ?? 0);
const names = Array.from({ length: count }, (_, i) => `c-${i + 1}`);

describe(`${count} clusters (Metal3 provider: ${metal3})`, { timeout: 3_600_000, skip: count === 0 }, () => {
  let lab: ClusterLab;
  let of: FaultLab;
  before(async () => {
    assert.equal(await whyNoLab(), undefined);
    lab = await ClusterLab.start({ hosts: count * 3, namespace: NAMESPACE });
    of = { lab, namespace: NAMESPACE, clusters: names };
    for (const name of names) {
      const port = await freePort();
      await lab.apply(clusterManifests({ name, namespace: NAMESPACE, port, hasData: metal3 === 'real' }));
    }
    let lines: readonly string[] = [];
    const isWell = async () => {
      lines = await unwell(lab.client, NAMESPACE);
      return lines.length === 0 && (await listed(lab.client, 'Machine', NAMESPACE)).length === 2 * count;
    };
    assert.ok(await until(isWell, { deadlineMs: 1_200_000, everyMs: 1_000 }), lines.join('\n'));
  });
  after(() => lab?.stop());

  // What there is to run is the same whatever lab it is.
  for (const [i, { name }] of longFaultRuns({ clusters: names } as unknown as FaultLab).entries())
    it(`get over ${name}`, async (t) => t.diagnostic(await faultRun(of, longFaultRuns(of)[i]!)));

  const all = () => [...lab.processes.keys(), ...MANAGEMENT_PROCESSES];
  it('get over each process that is killed', async (t) => {
    for (const name of all()) await t.test(name, async (each) => each.diagnostic(await killRun(of, [name], 5)));
  });

  it('get over each process that is slow', async (t) => {
    for (const name of all()) await t.test(name, async (each) => each.diagnostic(await slowRun(of, [name], 30)));
  });
});
