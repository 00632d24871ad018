import type { ProcessForm } from '../component';
import { operatorArguments, type OperatorCommand, type OperatorOptions } from './arguments';

/**
 * How BMO runs as a plain process: called as in its pod, but that a process has nobody to share a lease with, and no
 * certificate for a webhook.
 *
 * @throws TestbedError (`invalid-input`) naming every option that is not allowed
 */
export function operatorProcess(options: OperatorOptions): ProcessForm {
  return operatorForm(operatorArguments({ ...options, webhook: false, leaderElection: false }));
}

/** The same for a command line that is there already. */
export function operatorForm({ args, env }: OperatorCommand): ProcessForm {
  return {
    args,
    env,
    at: ({ kubeconfig, health, metrics }) => ({
      args: [...args, `--health-addr=${health}`, `--metrics-addr=${metrics}`],
      env: { ...env, KUBECONFIG: kubeconfig },
      readyUrl: `http://${health}/readyz`,
      metricsUrl: `https://${metrics}/metrics`,
    }),
  };
}
