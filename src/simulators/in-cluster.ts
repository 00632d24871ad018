import type { ComponentMetrics } from '../../lib/components/component';
import { TestbedError } from '../../lib/errors';
import {
  deploymentPath,
  podSelector,
  readyPods,
  readyPodsAt,
  readyPodsOfSet,
  statefulSetPath,
  whyNotAvailable,
  whyNotReady,
  type Deployment,
} from '../install/workloads';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import type { NamespacedName } from '../kubernetes/objects';
import { portForward } from '../kubernetes/port-forward';
import { collectionPath } from '../kubernetes/rest-mapper';
import { POD } from '../measure/metrics/operator';
import { MAX_METRIC_BYTES } from '../measure/metrics/samples';
import { pause } from '../util/pause';
import { waitFor } from '../util/wait-for';
import type { KillOptions, MetricsSource, OpenSimulators, SimulatorMember, Simulators } from './simulators';

/** Simulators in the cluster, as their Deployments are found there. */
export class OpenDeployments implements OpenSimulators {
  readonly place = 'cluster';

  constructor(
    protected readonly client: KubernetesClient,
    protected readonly deployments: readonly NamespacedName[],
  ) {}

  /** The first is enough: who reads it looks for the others once that is mended. */
  async problems(): Promise<readonly string[]> {
    for (const deployment of this.deployments) {
      try {
        const problem = await whyNotAvailable(this.client, deployment);
        if (problem !== undefined) return [problem];
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        return [`the Deployment ${deployment.namespace}/${deployment.name} is gone`];
      }
    }
    return [];
  }

  stop(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

export interface DeploymentsProps {
  readonly kind: string;
  readonly client: KubernetesClient;
  /** One for each member. */
  readonly deployments: readonly NamespacedName[];
  readonly members: readonly SimulatorMember[];
  readonly version: () => Promise<string>;
  /** Where their pods serve metrics. */
  readonly metrics: ComponentMetrics | undefined;
}

/** Operators that an install has brought to work. */
export class SimulatorDeployments extends OpenDeployments implements Simulators {
  constructor(private readonly props: DeploymentsProps) {
    super(props.client, props.deployments);
  }

  get kind(): string {
    return this.props.kind;
  }

  get members(): readonly SimulatorMember[] {
    return this.props.members;
  }

  get measured(): ComponentMetrics | undefined {
    return this.props.metrics;
  }

  /** Nothing is left to do: an install returns once they are available. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  version(): Promise<string> {
    return this.props.version();
  }

  metrics(i: number): MetricsSource {
    const deployment = this.deployments[i];
    const { metrics } = this.props;
    if (deployment === undefined || metrics === undefined) return { url: () => undefined };
    return podMetrics(this.client, deployment, metrics);
  }

  async kill(options: KillOptions): Promise<void> {
    const { position } = options;
    const killed = position === undefined ? this.deployments : this.deployments.slice(position, position + 1);
    for (const deployment of killed)
      await killDeployment(this.client, deployment, {
        ...options,
        task: `operator ${deployment.namespace}/${deployment.name}`,
      });
  }

  /** New pods take a minute, for which a run is not held up. */
  forget(): Promise<void> {
    return Promise.resolve();
  }
}

/** Kills a Deployment and waits until it is back: see {@link killWorkload}. */
export function killDeployment(
  client: KubernetesClient,
  deployment: NamespacedName,
  options: KillWorkloadOptions,
): Promise<void> {
  return killWorkload(client, deploymentPath(deployment), () => whyNotAvailable(client, deployment), options);
}

/** The same of a StatefulSet. */
export function killStatefulSet(
  client: KubernetesClient,
  set: NamespacedName,
  options: KillWorkloadOptions,
): Promise<void> {
  return killWorkload(client, statefulSetPath(set), () => whyNotReady(client, set), options);
}

type KillWorkloadOptions = Omit<KillOptions, 'position'> & { readonly task: string };

/**
 * Kills all pods of a workload and waits until it is back. They are deleted without grace; to keep it down for a while, it is
 * scaled to none for that long.
 */
async function killWorkload(
  client: KubernetesClient,
  path: string,
  whyNot: () => Promise<string | undefined>,
  { downMs, deadlineMs, task, listener, signal }: KillWorkloadOptions,
): Promise<void> {
  const { metadata, spec } = await client.request<Deployment>('GET', path);
  const { namespace } = metadata;
  const killed = new Set((await readyPodsAt(client, path)).map(({ uid }) => uid));
  const scale = (replicas: number) =>
    client.request('PATCH', path, {
      // Where the run is killed meanwhile, `up` takes back what was changed under this name.
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas } },
    });
  try {
    if (downMs > 0) await scale(0);
    await client.request('DELETE', collectionPath('v1', 'pods', namespace), {
      query: { labelSelector: podSelector(spec), gracePeriodSeconds: 0 },
    });
    await pause(downMs, signal);
  } finally {
    // Also where the run is interrupted.
    // None are wanted where a run before was killed meanwhile.
    if (downMs > 0) await scale(spec.replicas || 1);
  }
  await waitFor({ task, deadlineMs, listener, signal }, async () => {
    // The Deployment itself notices a moment later that its pods are gone.
    const ready = await readyPodsAt(client, path);
    const isBack = ready.length > 0 && !ready.some(({ uid }) => killed.has(uid));
    return (await whyNot()) ?? (isBack ? undefined : 'its new pods are not ready');
  });
}

