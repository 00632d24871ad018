/** How each simulator is called. */
import { delimiter, join, relative } from 'node:path';
import { invalidInput } from '../../lib/errors';
import { writeFileAtomicSync } from '../util/atomic-file';
import type { SimulatorProps } from './simulator-props';

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
        ...['--kubeconfig', props.kubeconfig, '--manage-single-node', NO_NODE],
        // By its name alone, for its working folder is the state folder: kwok takes a comma for the end of a path, and a
        // quotation mark for a mistake.
        ...['--config', STAGES_FILE],
        // At the level of INFO each write is a line: gigabytes for a large fleet.
        ...['--server-address', health, '--v', 'WARN'],
      ],
      env: {},
      readyUrl: `http://${health}/healthz`,
    };
  }
  return {
    args: [...props.args, `--health-addr=${health}`, `--metrics-addr=${metrics}`],
    env: { ...props.env, KUBECONFIG: inKubeconfigVariable(props) },
    readyUrl: `http://${health}/readyz`,
  };
}

/** A colon in the variable stands between two files. The state folder is where the program works, and its path may have one. */
function inKubeconfigVariable({ kubeconfig, stateDir }: SimulatorProps): string {
  if (!kubeconfig.includes(delimiter)) return kubeconfig;
  const fromThere = relative(stateDir, kubeconfig);
  if (!fromThere.includes(delimiter)) return fromThere;
  throw invalidInput(
    `kubeconfig ${kubeconfig} has a '${delimiter}' in its path, which the operator reads as two files: use another path`,
  );
}
