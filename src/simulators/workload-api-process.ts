import { join } from 'node:path';
import type { ProcessForm } from '../../lib/components/component';

/** The API of workload clusters, among the processes of a testbed. */
export const WORKLOAD_API = 'workload-api';

/** A script of our own, which Node.js runs. */
const SCRIPT = join(__dirname, 'workload-api', 'main.js');

/** How it is called. Its health and its metrics are at the address for its status. */
export function workloadApiForm(): ProcessForm {
  return {
    args: [SCRIPT],
    env: {},
    at: ({ kubeconfig, health }) => ({
      args: [SCRIPT, '--kubeconfig', kubeconfig, '--status-address', health],
      env: {},
      readyUrl: `http://${health}/readyz`,
      metricsUrl: `http://${health}/metrics`,
    }),
  };
}
