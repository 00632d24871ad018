import { k8s } from 'cdk8s-plus-27';
import type { ComputeResources } from '../compute-resources';
import type { placed } from '../placement';
import type { OperatorCommand } from './arguments';
import { certificateSecretName, webhookPort } from './webhook';

export const containerName = 'manager';
export const metricsPort = 8443;
const healthPort = 9440;

interface OperatorPodProps extends OperatorCommand {
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly resources: ComputeResources | undefined;
  readonly placement: ReturnType<typeof placed>;
  readonly serviceAccountName: string;
  readonly ironicConfigMapName: string;
  readonly webhook: boolean;
}

/** The pod that BMO runs in. */
export function operatorPod(props: OperatorPodProps): k8s.PodSpec {
  return {
    serviceAccountName: props.serviceAccountName,
    terminationGracePeriodSeconds: 10,
    ...props.placement,
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
