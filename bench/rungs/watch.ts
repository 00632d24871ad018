import { join } from 'node:path';
import { Fleet } from '../../lib';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { hostPath } from '../../src/observe/host-watch';
import { measure, toResult } from '../measure';
import type { Rung } from '../rung';
import { onCluster } from '../support/bench-cluster';

/** How many hosts: BENCH_WATCHED=50000 for more. */
const COUNT = Number(process.env['BENCH_WATCHED'] ?? '10000');
const STATES = ['registering', 'inspecting', 'preparing', 'available'];
const IN_FLIGHT = 64;

export const watch: Rung = {
  name: 'watch',
  description: 'hosts with their timelines observed through four states, and then at rest',
  run: () =>
    onCluster(async ({ kubeconfig, client }) => {
      const script = (name: string) => join(__dirname, '..', name);
      const fleet = new Fleet({ name: 'bench', count: COUNT });
      const [usage] = await Promise.all([
        measure<{ readonly restCores: number }>(process.execPath, [
          ...[script('watch-client.js'), kubeconfig, String(COUNT), ...STATES],
        ]),
        (async () => {
          await measure(process.execPath, [script('apply-client.js'), 'post', kubeconfig, fleet.name, String(COUNT)]);
          for (const state of STATES) await setAll(client, fleet, state);
        })(),
      ]);
      const note = `${STATES.length} states each; at rest ${(usage.restCores * 100).toFixed(2)} % of a core`;
      return [toResult('watch', COUNT, usage, note)];
    }),
};

async function setAll(client: KubernetesClient, fleet: Fleet, state: string): Promise<void> {
  const hosts = fleet.hosts();
  const worker = async () => {
    for (let next = hosts.next(); next.done !== true; next = hosts.next()) {
      const { namespace, name } = next.value;
      await client.request('PATCH', `${hostPath(namespace, name)}/status`, {
        contentType: 'application/merge-patch+json',
        body: {
          status: {
            ...{ errorCount: 0, errorMessage: '', hardwareProfile: '', operationalStatus: 'OK', poweredOn: false },
            provisioning: { state, ID: '', image: { url: '' } },
          },
        },
      });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}
