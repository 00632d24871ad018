import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { invalidInput } from '../../errors';
import { isDnsLabel } from '../../names';
import { CommandLine } from './command-line';
import { dnsLabelRule, operatorArguments, optionProblems, type OperatorOptions } from './arguments';
import { clusterScoped } from '../../cluster-scoped';
import type { CustomResourceDefinition } from '../../crd';
import type { Manifest } from '../../upstream';
import { placed, type PodPlacement } from '../placement';
import { operatorFromManifests } from './from-manifests';
import { OperatorPermissions } from './permissions';
import { resourceProblems, type ComputeResources } from '../compute-resources';
import { containerName, metricsPort, operatorPod } from './pod';
import { builtInProblems, defaultVersion, namespaceOf, releases, type BareMetalOperatorVersion } from './releases';
import { caInjection, OperatorWebhook, webhookLabels } from './webhook';

/** What is installed of the Bare Metal Operator, and how it is run. */
export interface BareMetalOperatorProps extends OperatorOptions, PodPlacement {
  /**
   * A release that is built in, or with `manifests` the one that they are of.
   * @default 'v0.13.2'
   */
  // Any text, without hiding from editors which releases are built in.
  readonly version?: BareMetalOperatorVersion | (string & Record<never, never>) | undefined;

  /**
   * The release's own objects, as read from its YAML: for releases that are not built in. Every option here works on
   * them but `namePrefix`; what no option asks for stays as they have it, rights with `watchedNamespaces` too.
   * @default - the objects that are built in
   */
  readonly manifests?: readonly unknown[] | undefined;

  /**
   * The namespace that the operator itself runs in. Two operators of one cluster need two.
   * @default 'baremetal-operator-system'
   */
  readonly namespace?: string | undefined;

  /**
   * Whether that namespace is created here.
   * @default true
   */
  readonly createNamespace?: boolean | undefined;

  /**
   * What the names of its objects begin with, those of the cluster-scoped ones too; at most 28 characters.
   * @default - the namespace without `-system`: no two operators of a cluster collide
   */
  readonly namePrefix?: string | undefined;

  /**
   * Whether the CRDs are installed. They belong to the whole cluster: of several operators, one installs them.
   * @default true - in a testbed, for the operator of the newest release alone
   */
  readonly crds?: boolean | undefined;

  /**
   * Whether nothing but the CRDs is installed: something else takes care of the hosts, such as kwok.
   * @default false - in a testbed with `kwok` true
   */
  readonly crdsOnly?: boolean | undefined;

  /**
   * Whether `clusterctl move` takes hosts along, with all that they own: by labels of the CRDs.
   * @default false - as the release; in a testbed with Cluster API true
   */
  readonly clusterctl?: boolean | undefined;

  /**
   * The image of the operator.
   * @default - the release's own, such as `quay.io/metal3-io/baremetal-operator:v0.13.2`
   */
  readonly image?: string | undefined;

  /**
   * When the image is pulled.
   * @default 'IfNotPresent'
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;

  /**
   * Requests and limits of the operator's container.
   * @default - none, as the release
   */
  readonly resources?: ComputeResources | undefined;

  /**
   * Whether operators keep away from each other's nodes: `preferred` where there are enough, `required` also where one then does
   * not run.
   * @default 'none' - as the release; where a testbed has several of one `preferred`
   */
  readonly antiAffinity?: PodPlacement['antiAffinity'];

  /**
   * Whether a ServiceMonitor tells Prometheus Operator where its metrics are; the cluster has to have its CRDs, and its Prometheus
   * the rights of the role `PREFIX-metrics-reader`. Of releases that are built in.
   * @default false
   */
  readonly serviceMonitor?: boolean | undefined;

  /**
   * The content of the ConfigMap `ironic`, which becomes the operator's environment. Without effect in test mode.
   * @default - the release's example
   */
  readonly ironicConfig?: Readonly<Record<string, string>> | undefined;
}

const defaultIronicConfig = {
  HTTP_PORT: '6180',
  PROVISIONING_INTERFACE: 'eth2',
  DHCP_RANGE: '172.22.0.10,172.22.0.100',
  IRONIC_ENDPOINT: 'http://172.22.0.2:6385/v1/',
  CACHEURL: 'http://172.22.0.1/images',
};

/** The pod waits for a ConfigMap of this name. */
const ironicConfigMapName = 'ironic';

const podLabels = { 'control-plane': 'controller-manager' };

/** `-controller-manager-metrics-service`, the longest thing appended, and a Service's name is a DNS label. */
const longestPrefix = 63 - '-controller-manager-metrics-service'.length;

