import type { ProcessForm } from '../component';
import { concurrencyFlag, type AnyProviderProps } from './options';
import type { ProviderRelease, ProviderSpec } from './release';

export const metricsPort = 8443;
export const webhookPort = 9443;

/** The command line of the manager in its pod: what the release gives it, then what the props add. */
export function podArguments(spec: ProviderSpec, release: ProviderRelease, props: AnyProviderProps): readonly string[] {
  const own = spec.ownArguments(props);
  return [
    ...((props.leaderElection ?? release.leaderElection) ? ['--leader-elect'] : []),
    ...(release.pod.saysWebhookPort ? [`--webhook-port=${webhookPort}`] : []),
    ...own.before,
    `--diagnostics-address=:${metricsPort}`,
    `--insecure-diagnostics=${props.insecureDiagnostics ?? false}`,
    ...gateArgument(release.featureGates, props),
    ...own.after,
    ...tuning(props),
  ];
}

/**
 * How the manager runs as a plain process: called as in its pod, but that a process has nobody to share a lease with, and
 * tells of itself to this machine alone.
 */
export function providerProcess(spec: ProviderSpec, release: ProviderRelease, props: AnyProviderProps): ProcessForm {
  const own = spec.ownArguments(props);
  const args = [...own.before, ...gateArgument(release.featureGates, props), ...own.after, ...tuning(props)];
  return processForm(spec, args, spec.environment?.(props).data ?? {});
}

/** The arguments that say where a manager serves and whom it talks to, which is another place for a process. */
export const placeFlags: ReadonlySet<string> = new Set([
  ...['diagnostics-address', 'health-addr', 'insecure-diagnostics', 'kubeconfig', 'leader-elect'],
  ...['webhook-cert-dir', 'webhook-port'],
]);

/** @param args but those of {@link placeFlags} */
export function processForm(
  { title }: ProviderSpec,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ProcessForm {
  return {
    args,
    env,
    at: ({ kubeconfig, health, metrics, webhook }) => {
      if (webhook === undefined) throw new Error(`the ${title} has webhooks, and no port for them is given`);
      return {
        args: [
          `--kubeconfig=${kubeconfig}`,
          `--webhook-port=${webhook.port}`,
          `--webhook-cert-dir=${webhook.certDir}`,
          `--health-addr=${health}`,
          `--diagnostics-address=${metrics}`,
          '--insecure-diagnostics',
          ...args,
        ],
        env,
        readyUrl: `http://${health}/readyz`,
        metricsUrl: `http://${metrics}/metrics`,
      };
    },
  };
}

/** All gates that the release sets, those of the props in place of its own, and then those that it leaves alone. */
export function gateArgument(
  ofRelease: Readonly<Record<string, boolean>>,
  { featureGates = {} }: AnyProviderProps,
): readonly string[] {
  const gates = Object.entries({ ...ofRelease, ...featureGates });
  return gates.length === 0 ? [] : [`--feature-gates=${gates.map(([gate, on]) => `${gate}=${on}`).join(',')}`];
}

/** What no release says by itself. */
export function tuning(props: AnyProviderProps): readonly string[] {
  const { watchedNamespace, watchFilter, syncPeriod, kubeApiQps, kubeApiBurst, concurrency = {}, logLevel } = props;
  const said = (flag: string, value: number | string | undefined) =>
    value === undefined ? [] : [`--${flag}=${value}`];
  return [
    ...said('namespace', watchedNamespace),
    ...said('watch-filter', watchFilter),
    ...said('sync-period', syncPeriod),
    ...said('kube-api-qps', kubeApiQps),
    ...said('kube-api-burst', kubeApiBurst),
    ...Object.entries(concurrency).flatMap(([name, value]) => said(concurrencyFlag(name), value as number | undefined)),
    ...said('v', logLevel),
    ...(props.extraArgs ?? []),
  ];
}
