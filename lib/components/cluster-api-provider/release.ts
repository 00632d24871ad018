import type { k8s } from 'cdk8s-plus-27';
import type { GeneratedRelease } from '../../crd/generated';
import type { Manifest } from '../../upstream';

/** What clusterctl calls the kinds of providers. */
export type ProviderType =
  'BootstrapProvider' | 'ControlPlaneProvider' | 'CoreProvider' | 'InfrastructureProvider' | 'IPAMProvider';

/** A kind whose objects a webhook is asked about. */
export interface ReviewedKind {
  readonly group: string;
  readonly version: string;
  /** In lower case: `kubeadmcontrolplane`. */
  readonly kind: string;
  readonly plural: string;
  /**
   * What the webhook is called.
   * @default - `default.` or `validation.`, kind and group
   */
  readonly name?: string | undefined;
  /** @default ['CREATE', 'UPDATE'] */
  readonly operations?: readonly string[] | undefined;
  /** @default - the object itself */
  readonly subresource?: string | undefined;
  /**
   * Whether the release leaves the matching of versions to the API server, which does the same.
   * @default false
   */
  readonly leavesMatchPolicy?: boolean | undefined;
}

/** What a release installs, beyond what all providers have in common. */
export interface ProviderRelease {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent';
  readonly crds: GeneratedRelease;
  /** Labels of its CRDs, by which Cluster API knows which of their versions are for which contract. */
  readonly contracts: Readonly<Record<string, string>>;
  /** Annotations of CRDs, by their kind. */
  readonly crdAnnotations?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** What the manager may do in the cluster. */
  readonly managerRules: readonly k8s.PolicyRule[];
  /** What it may do in its own namespace. */
  readonly leaderElectionRules: readonly k8s.PolicyRule[];
  /**
   * Label of the ClusterRoles that the manager's rights are made of, to which others may add.
   * @default - its rights are its own role alone
   */
  readonly aggregatedBy?: string | undefined;
  readonly mutating: readonly ReviewedKind[];
  readonly validating: readonly ReviewedKind[];
  readonly reviewVersions: readonly string[];
  /** Subject of the certificate of its webhooks. @default none */
  readonly certificateOrganizations?: readonly string[] | undefined;
  readonly pod: PodRelease;
  readonly leaderElection: boolean;
  /** Feature gates as the release sets them, in its order. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** All that its manager knows. */
  readonly knownGates: readonly string[];
  /** The arguments that its manager has, without dashes. */
  readonly flags: ReadonlySet<string>;
}

/** How a release's pod differs from others. */
export interface PodRelease {
  /** @default - unsaid, which is one */
  readonly replicas?: number | undefined;
  /** Labels beyond those of all. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly webhookPortName: string;
  /** Whether the release says on which port webhooks are served, which is the manager's own default. */
  readonly saysWebhookPort: boolean;
  /** Whether the container is told who it is. */
  readonly knowsItself: boolean;
  /** @default - unsaid, which is the same */
  readonly certificateMode?: number | undefined;
}

/** A provider, whatever its release. */
export interface ProviderSpec {
  /** Names the component: `kubeadm-bootstrap`. */
  readonly name: string;
  /** How people call it: `kubeadm bootstrap provider`. */
  readonly title: string;
  /** The label `cluster.x-k8s.io/provider` of all that it installs. */
  readonly label: string;
  readonly type: ProviderType;
  /** What clusterctl calls it, beside its type. */
  readonly providerName: string;
  /** What the names of its objects begin with. */
  readonly prefix: string;
  readonly namespace: string;
  readonly releases: Readonly<Record<string, ProviderRelease>>;
  readonly defaultVersion: string;
  /** Its controllers, as `concurrency` names them. */
  readonly controllers: readonly string[];
  /** The controller whose work is measured. */
  readonly measured: string;
  /** Requests a second and at once, where nobody sets them. */
  readonly ownKubeApi: { readonly qps: number; readonly burst: number };
  /** Arguments for props of its own. */
  ownArguments(props: object): OwnArguments;
  /** What each of them is set by, by the argument's name. */
  readonly ownSetters: Readonly<Record<string, string>>;
  /** ConfigMap that the container has its environment from. @default none */
  environment?(props: object): { readonly name: string; readonly data: Readonly<Record<string, string>> };
  /** Whether the props ask for something in it. */
  isEnvironmentAsked?(props: object): boolean;
  /** An object as props want it that no other provider has. @default - as the release */
  shape?(manifest: Manifest, props: object): Manifest;
  /** An object that its webhooks accept, where it is at work. */
  readonly probe: { readonly apiVersion: string; readonly kind: string; readonly spec: object };
}

/** Arguments for props of a provider's own. */
export interface OwnArguments {
  /** Before those that tell where diagnostics are, as the release has them. */
  readonly before: readonly string[];
  /** After the feature gates. */
  readonly after: readonly string[];
  /** Those that somebody asks for. */
  readonly asked: readonly string[];
}

export const noArguments: OwnArguments = { before: [], after: [], asked: [] };

/** A kind with its plural, in the group and version that a release has. */
export function reviewed(
  group: string,
  version: string,
  kind: string,
  more: Partial<Omit<ReviewedKind, 'group' | 'kind' | 'version'>> = {},
): ReviewedKind {
  return { group, version, kind, plural: `${kind}s`, ...more };
}

/** The arguments by which managers of Kubernetes log. */
export const logFlags: readonly string[] = [
  ...['log-flush-frequency', 'log-json-info-buffer-size', 'log-json-split-stream', 'log-text-info-buffer-size'],
  ...['log-text-split-stream', 'logging-format', 'v', 'vmodule'],
];

/** The arguments that every manager of Cluster API has. */
export const commonFlags: readonly string[] = [
  ...logFlags,
  ...['diagnostics-address', 'health-addr', 'insecure-diagnostics', 'kube-api-burst', 'kube-api-qps', 'kubeconfig'],
  ...['leader-elect', 'namespace', 'sync-period', 'tls-cipher-suites', 'tls-min-version', 'watch-filter'],
  ...['webhook-cert-dir', 'webhook-port'],
];
