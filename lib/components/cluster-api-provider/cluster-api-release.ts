import { commonFlags, type PodRelease, type ProviderRelease } from './release';

/** What the three managers of Cluster API v1.13 have in common. */
export const clusterApiRelease = {
  imagePullPolicy: 'Always',
  namespaceLabels: { 'control-plane': 'controller-manager' },
  reviewVersions: ['v1'],
  certificateOrganizations: ['k8s-sig-cluster-lifecycle'],
  pod: { replicas: 1, labels: {}, webhookPortName: 'webhook-server', saysWebhookPort: false, knowsItself: true },
  leaderElection: true,
  // feature/feature.go: one table for the three of them, and what Kubernetes' own library adds.
  knownGates: [
    ...['AllAlpha', 'AllBeta', 'ClusterTopology', 'InPlaceUpdates', 'KubeadmBootstrapFormatIgnition', 'MachinePool'],
    ...['MachineSetPreflightChecks', 'MachineTaintPropagation', 'MachineWaitForVolumeDetachConsiderVolumeAttachments'],
    ...['PriorityQueue', 'ReconcilerRateLimiting', 'RuntimeSDK'],
  ],
} as const satisfies Partial<ProviderRelease> & { readonly pod: PodRelease };

/** The arguments of a manager of Cluster API v1.13. @param own those that not all three have */
export function clusterApiFlags(...own: string[]): ReadonlySet<string> {
  return new Set([
    ...commonFlags,
    ...['clustercache-client-burst', 'clustercache-client-qps', 'clustercache-concurrency', 'contention-profiling'],
    ...['feature-gates', 'leader-elect-lease-duration', 'leader-elect-renew-deadline', 'leader-elect-retry-period'],
    ...['profiler-address', 'skip-crd-migration-phases', 'webhook-cert-name', 'webhook-key-name'],
    ...own,
  ]);
}

/** The contracts that kubeadm's kinds are for. */
export const bothContracts = {
  'cluster.x-k8s.io/v1beta1': 'v1beta1',
  'cluster.x-k8s.io/v1beta2': 'v1beta2',
} as const;

export const ownKubeApi = { qps: 100, burst: 200 };
