import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { until } from '../../src/util/until';
import { conditionsOf, listed } from '../../test/support/clusters/conditions';
import { ClusterLab, metal3, whyNoLab } from '../../test/support/clusters/lab';
import { clusterManifests } from '../../test/support/clusters/manifests';
import type { Benchmark } from '../benchmark';
import { cpuMsOf, peakRssMBOf } from '../measure';
import { requestsCounted } from '../support/bench-cluster';

/** How many clusters: BENCH_CLUSTERS=100 for more. */
const CLUSTERS = Number(process.env['BENCH_CLUSTERS'] ?? '20');
const NAMESPACE = 'clusters';
const FIRST_PORT = 21_000;
const DEADLINE_MS = 3_600_000;

export const clusters: Benchmark = {
  name: 'clusters',
  description: `${CLUSTERS} clusters of one control-plane node to Available, by Cluster API's managers and ${
    metal3 === 'real' ? 'CAPM3 on BMO' : 'a stand-in for CAPM3 on kwok (METAL3_TESTBED_CAPM3, _IPAM, _BMO)'
  }`,
  async run() {
    const why = await whyNoLab();
    if (why !== undefined) {
      process.stderr.write(`clusters: left out, ${why}\n`);
      return [];
    }
    const lab = await ClusterLab.start({ hosts: CLUSTERS, namespace: NAMESPACE });
    try {
      await wait('hosts', async () => (await lab.hosts()).every(({ state }) => state === 'available'));
      const [cpuBefore, requestsBefore] = [await cpuMs(lab), await requestsCounted(lab.client)];
      const begun = performance.now();
      for (let i = 0; i < CLUSTERS; i++)
        await lab.apply(
          clusterManifests({
            name: `c-${i}`,
            namespace: NAMESPACE,
            port: FIRST_PORT + i,
            controlPlanes: 1,
            workers: 0,
          }),
        );
      await wait('clusters', async () => {
        const all = await listed(lab.client, 'Cluster', NAMESPACE);
        return all.every((each) => conditionsOf(each).get('Available')?.status === 'True');
      });
      const seconds = (performance.now() - begun) / 1000;
      const cpuAfter = await cpuMs(lab);
      const each = (await requestsCounted(lab.client)) - requestsBefore;
      const used = [...cpuAfter].map(([name, ms]) => [name, (ms - (cpuBefore.get(name) ?? 0)) / CLUSTERS] as const);
      const byProcess = used
        .sort(([, a], [, b]) => b - a)
        .map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)}`)
        .join(', ');
      const note = `${seconds.toFixed(0)} s for all, ${(each / CLUSTERS).toFixed(0)} management requests each; seconds of CPU each: ${byProcess}`;
      return [
        {
          name: metal3 === 'real' ? 'clusters' : 'clusters-stand-in',
          count: CLUSTERS,
          perSecond: CLUSTERS / seconds,
          peakRssMB: peakRssMBOf(lab.processes.get('workload-api')!.child.pid!),
          cpuMsPerItem: used.reduce((sum, [, ms]) => sum + ms, 0),
          note,
        },
      ];
    } finally {
      await lab.stop();
    }
  },
};

async function wait(what: string, condition: () => Promise<boolean>): Promise<void> {
  if (!(await until(condition, { deadlineMs: DEADLINE_MS, everyMs: 500 })))
    throw new Error(`timed out after an hour waiting for the ${what}`);
}

/** CPU time of each process, in milliseconds. */
async function cpuMs(lab: ClusterLab): Promise<Map<string, number>> {
  const local = await findLocalCluster(lab.managementDir);
  const pids = [
    ...(local?.processes ?? []).map(({ name, pid }) => [name, pid] as const),
    ...[...lab.processes].map(([name, { child }]) => [name, child.pid!] as const),
  ];
  return new Map(pids.map(([name, pid]) => [name, cpuMsOf(pid)]));
}
