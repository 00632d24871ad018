import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { invalidInput } from '../../errors';
import { componentArguments } from './arguments';
import { clusterScoped } from '../../cluster-scoped';
import { customResourceDefinitions } from './crds';
import { componentLabels, selectorLabels } from './labels';
import { defaultKubeApiBurst, defaultKubeApiQps, defaultVersion, propProblems, type CertManagerProps } from './options';
import { componentPod, podAnnotations } from './pods';
import { certManagerComponents, isAtLeast, type CertManagerComponent, type CertManagerVersion } from './releases';
import { clusterRoles, leaderElectionRoles, webhookServingRole, type ReleaseRole } from './roles';
import { servicePorts } from './services';
import { mutatingWebhook, validatingWebhook } from './webhooks';

/** The order in which the release lists the components. */
const installOrder = ['cainjector', 'controller', 'webhook'] as const satisfies readonly CertManagerComponent[];

/**
 * cert-manager: the static install of a release, complete. Without props it is the release as it is.
 *
 * The names of its objects are those of the release whatever the namespace, so a cluster has one cert-manager. It is
 * ready when its Deployments are available and its cainjector has written the CA into its own webhooks.
 */
export class CertManager extends Construct {
  readonly version: CertManagerVersion;
  readonly namespaceName: string;
  readonly leaderElectionNamespace: string;
  readonly imageRegistry: string;
  /** Requests a second of the controller to the Kubernetes API. */
  readonly kubeApiQps: number;
  /** Requests at once of the controller to the Kubernetes API. */
  readonly kubeApiBurst: number;

