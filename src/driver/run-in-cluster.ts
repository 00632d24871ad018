/**
 * Runs a scenario in the cluster: a Job does what `run` does here. It goes on when whoever started it goes away, and whoever
 * asks again follows it. A pod that is moved or killed is replaced by one that goes on where it was.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { invalidInput, TestbedError, type ErrorCode } from '../../lib/errors';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath, RESTMapper } from '../kubernetes/rest-mapper';
import { serverSideApply } from '../kubernetes/server-side-apply';
import { DRIVER, driverNamespace } from './names';
import { driverObjects, type DriverProps } from './objects';
import { reportPlace, storedText } from './store';

export interface FollowOptions {
  /** Told each line that the run writes, and what becomes of its pods. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How a run in the cluster has ended. */
export interface EndedRun {
  /** What `run` ended with: 0, or another exit code of the command. */
  readonly code: number;
  /** `report.json`; undefined where it has none: it ended before its scenario. */
  readonly report: string | undefined;
}

interface Job {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface Pod {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: { readonly exitCode: number };
      };
    }[];
  };
}

const LOOK_MS = 1_000;
const LINE = /^(\S+) (.*)$/;

/**
 * Refuses what a pod could not do.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function requireInCluster(
  { kwok, workloadApi, clusterSets, operators }: ResolvedTestbed,
  { simulator, bmoBinary }: { readonly simulator?: string | undefined; readonly bmoBinary?: unknown },
): void {
  if (simulator !== undefined || bmoBinary !== undefined)
    throw invalidInput(
      `--in-cluster: the driver has no programs beside it: leave out ${bmoBinary === undefined ? '--simulator' : '--bmo-binary'}, and describe kwok where the operator is not to simulate the hosts`,
    );
  if (kwok === undefined && operators.length === 0)
    throw invalidInput('--in-cluster: nothing in the cluster simulates the hosts: describe kwok, or an operator');
  if (clusterSets.length > 0 && workloadApi === undefined)
    throw invalidInput('--in-cluster: the API of the clusters has to be in the cluster too: describe workloadApi');
}

export async function isDriverThere(client: KubernetesClient, id: string): Promise<boolean> {
  return (await jobIn(client, driverNamespace(id))) !== undefined;
}

/** Starts it, on a testbed that is there but for its hosts and clusters. */
export async function startDriver(client: KubernetesClient, props: DriverProps): Promise<void> {
  const mapper = new RESTMapper(client);
  for (const object of driverObjects(props))
    await serverSideApply(client, await mapper.pathOf(object), object, FIELD_MANAGER);
}

/** Waits until it has ended. Interrupted, it leaves it at work. */
export async function followDriver(
  client: KubernetesClient,
  id: string,
  { onLine, signal }: FollowOptions,
): Promise<EndedRun> {
  const namespace = driverNamespace(id);
  const logs = new Logs(client, namespace, onLine);
  let said = '';
  for (;;) {
    signal?.throwIfAborted();
    const job = await jobIn(client, namespace);
    if (job === undefined)
      throw new TestbedError('cluster', `the run in the cluster is gone: somebody has deleted the Job in ${namespace}`);
    const pods = await podsIn(client, namespace);
    const pod = pods.at(-1);
    await logs.read(pod);
    const ended = job.status?.conditions?.find(
      ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
    );
    if (ended !== undefined) {
      const exited = pod?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
      const code = ended.type === 'Complete' ? 0 : (exited ?? 1);
      if (code !== 0 && exited === undefined) onLine(`the run has failed: ${ended.message ?? 'no reason given'}`);
      return { code, report: await storedText(reportPlace(client, namespace)) };
    }
    const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
    const problem = waiting?.message === undefined ? '' : `its pod waits: ${waiting.reason ?? ''}: ${waiting.message}`;
    if (problem !== '' && problem !== said) onLine(problem);
    said = problem;
    await pause(LOOK_MS, undefined, { signal });
  }
}

/** What a run ended with, as an error of this command. */
export function endOf(code: number): TestbedError | undefined {
  if (code === 0) return undefined;
  const kind: Readonly<Record<number, ErrorCode>> = { 2: 'invalid-input', 3: 'environment', 4: 'timeout' };
  return new TestbedError(kind[code] ?? 'cluster', `the run in the cluster ended with ${code}: its last lines say why`);
}

function jobIn(client: KubernetesClient, namespace: string): Promise<Job | undefined> {
  return ignoreNotFound(client.request<Job>('GET', `${collectionPath('batch/v1', 'jobs', namespace)}/${DRIVER}`));
}

/** The oldest first. */
async function podsIn(client: KubernetesClient, namespace: string): Promise<readonly Pod[]> {
  const { items } = await client.request<{ readonly items: readonly Pod[] }>(
    'GET',
    collectionPath('v1', 'pods', namespace),
    { query: { labelSelector: `app.kubernetes.io/name=${DRIVER}` } },
  );
  return items.toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
}

/** What pods write, each line once. */
class Logs {
  private pod = '';
  private last = '';

  constructor(
    private readonly client: KubernetesClient,
    private readonly namespace: string,
    private readonly onLine: (line: string) => void,
  ) {}

  async read(pod: Pod | undefined): Promise<void> {
    if (pod === undefined || pod.status?.phase === 'Pending') return;
    const { name } = pod.metadata;
    if (this.pod !== name) {
      if (this.pod !== '') this.onLine(`pod ${name} takes the place of ${this.pod}, and goes on`);
      this.pod = name;
      this.last = '';
    }
    const path = `${collectionPath('v1', 'pods', this.namespace)}/${name}/log`;
    const query = { timestamps: true, sinceTime: this.last === '' ? undefined : this.last };
    let text: string;
    try {
      // Whoever asks for text alone is refused: the API server takes the kinds that its objects have.
      ({ text } = await this.client.answer('GET', path, { query, retryMs: 0 }));
    } catch (error) {
      // A pod that is gone or not begun has no log; the next look tells.
      if (error instanceof ApiError) return;
      throw error;
    }
    for (const line of text.split('\n')) {
      const [, time = '', message = ''] = LINE.exec(line) ?? [];
      // `sinceTime` is of whole seconds. Times have as many digits each.
      if (time === '' || time <= this.last) continue;
      this.last = time;
      this.onLine(message);
    }
  }
}
