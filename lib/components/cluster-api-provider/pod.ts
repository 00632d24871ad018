import type { ComputeResources } from '../compute-resources';
import { metricsPort, webhookPort } from './arguments';
import type { PodRelease } from './release';

export const containerName = 'manager';

interface ManagerPodProps {
  readonly release: PodRelease;
  readonly args: readonly string[];
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly resources: ComputeResources | undefined;
  readonly serviceAccountName: string;
  readonly certificateSecretName: string;
  /** Where it has its environment from. */
  readonly configMapName: string | undefined;
}

/** The pod that a manager runs in. */
export function managerPod(props: ManagerPodProps): object {
  return {
    serviceAccountName: props.serviceAccountName,
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    // It runs on the control plane where nothing else is there.
    tolerations: ['master', 'control-plane'].map((role) => ({
      effect: 'NoSchedule',
      key: `node-role.kubernetes.io/${role}`,
    })),
    containers: [managerContainer(props)],
    volumes: [
      {
        name: 'cert',
        secret: { secretName: props.certificateSecretName, defaultMode: props.release.certificateMode },
      },
    ],
  };
}

function managerContainer(props: ManagerPodProps): object {
  const { release, resources, configMapName } = props;
  return {
    name: containerName,
    image: props.image,
    imagePullPolicy: props.imagePullPolicy,
    command: ['/manager'],
    args: [...props.args],
    env: release.knowsItself ? ['namespace', 'name', 'uid'].map(aboutItself) : undefined,
    envFrom: configMapName === undefined ? undefined : [{ configMapRef: { name: configMapName } }],
    ports: [
      { name: release.webhookPortName, containerPort: webhookPort, protocol: 'TCP' },
      { name: 'healthz', containerPort: 9440, protocol: 'TCP' },
      { name: 'metrics', containerPort: metricsPort, protocol: 'TCP' },
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
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources,
    volumeMounts: [{ name: 'cert', mountPath: '/tmp/k8s-webhook-server/serving-certs', readOnly: true }],
  };
}

function aboutItself(field: string): object {
  return { name: `POD_${field.toUpperCase()}`, valueFrom: { fieldRef: { fieldPath: `metadata.${field}` } } };
}

function probe(path: string): object {
  return { httpGet: { path, port: 'healthz' } };
}
