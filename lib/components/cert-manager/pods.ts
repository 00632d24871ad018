import { k8s } from 'cdk8s-plus-27';
import { isAtLeast, type CertManagerComponent, type CertManagerVersion } from './releases';

/** Requests and limits of a container, by resource: `{ requests: { cpu: '100m', memory: '128Mi' } }`. */
export interface CertManagerResources {
  /**
   * What the container is promised at least.
   * @default - none
   */
  readonly requests?: Readonly<Record<string, number | string>> | undefined;
  /**
   * What the container is allowed at most.
   * @default - none
   */
  readonly limits?: Readonly<Record<string, number | string>> | undefined;
}

interface PodProps {
  readonly version: CertManagerVersion;
  readonly component: CertManagerComponent;
  readonly containerName: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly args: readonly string[];
  readonly serviceAccountName: string;
  readonly resources: CertManagerResources | undefined;
}

/** Where every component serves its metrics. */
export const metricsPort = 9402;
/** Where the webhook serves admission reviews; its Service finds the port by its name, `https`. */
export const webhookPort = 10250;
const webhookHealthPort = 6080;
const controllerHealthPort = 9403;

/** What makes a Prometheus that looks for annotations read the metrics of a component's pods. */
export function podAnnotations(version: CertManagerVersion, component: CertManagerComponent): Record<string, string> {
  if (!servesMetrics(version, component)) return {};
  return {
    'prometheus.io/path': '/metrics',
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(metricsPort),
  };
}

/** The pod of a component as the release runs it. */
export function componentPod(props: PodProps): k8s.PodSpec {
  const { version, component, resources } = props;
  const isNewest = isAtLeast(version, 'v1.21.1');
  const ports = containerPorts(version, component);
  return {
    serviceAccountName: props.serviceAccountName,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    enableServiceLinks: isNewest ? false : undefined,
    containers: [
      {
        name: props.containerName,
        image: props.image,
        imagePullPolicy: props.imagePullPolicy,
        args: [...props.args],
        env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
        ports: ports.length > 0 ? ports : undefined,
        ...probes(version, component),
        resources: resources && quantities(resources),
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: isNewest ? true : undefined,
        },
      },
    ],
  };
}

/** In v1.11.0 the controller alone has metrics. */
function servesMetrics(version: CertManagerVersion, component: CertManagerComponent): boolean {
  return component === 'controller' || isAtLeast(version, 'v1.21.1');
}

function containerPorts(version: CertManagerVersion, component: CertManagerComponent): k8s.ContainerPort[] {
  const own: Record<CertManagerComponent, k8s.ContainerPort[]> = {
    controller: isAtLeast(version, 'v1.21.1') ? [port('http-healthz', controllerHealthPort)] : [],
    webhook: [port('https', webhookPort), port('healthcheck', webhookHealthPort)],
    cainjector: [],
  };
  const metrics = servesMetrics(version, component) ? [port('http-metrics', metricsPort)] : [];
  // The webhook's metrics came last, and stand there.
  return component === 'webhook' ? [...own.webhook, ...metrics] : [...metrics, ...own[component]];
}

function port(name: string, containerPort: number): k8s.ContainerPort {
  return { name, containerPort, protocol: 'TCP' };
}

type Probes = Pick<k8s.Container, 'livenessProbe' | 'readinessProbe'>;

function probes(version: CertManagerVersion, component: CertManagerComponent): Probes {
  const isNewest = isAtLeast(version, 'v1.21.1');
  switch (component) {
    case 'controller':
      if (!isNewest) return {};
      return {
        livenessProbe: probe('/livez', k8s.IntOrString.fromString('http-healthz'), {
          initialDelaySeconds: 10,
          periodSeconds: 10,
          timeoutSeconds: 15,
          failureThreshold: 8,
        }),
      };
    case 'webhook': {
      const health = isNewest
        ? k8s.IntOrString.fromString('healthcheck')
        : k8s.IntOrString.fromNumber(webhookHealthPort);
      return {
        livenessProbe: probe('/livez', health, {
          initialDelaySeconds: 60,
          periodSeconds: 10,
          timeoutSeconds: 1,
          failureThreshold: 3,
        }),
        readinessProbe: probe('/healthz', health, {
          initialDelaySeconds: 5,
          periodSeconds: 5,
          timeoutSeconds: 1,
          failureThreshold: 3,
        }),
      };
    }
    case 'cainjector':
      return {};
  }
}

function probe(path: string, port: k8s.IntOrString, timing: k8s.Probe): k8s.Probe {
  return { httpGet: { path, port, scheme: 'HTTP' }, successThreshold: 1, ...timing };
}

function quantities({ requests, limits }: CertManagerResources): k8s.ResourceRequirements {
  return { requests: requests && asQuantities(requests), limits: limits && asQuantities(limits) };
}

function asQuantities(amounts: Readonly<Record<string, number | string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(amounts).map(([resource, amount]) => [
      resource,
      typeof amount === 'number' ? k8s.Quantity.fromNumber(amount) : k8s.Quantity.fromString(amount),
    ]),
  );
}