/** The pod of a Deployment serves its metrics to who is in the cluster, and to who comes through the API server. */
export function podMetrics(
  client: KubernetesClient,
  deployment: NamespacedName,
  { scheme, path, port }: ComponentMetrics,
): MetricsSource {
  const { namespace } = deployment;
  // What is read in plain text anybody may read, so that the API server may ask for it.
  if (scheme === 'http')
    return {
      url: () => undefined,
      lines: (signal) => linesOfPods(client, namespace, () => readyPods(client, deployment), { path, port }, signal),
    };
  return {
    // Nobody asks for this name: the connection is there already.
    url: () => `${scheme}://${deployment.name}.${namespace}${path}`,
    open: async () => {
      const [name] = await readyPods(client, deployment);
      if (name === undefined) throw new TestbedError('environment', `${deployment.name} does not run`);
      return portForward(client, { namespace, name, port });
    },
  };
}

/** What pods serve in plain text, through the API server, with the pod of each value. */
export async function* linesOfPods(
  client: KubernetesClient,
  namespace: string,
  pods: () => Promise<readonly string[]>,
  { path, port }: Pick<ComponentMetrics, 'path' | 'port'>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const names = await pods();
  if (names.length === 0) throw new TestbedError('environment', `no pod is ready in namespace ${namespace}`);
  for (const name of names) {
    const proxy = `${collectionPath('v1', 'pods', namespace)}/${name}:${port}/proxy${path}`;
    const options = { accept: 'text/plain', maxLineBytes: MAX_METRIC_BYTES, signal };
    for await (const line of client.lines(proxy, options)) yield ofPod(line, name);
  }
}

const METRIC = /^([a-zA-Z_:][\w:]*)(\{?)/;

/** A line with the pod that it is of. */
function ofPod(line: string, pod: string): string {
  return line.replace(METRIC, (_, name: string, open: string) =>
    open === '' ? `${name}{${POD}="${pod}"}` : `${name}{${POD}="${pod}",`,
  );
}

/** What the API of workload clusters tells of itself where it is the pods of a StatefulSet. */
export function statefulMetrics(
  client: KubernetesClient,
  set: NamespacedName,
  { path, port }: Pick<ComponentMetrics, 'path' | 'port'>,
): MetricsSource {
  const pods = () => readyPodsOfSet(client, set);
  return { url: () => undefined, lines: (signal) => linesOfPods(client, set.namespace, pods, { path, port }, signal) };
}
