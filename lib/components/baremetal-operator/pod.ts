import { k8s } from 'cdk8s-plus-27';
import type { OperatorCommand } from './arguments';
import { certificateSecretName, webhookPort } from './webhook';

/** Requests and limits of a container, as Kubernetes quantities by resource: `{ cpu: '500m', memory: '1Gi' }`. */
export interface ComputeResources {
  /**
   * What the container is promised at least.
   * @default - none
   */
  readonly requests?: Readonly<Record<string, string>> | undefined;
  /**
   * What the container is allowed at most.
   * @default - none
   */
  readonly limits?: Readonly<Record<string, string>> | undefined;
}

export const containerName = 'manager';
export const metricsPort = 8443;
const healthPort = 9440;

interface OperatorPodProps extends OperatorCommand {
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly resources: ComputeResources | undefined;
  readonly serviceAccountName: string;
  readonly ironicConfigMapName: string;
  readonly webhook: boolean;
}

/** The pod that BMO runs in. */
export function operatorPod(props: OperatorPodProps): k8s.PodSpec {
  return {
    serviceAccountName: props.serviceAccountName,
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [managerContainer(props)],
    volumes: props.webhook
      ? [{ name: 'cert', secret: { secretName: certificateSecretName, defaultMode: 0o644 } }]
      : undefined,
  };
}

function managerContainer(props: OperatorPodProps): k8s.Container {
  return {
    name: containerName,
    image: props.image,
    imagePullPolicy: props.imagePullPolicy,
    command: ['/baremetal-operator'],
    args: [...props.args],
    envFrom: [{ configMapRef: { name: props.ironicConfigMapName } }],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      ...Object.entries(props.env).map(([name, value]) => ({ name, value })),
    ],
    ports: [
      ...(props.webhook ? [{ name: 'webhook-server', containerPort: webhookPort, protocol: 'TCP' }] : []),
      { name: 'https', containerPort: metricsPort, protocol: 'TCP' },
    ],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/readyz'),
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      runAsUser: 65532,
      runAsGroup: 65532,
      capabilities: { drop: ['ALL'] },
    },
    resources: props.resources && resourceRequirements(props.resources),
    volumeMounts: props.webhook
      ? [{ name: 'cert', mountPath: '/tmp/k8s-webhook-server/serving-certs', readOnly: true }]
      : undefined,
  };
}

function probe(path: string): k8s.Probe {
  return {
    httpGet: { path, port: k8s.IntOrString.fromNumber(healthPort) },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 2,
    successThreshold: 1,
    failureThreshold: 10,
  };
}

function resourceRequirements({ requests, limits }: ComputeResources): k8s.ResourceRequirements {
  return { requests: requests && quantities(requests), limits: limits && quantities(limits) };
}

function quantities(resources: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(resources).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));
}

/** As the API server reads a quantity: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantityPattern = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** What is wrong with the quantities: one sentence a problem. */
export function resourceProblems(resources: ComputeResources): string[] {
  return (['requests', 'limits'] as const).flatMap((part) =>
    Object.entries(resources[part] ?? {})
      .filter(([, quantity]) => !quantityPattern.test(quantity))
      .map(
        ([name, quantity]) => `resources.${part}.${name}: must be a quantity such as 500m or 1Gi; given '${quantity}'`,
      ),
  );
}
