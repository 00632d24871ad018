/** How each simulator is called. */
import { join } from 'node:path';
import { writeFileAtomicSync } from '../util/atomic-file';
import type { SimulatorProps } from './simulator';

/** A call of a simulator's program. */
export interface SimulatorCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once it is at work. */
  readonly readyUrl: string;
}

/** The stages of kwok, in the state folder. */
const STAGES_FILE = 'kwok-stages.yaml';
/** kwok insists on managing nodes; by this name there is none, so it watches none. */
const NO_NODE = 'metal3-testbed-no-node';

/** What is needed to call it, written into the state folder. */
export function prepareCall(
  props: SimulatorProps,
  ports: { readonly health: number; readonly metrics: number },
): SimulatorCall {
  const [health, metrics] = [`127.0.0.1:${ports.health}`, `127.0.0.1:${ports.metrics}`];
  if (props.kind === 'kwok') {
    const stagesFile = join(props.stateDir, STAGES_FILE);
    // Each JSON document is a YAML document too, and is read many times faster.
    writeFileAtomicSync(stagesFile, props.stages.map((stage) => JSON.stringify(stage)).join('\n---\n') + '\n');
    return {
      args: [
        ...['--kubeconfig', props.kubeconfig, '--config', stagesFile, '--manage-single-node', NO_NODE],
        // At the level of INFO each write is a line: gigabytes for a large fleet.
        ...['--server-address', health, '--v', 'WARN'],
      ],
      env: {},
      readyUrl: `http://${health}/healthz`,
    };
  }
  return {
    args: [...props.args, `--health-addr=${health}`, `--metrics-addr=${metrics}`],
    env: { ...props.env, KUBECONFIG: props.kubeconfig },
    readyUrl: `http://${health}/readyz`,
  };
}
