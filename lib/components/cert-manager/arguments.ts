import { defaultVersion, flagName, type CertManagerProps } from './options';
import { webhookPort } from './pods';
import { featureGatesOf, type CertManagerComponent } from './releases';

interface Names {
  readonly acmeSolverImage: string;
  readonly webhookServiceName: string;
  readonly webhookCaSecretName: string;
}

/**
 * The command line of a component: what the release gives it, what the props add, and further arguments. Of the
 * release's arguments, those that the further ones set again are left out.
 */
export function componentArguments(component: CertManagerComponent, props: CertManagerProps, names: Names): string[] {
  const extra = props.extraArgs?.[component] ?? [];
  const replaced = new Set(extra.map(flagName));
  const ofRelease = [`--v=${props.logLevel ?? 2}`, ...releaseArguments(component, props, names)].filter(
    (arg) => !replaced.has(flagName(arg)),
  );
  return [...ofRelease, ...featureGateArgument(component, props), ...rateArguments(component, props), ...extra];
}

function releaseArguments(component: CertManagerComponent, props: CertManagerProps, names: Names): string[] {
  const leaderElection = `--leader-election-namespace=${props.leaderElectionNamespace ?? 'kube-system'}`;
  switch (component) {
    case 'controller':
      return [
        '--cluster-resource-namespace=$(POD_NAMESPACE)',
        leaderElection,
        `--acme-http01-solver-image=${names.acmeSolverImage}`,
        '--max-concurrent-challenges=60',
      ];
    case 'webhook': {
      const service = names.webhookServiceName;
      return [
        `--secure-port=${webhookPort}`,
        '--dynamic-serving-ca-secret-namespace=$(POD_NAMESPACE)',
        `--dynamic-serving-ca-secret-name=${names.webhookCaSecretName}`,
        `--dynamic-serving-dns-names=${service}`,
        `--dynamic-serving-dns-names=${service}.$(POD_NAMESPACE)`,
        `--dynamic-serving-dns-names=${service}.$(POD_NAMESPACE).svc`,
      ];
    }
    case 'cainjector':
      return [leaderElection];
  }
}

function featureGateArgument(component: CertManagerComponent, props: CertManagerProps): string[] {
  const known = featureGatesOf(props.version ?? defaultVersion, component);
  const gates = Object.entries(props.featureGates ?? {}).filter(([gate]) => known.includes(gate));
  return gates.length === 0 ? [] : [`--feature-gates=${gates.map(([gate, on]) => `${gate}=${on}`).join(',')}`];
}

function rateArguments(component: CertManagerComponent, { kubeApiQps, kubeApiBurst }: CertManagerProps): string[] {
  if (component !== 'controller') return [];
  return [
    ...(kubeApiQps === undefined ? [] : [`--kube-api-qps=${kubeApiQps}`]),
    ...(kubeApiBurst === undefined ? [] : [`--kube-api-burst=${kubeApiBurst}`]),
  ];
}
