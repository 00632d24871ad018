import { join } from 'node:path';
import type { ProcessForm } from '../../lib/components/component';

/** The API of workload clusters, among the processes of a testbed. */
export const WORKLOAD_API = 'workload-api';

const ANSWER_MS = 3_000;
/** Clusters are brought to what the faults say before it answers. */
const FAULTS_MS = 30_000;

/** A script of our own, which Node.js runs. */
const SCRIPT = join(__dirname, 'workload-api', 'main.js');
/** What it makes for an answer is soon gone: without these, 100 clusters take 50 MB and with them 28. */
const ARGUMENTS = ['--max-semi-space-size=4', SCRIPT];
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

/** How it is called. Its health and its metrics are at the address for its status. */
export function workloadApiForm(): ProcessForm {
  return {
    args: ARGUMENTS,
    env: ENVIRONMENT,
    at: ({ folder, kubeconfig, health }) => ({
      args: [...ARGUMENTS, '--kubeconfig', kubeconfig, '--status-address', health, '--faults-folder', folder],
      env: ENVIRONMENT,
      readyUrl: `http://${health}/readyz`,
      metricsUrl: `http://${health}/metrics`,
    }),
  };
}

/** @returns the addresses at which one that runs listens; none where it does not say so */
export async function endpointsServedBy(readyUrl: string): Promise<readonly string[]> {
  const answer = await ask('/endpoints', readyUrl);
  return answer?.ok ? answer.text.split('\n') : [];
}

/** @returns which clusters one that runs cannot serve, and why; undefined for none, and where it does not say so */
export async function unservedClusters(readyUrl: string): Promise<string | undefined> {
  const answer = await ask('/healthz', readyUrl);
  return answer === undefined || answer.ok ? undefined : answer.text;
}

/**
 * @param metricsUrl where one that runs shows its metrics
 * @returns how many requests each cluster has had, in no order; none where it does not say so
 */
export async function requestsPerCluster(metricsUrl: string | undefined): Promise<readonly number[]> {
  const answer = metricsUrl === undefined ? undefined : await ask('/metrics/clusters', metricsUrl);
  if (!answer?.ok) return [];
  return requestsIn(answer.text.split('\n'));
}

/** @param lines of `/metrics/clusters` */
export function requestsIn(lines: readonly string[]): readonly number[] {
  return lines
    .filter((line) => line.startsWith('workload_api_cluster_requests_total{'))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));
}

/**
 * Has one that runs look at the files of faults.
 *
 * @returns the ids of those that are in force then; undefined where it does not say so
 */
export async function faultsInForce(readyUrl: string): Promise<readonly string[] | undefined> {
  const answer = await ask('/faults', readyUrl, FAULTS_MS);
  return answer?.ok ? idsOfFaults(answer.text) : undefined;
}

/** The ids in what it says of its faults. */
export function idsOfFaults(text: string): readonly string[] {
  return (JSON.parse(text) as readonly { readonly id: string }[]).map(({ id }) => id);
}

async function ask(
  path: string,
  readyUrl: string,
  timeoutMs = ANSWER_MS,
): Promise<{ readonly ok: boolean; readonly text: string } | undefined> {
  try {
    const response = await fetch(new URL(path, readyUrl), { signal: AbortSignal.timeout(timeoutMs) });
    return { ok: response.ok, text: (await response.text()).trim() };
  } catch {
    return undefined;
  }
}
