import { join } from 'node:path';
import { Fleet, type FleetHost } from '../../lib';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { hostPath } from '../../test/support/hosts';
import { inParallel } from '../../src/util/in-parallel';
import { measure, toResult } from '../measure';
import type { Benchmark } from '../benchmark';
import { applyClient, onCluster } from '../support/bench-cluster';

/** How many hosts: BENCH_WATCHED=50000 for more. */
const COUNT = Number(process.env['BENCH_WATCHED'] ?? '10000');
const STATES = ['registering', 'inspecting', 'preparing', 'available'];
const IN_FLIGHT = 64;

export const watch: Benchmark = {
  name: 'watch',
  description: 'hosts with their timelines observed through four states, and then settled',
  run: () =>
    onCluster(async (cluster) => {
      const fleet = new Fleet({ name: 'bench', count: COUNT });
      const script = join(__dirname, '..', 'watch-client.js');
      const [usage] = await Promise.all([
        measure<{ readonly restCores: number }>(process.execPath, [
          ...[script, cluster.kubeconfig, String(COUNT), ...STATES],
        ]),
        (async () => {
          await applyClient(cluster, 'post', COUNT, fleet.name);
          for (const state of STATES)
            await inParallel(fleet.hosts(), IN_FLIGHT, (host) => setState(cluster.client, host, state));
        })(),
      ]);
      const note = `${STATES.length} states each; once settled ${(usage.restCores * 100).toFixed(2)} % of a core`;
      return [toResult('watch', COUNT, usage, note)];
    }),
};

async function setState(client: KubernetesClient, { namespace, name }: FleetHost, state: string): Promise<void> {
  await client.request('PATCH', `${hostPath(namespace, name)}/status`, {
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        errorCount: 0,
        errorMessage: '',
        hardwareProfile: '',
        operationalStatus: 'OK',
        poweredOn: false,
        provisioning: { state, ID: '', image: { url: '' } },
      },
    },
  });
}