  /** The Deployment of each component; its ServiceAccount, and its Service where it has one, are called the same. */
  readonly deploymentNames: Readonly<Record<CertManagerComponent, string>> = {
    controller: 'cert-manager',
    webhook: 'cert-manager-webhook',
    cainjector: 'cert-manager-cainjector',
  };
  /** The container of each component. */
  readonly containerNames: Readonly<Record<CertManagerComponent, string>> = {
    controller: 'cert-manager-controller',
    webhook: 'cert-manager-webhook',
    cainjector: 'cert-manager-cainjector',
  };
  /** What both webhook configurations are called. */
  readonly webhookConfigurationName = 'cert-manager-webhook';
  /** The Secret in which the webhook keeps its CA. It makes the Secret itself. */
  readonly webhookCaSecretName = 'cert-manager-webhook-ca';

  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: CertManagerProps = {}) {
    super(scope, id);

    const problems = propProblems(props);
    if (problems.length > 0) throw invalidInput(problems.map((problem) => `${this.node.path}: ${problem}`).join('\n'));

    this.version = props.version ?? defaultVersion;
    this.namespaceName = props.namespace ?? 'cert-manager';
    this.leaderElectionNamespace = props.leaderElectionNamespace ?? 'kube-system';
    this.imageRegistry = props.imageRegistry ?? 'quay.io/jetstack';
    this.kubeApiQps = props.kubeApiQps ?? defaultKubeApiQps;
    this.kubeApiBurst = props.kubeApiBurst ?? defaultKubeApiBurst;

    if (props.createNamespace ?? true) this.addNamespace();
    if (props.crds ?? true) this.addCustomResourceDefinitions();
    this.addServiceAccounts();
    if (!isAtLeast(this.version, 'v1.21.1')) this.addWebhookConfigMap();
    this.addPermissions();
    for (const component of installOrder) this.addService(component);
    for (const component of installOrder) this.addDeployment(component, props);
    this.addWebhooks();
  }

  /** All objects, in an order in which they can be applied: what is needed stands before what needs it. */
  get apiObjects(): ApiObject[] {
    return this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
  }

  /** The images of the components, and of the pod that answers HTTP-01 challenges: what to load for a cluster. */
  get images(): readonly string[] {
    return [...certManagerComponents.map((component) => this.image(component)), this.image('acmesolver')];
  }

  private image(program: CertManagerComponent | 'acmesolver'): string {
    return `${this.imageRegistry}/cert-manager-${program}:${this.version}`;
  }

  private addNamespace(): void {
    clusterScoped(new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: this.namespaceName } }));
  }

  private addCustomResourceDefinitions(): void {
    for (const crd of customResourceDefinitions(this.version)) {
      const { name, labels, annotations } = crd.metadata;
      clusterScoped(
        new ApiObject(this, name, {
          ...crd,
          metadata: { name, labels, annotations },
        }),
      );
    }
  }

  private addServiceAccounts(): void {
    for (const component of installOrder) {
      new k8s.KubeServiceAccount(this, `ServiceAccount-${component}`, {
        metadata: this.metadata(component),
        automountServiceAccountToken: true,
      });
    }
  }

  /** Empty: a place for the webhook's configuration, which nothing reads unless it is told to. */
  private addWebhookConfigMap(): void {
    new k8s.KubeConfigMap(this, 'WebhookConfigMap', { metadata: this.metadata('webhook') });
  }

  private addPermissions(): void {
    for (const role of clusterRoles(this.version)) this.addClusterRole(role);
    for (const role of leaderElectionRoles(this.version)) this.addRole(role, this.leaderElectionNamespace);
    this.addRole(webhookServingRole(this.version, this.webhookCaSecretName), this.namespaceName);
  }

  private addClusterRole({ name, labels, rules, boundTo }: ReleaseRole): void {
    const metadata = { name, labels };
    clusterScoped(new k8s.KubeClusterRole(this, `ClusterRole-${name}`, { metadata, rules }));
    if (boundTo === undefined) return;
    clusterScoped(
      new k8s.KubeClusterRoleBinding(this, `ClusterRoleBinding-${name}`, {
        metadata,
        roleRef: roleRef('ClusterRole', name),
        subjects: [this.serviceAccount(boundTo)],
      }),
    );
  }

  private addRole({ name, labels, rules, boundTo }: ReleaseRole, namespace: string): void {
    const metadata = { name, namespace, labels };
    new k8s.KubeRole(this, `Role-${name}`, { metadata, rules });
    if (boundTo === undefined) return;
    new k8s.KubeRoleBinding(this, `RoleBinding-${name}`, {
      metadata,
      roleRef: roleRef('Role', name),
      subjects: [this.serviceAccount(boundTo)],
    });
  }

  private addService(component: CertManagerComponent): void {
    const ports = servicePorts(this.version, component);
    if (ports.length === 0) return;
    new k8s.KubeService(this, `Service-${component}`, {
      metadata: this.metadata(component),
      spec: { type: 'ClusterIP', ports, selector: selectorLabels(component) },
    });
  }

  private addDeployment(component: CertManagerComponent, props: CertManagerProps): void {
    const { version } = this;
    const annotations = podAnnotations(version, component);
    new k8s.KubeDeployment(this, `Deployment-${component}`, {
      metadata: this.metadata(component),
      spec: {
        replicas: props.replicas?.[component] ?? 1,
        selector: { matchLabels: selectorLabels(component) },
        template: {
          metadata: {
            labels: componentLabels(version, component),
            annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
          },
          spec: componentPod({
            version,
            component,
            image: this.image(component),
            imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
            args: componentArguments(component, props, {
              acmeSolverImage: this.image('acmesolver'),
              webhookServiceName: this.deploymentNames.webhook,
              webhookCaSecretName: this.webhookCaSecretName,
            }),
            containerName: this.containerNames[component],
            serviceAccountName: this.deploymentNames[component],
            resources: props.resources?.[component],
          }),
        },
      },
    });
  }

  private addWebhooks(): void {
    const metadata = {
      name: this.webhookConfigurationName,
      labels: componentLabels(this.version, 'webhook'),
      annotations: {
        'cert-manager.io/inject-ca-from-secret': `${this.namespaceName}/${this.webhookCaSecretName}`,
      },
    };
    const webhook = {
      version: this.version,
      namespace: this.namespaceName,
      serviceName: this.deploymentNames.webhook,
    };
    clusterScoped(
      new k8s.KubeMutatingWebhookConfiguration(this, 'MutatingWebhook', {
        metadata,
        webhooks: [mutatingWebhook(webhook)],
      }),
    );
    clusterScoped(
      new k8s.KubeValidatingWebhookConfiguration(this, 'ValidatingWebhook', {
        metadata,
        webhooks: [validatingWebhook(webhook)],
      }),
    );
  }

  private metadata(component: CertManagerComponent): k8s.ObjectMeta {
    return {
      name: this.deploymentNames[component],
      namespace: this.namespaceName,
      labels: componentLabels(this.version, component),
    };
  }

  private serviceAccount(component: CertManagerComponent): k8s.Subject {
    return { kind: 'ServiceAccount', name: this.deploymentNames[component], namespace: this.namespaceName };
  }
}

function roleRef(kind: 'ClusterRole' | 'Role', name: string): k8s.RoleRef {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}