/**
 * The Bare Metal Operator: all that a release installs. Without props it is the release as it is; `testMode: true`
 * makes its hosts fake ones. Its webhook takes a certificate from cert-manager, which must be installed, unless
 * `webhook` is off.
 *
 * An operator with `watchedNamespaces` has its rights in those namespaces only (they must exist, or be part of the
 * same description), and its webhook checks the hosts of those namespaces only.
 */
export class BareMetalOperator extends Construct {
  readonly version: string;
  readonly testMode: boolean;
  readonly hostClaims: boolean;
  readonly leaderElection: boolean;
  readonly webhook: boolean;
  /** Requests a second to the Kubernetes API. */
  readonly kubeApiQps: number;
  /** Requests at once to the Kubernetes API. */
  readonly kubeApiBurst: number;
  /** Undefined: BMO's own choice, by the number of CPUs. */
  readonly concurrency: number | undefined;
  /** Empty: all. */
  readonly watchedNamespaces: readonly string[];
  readonly image: string;

  readonly namespaceName: string;
  readonly namePrefix: string;
  readonly deploymentName: string;
  readonly serviceAccountName: string;
  /** The container that BMO runs in. */
  readonly containerName = containerName;

  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: BareMetalOperatorProps = {}) {
    super(scope, id);

    this.version = props.version ?? defaultVersion;
    this.webhook = props.crdsOnly !== true && (props.webhook ?? true);
    this.kubeApiQps = props.kubeApiQps ?? 20;
    this.kubeApiBurst = props.kubeApiBurst ?? 30;
    this.concurrency = props.concurrency;
    this.watchedNamespaces = [...(props.watchedNamespaces ?? [])];
    this.namespaceName = namespaceOf(props);
    this.namePrefix = props.namePrefix ?? this.namespaceName.replace(/-system$/, '');
    this.deploymentName = this.named('controller-manager');
    this.serviceAccountName = this.named('controller-manager');

    const problems = [
      ...(props.manifests === undefined ? builtInProblems(this.version) : manifestProblems(props)),
      ...this.nameProblems(),
      ...optionProblems({ ...props, version: this.version }),
      ...resourceProblems(props.resources ?? {}),
    ];
    if (problems.length > 0) throw invalidInput(problems.map((problem) => `${this.node.path}: ${problem}`).join('\n'));

    if (props.manifests !== undefined) {
      const release = operatorFromManifests({ ...props, version: this.version, manifests: props.manifests });
      this.testMode = release.testMode;
      this.leaderElection = release.leaderElection;
      this.hostClaims = release.hostClaims;
      this.image = release.image;
      this.namespaceName = release.namespaceName;
      this.deploymentName = release.deploymentName;
      this.serviceAccountName = release.serviceAccountName;
      const objects = props.clusterctl === true ? release.objects.map(movedByClusterctl) : release.objects;
      const isKept = ({ kind }: Manifest) => props.crdsOnly !== true || kind === 'CustomResourceDefinition';
      this.addManifests(objects.filter(isKept));
      return;
    }
    const release = releases[this.version as BareMetalOperatorVersion];
    this.testMode = props.testMode ?? false;
    this.leaderElection = props.leaderElection ?? true;
    this.hostClaims = props.hostClaims ?? new CommandLine(this.version).understands('hostclaims');
    this.image = props.image ?? release.image;

    if (props.crdsOnly === true) {
      if (props.crds ?? true) this.addCustomResourceDefinitions(release.crds, props.clusterctl ?? false);
      return;
    }
    if (props.createNamespace ?? true) this.addNamespace();
    if (props.crds ?? true) this.addCustomResourceDefinitions(release.crds, props.clusterctl ?? false);
    new OperatorPermissions(this, 'Permissions', {
      namePrefix: this.namePrefix,
      namespace: this.namespaceName,
      serviceAccountName: this.serviceAccountName,
      managerRules: release.managerRules,
      watchedNamespaces: this.watchedNamespaces,
      hostClaims: this.hostClaims,
    });
    this.addIronicConfigMap(props.ironicConfig ?? defaultIronicConfig);
    this.addMetricsService();
    if (props.serviceMonitor ?? false) this.addServiceMonitor();
    this.addDeployment(props);
    if (this.webhook) {
      new OperatorWebhook(this, 'Webhook', {
        release,
        namePrefix: this.namePrefix,
        namespace: this.namespaceName,
        watchedNamespaces: this.watchedNamespaces,
        podLabels,
      });
    }
  }

  /** All objects of this operator, in an order in which they can be applied. */
  get apiObjects(): ApiObject[] {
    return this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
  }

  /** The name of one of its objects, as the release puts it: prefix first. */
  named(name: string): string {
    return `${this.namePrefix}-${name}`;
  }

  private nameProblems(): string[] {
    const problems: string[] = [];
    if (!isDnsLabel(this.namespaceName)) problems.push(`namespace: ${dnsLabelRule}; given '${this.namespaceName}'`);
    if (!isDnsLabel(this.namePrefix) || this.namePrefix.length > longestPrefix) {
      problems.push(
        `namePrefix: must be a DNS label of at most ${longestPrefix} characters, or Services get names that are too ` +
          `long; given '${this.namePrefix}'`,
      );
    }
    return problems;
  }

  private addNamespace(): void {
    clusterScoped(
      new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: this.namespaceName, labels: podLabels } }),
    );
  }

  private addManifests(manifests: readonly Manifest[]): void {
    for (const { kind, metadata, ...rest } of manifests) {
      const object = new ApiObject(this, [kind, metadata.namespace, metadata.name].filter(Boolean).join('-'), {
        ...rest,
        kind,
        metadata,
      });
      // What names no namespace gets none from the chart either: most such kinds are cluster-scoped.
      if (metadata.namespace === undefined) clusterScoped(object);
    }
  }

  private addCustomResourceDefinitions(definitions: readonly CustomResourceDefinition[], moved: boolean): void {
    for (const definition of definitions) {
      const crd = moved ? movedByClusterctl(definition) : definition;
      // The release asks cert-manager to put its CA into this one, for a conversion webhook that it does not have.
      const injected = crd.spec.names.kind === 'BareMetalHost' && this.webhook;
      clusterScoped(
        new ApiObject(this, crd.metadata.name, {
          ...crd,
          metadata: {
            ...crd.metadata,
            annotations: injected ? caInjection(this.namePrefix, this.namespaceName) : undefined,
          },
        }),
      );
    }
  }

  private addIronicConfigMap(data: Readonly<Record<string, string>>): void {
    new k8s.KubeConfigMap(this, 'IronicConfigMap', {
      metadata: { name: ironicConfigMapName, namespace: this.namespaceName },
      data: { ...data },
    });
  }

  private addMetricsService(): void {
    new k8s.KubeService(this, 'MetricsService', {
      metadata: {
        name: this.named('controller-manager-metrics-service'),
        namespace: this.namespaceName,
        labels: podLabels,
      },
      spec: {
        selector: podLabels,
        ports: [{ name: 'https', port: metricsPort, targetPort: k8s.IntOrString.fromString('https') }],
      },
    });
  }

  private addServiceMonitor(): void {
    new ApiObject(this, 'ServiceMonitor', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: this.named('controller-manager'), namespace: this.namespaceName },
      spec: {
        selector: { matchLabels: podLabels },
        endpoints: [
          {
            port: 'https',
            scheme: 'https',
            path: '/metrics',
            bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
            // It signs its own certificate, anew each time that it starts.
            tlsConfig: { insecureSkipVerify: true },
          },
        ],
      },
    });
  }

  private addDeployment(props: BareMetalOperatorProps): void {
    const labels = this.webhook ? { ...podLabels, ...webhookLabels } : podLabels;
    new k8s.KubeDeployment(this, 'Deployment', {
      metadata: { name: this.deploymentName, namespace: this.namespaceName, labels },
      spec: {
        replicas: 1,
        minReadySeconds: 10,
        selector: { matchLabels: podLabels },
        template: {
          metadata: { labels },
          spec: operatorPod({
            ...operatorArguments(props),
            image: this.image,
            imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
            resources: props.resources,
            placement: placed({ antiAffinity: 'none', ...props }, labels, 'all'),
            serviceAccountName: this.serviceAccountName,
            ironicConfigMapName,
            webhook: this.webhook,
          }),
        },
      },
    });
  }
}

/** What cannot be asked of a release that comes from its own manifests. */
function manifestProblems({ version, namePrefix, serviceMonitor }: BareMetalOperatorProps): string[] {
  return [
    ...(version === undefined ? ['version: must be given with manifests, which do not say what BMO understands'] : []),
    ...(serviceMonitor ? ['serviceMonitor: manifests have what they have: leave it out'] : []),
    ...(namePrefix === undefined ? [] : ['namePrefix: manifests have names of their own: leave it out']),
  ];
}

/** A CRD whose objects clusterctl knows; it moves the hosts, and with them what they own. */
function movedByClusterctl<T extends Pick<Manifest, 'kind' | 'metadata'>>(object: T): T {
  if (object.kind !== 'CustomResourceDefinition') return object;
  const { metadata } = object;
  const label = 'clusterctl.cluster.x-k8s.io';
  const hierarchy = metadata.name.startsWith('baremetalhosts.') ? { [`${label}/move-hierarchy`]: '' } : undefined;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [label]: '', ...hierarchy } } };
}
