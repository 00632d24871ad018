import { join } from 'node:path';
import type { SimulatorSpec } from './simulators';

const STAGES_FILE = 'kwok-stages.yaml';
/** kwok insists on managing nodes; by this name there is none, so it watches none. */
const NO_NODE = 'metal3-testbed-no-node';
/** What tells hosts of their Secrets, which kwok does not see. Hosts live on without it. */
const CREDENTIALS_SCRIPT = join(__dirname, 'credentials-daemon.js');

/** kwok v0.8, by stages. @param stages what `hostStages` gives */
export function kwokSimulator(stages: readonly object[]): SimulatorSpec {
  // By its name alone, for its working folder is the state folder: kwok takes a comma for the end of a path, and a
  // quotation mark for a mistake. At the level of INFO each write is a line: gigabytes for a large fleet.
  const args = ['--manage-single-node', NO_NODE, '--config', STAGES_FILE, '--v', 'WARN'];
  return {
    kind: 'kwok',
    form: {
      args,
      env: {},
      at: ({ kubeconfig, health }) => ({
        args: ['--kubeconfig', kubeconfig, ...args, '--server-address', health],
        env: {},
        // Each JSON document is a YAML document too, and is read many times faster.
        files: { [STAGES_FILE]: stages.map((stage) => JSON.stringify(stage)).join('\n---\n') + '\n' },
        readyUrl: `http://${health}/healthz`,
        metricsUrl: `http://${health}/metrics`,
      }),
    },
    beside: CREDENTIALS_SCRIPT,
  };
}
