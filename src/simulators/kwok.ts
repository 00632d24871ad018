import { join } from 'node:path';
import { kwokArguments, stagesText } from '../../lib/kinds/bare-metal-host/stages/kwok-call';
import type { SimulatorSpec } from './simulators';

const STAGES_FILE = 'kwok-stages.yaml';
/** What tells hosts of their Secrets, which kwok does not see. Hosts live on without it. */
const CREDENTIALS_SCRIPT = join(__dirname, 'credentials-daemon.js');

/** kwok v0.8, by stages. @param stages what `hostStages` gives */
export function kwokSimulator(stages: readonly object[]): SimulatorSpec {
  // By its name alone, for its working folder is the state folder: kwok takes a comma for the end of a path, and a
  // quotation mark for a mistake.
  const args = [...kwokArguments, '--config', STAGES_FILE];
  return {
    kind: 'kwok',
    form: {
      args,
      env: {},
      at: ({ kubeconfig, health }) => ({
        args: ['--kubeconfig', kubeconfig, ...args, '--server-address', health],
        env: {},
        files: { [STAGES_FILE]: stagesText(stages) },
        readyUrl: `http://${health}/healthz`,
        metricsUrl: `http://${health}/metrics`,
      }),
    },
    beside: CREDENTIALS_SCRIPT,
  };
}
