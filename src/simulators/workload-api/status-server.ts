/** What the simulator says of itself, on a port of its own: health, metrics, and requests while somebody looks. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AnsweredRequest } from './request-counts';
import type { WorkloadApi } from './workload-api';

/** Lines that may wait for who looks at requests; those that it is too slow for are left out. */
const MOST_WAITING_BYTES = 1024 * 1024;
const MOST_LOOKING = 10;
/** Clusters that are named where they cannot be served. */
const MOST_SHOWN = 3;

const PATHS = '/healthz, /readyz, /endpoints, /metrics, /metrics/clusters, /requests and /faults';

export function statusServer(api: WorkloadApi): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (request.method !== 'GET') return answer(response, 405, 'only GET is answered\n');
    // One cluster that cannot be served is no reason to wait for all the others.
    if (path === '/readyz') return answerHealth(response, api.problem);
    if (path === '/healthz') return answerHealth(response, api.problem ?? someOf(api.unserved));
    if (path === '/endpoints') return answer(response, 200, api.endpoints.map((address) => `${address}\n`).join(''));
    if (path === '/metrics') return answer(response, 200, metrics(api));
    if (path === '/metrics/clusters') return answer(response, 200, clusterMetrics(api));
    if (path === '/requests') return showRequests(api, response);
    if (path === '/faults') return void showFaults(api, response);
    return answer(response, 404, `there are ${PATHS}\n`);
  });
  server.maxConnections = 50;
  return server;
}

function answerHealth(response: ServerResponse, problem: string | undefined): void {
  if (problem === undefined) answer(response, 200, 'ok\n');
  else answer(response, 503, `${problem}\n`);
}

/** The first of several problems, and how many more there are; undefined for none. */
function someOf(problems: readonly string[]): string | undefined {
  const more = problems.length - MOST_SHOWN;
  if (problems.length === 0) return undefined;
  return [...problems.slice(0, MOST_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function answer(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(text);
}

/** A line of JSON for each request from now on, until the connection ends. */
function showRequests({ counts }: WorkloadApi, response: ServerResponse): void {
  if (counts.listeners.size >= MOST_LOOKING) return answer(response, 429, 'too many look at requests already\n');
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  const listener = (request: AnsweredRequest) => {
    if (response.writableLength < MOST_WAITING_BYTES) response.write(`${JSON.stringify(request)}\n`);
  };
  counts.listeners.add(listener);
  response.on('close', () => counts.listeners.delete(listener));
}

/**
 * The faults in force, after a look at what is written down of them: whoever asks changes nothing, and who may write there is
 * known to the file system.
 */
async function showFaults(api: WorkloadApi, response: ServerResponse): Promise<void> {
  await api.reloadFaults();
  const shown = api.faults.all.map(({ id, fault, until, clusters }) => ({
    id,
    fault,
    until,
    clusters: clusters.length,
  }));
  answer(response, 200, `${JSON.stringify(shown)}\n`);
}

type Sample = readonly [labels: Readonly<Record<string, number | string>>, value: number];

function metrics(api: WorkloadApi): string {
  const { clusters, endpoints, nodes, watches, connections } = api.sizes;
  const { user, system } = process.cpuUsage();
  const counted = [...api.counts.all()].map(({ count, ...labels }): Sample => [labels, count]);
  const inForce = [...api.faults.clusters((key) => api.serves(key))].map(([fault, count]): Sample => [
    { fault },
    count,
  ]);
  const struck = [...api.faultCounts.counts].map(([fault, count]): Sample => [{ fault }, count]);
  return [
    metric('workload_api_clusters', 'gauge', 'Workload clusters that are simulated.', clusters),
    metric('workload_api_endpoints', 'gauge', 'Those whose API server listens.', endpoints),
    metric('workload_api_nodes', 'gauge', 'Nodes of all clusters.', nodes),
    metric('workload_api_watches', 'gauge', 'Watches that are open.', watches),
    metric('workload_api_connections', 'gauge', 'Connections of clients.', connections),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    metric('process_cpu_seconds_total', 'counter', 'CPU time, user and system.', (user + system) / 1e6),
    metric('workload_api_requests_total', 'counter', 'Requests that have been answered.', counted),
    metric('workload_api_faults', 'gauge', 'Clusters that a fault is in force for.', inForce),
    metric(
      'workload_api_faults_injected_total',
      'counter',
      'What faults have struck: requests, events, Nodes.',
      struck,
    ),
  ].join('');
}

/** What would be too much where somebody reads it every few seconds. */
function clusterMetrics(api: WorkloadApi): string {
  const counted = [...api.requestsByCluster()].map(({ key, count }): Sample => {
    const [namespace = '', cluster = ''] = key.split('/');
    return [{ namespace, cluster }, count];
  });
  return metric('workload_api_cluster_requests_total', 'counter', 'Requests to each cluster.', counted);
}

function metric(name: string, type: 'counter' | 'gauge', help: string, value: number | readonly Sample[]): string {
  const samples = typeof value === 'number' ? [[{}, value] as const] : value;
  const lines = samples.map(([labels, count]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${count}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
