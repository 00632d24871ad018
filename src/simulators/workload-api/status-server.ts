/** What the simulator says of itself, on a port of its own: health, metrics, and requests while somebody looks. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AnsweredRequest } from './request-counts';
import type { WorkloadApi } from './workload-api';

/** Lines that may wait for who looks at requests; those that it is too slow for are left out. */
const MOST_WAITING_BYTES = 1024 * 1024;
const MOST_LOOKING = 10;
/** Clusters that are named where they cannot be served. */
const MOST_SHOWN = 3;

export function statusServer(api: WorkloadApi): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (request.method !== 'GET') return answer(response, 405, 'only GET is answered\n');
    // One cluster that cannot be served is no reason to wait for all the others.
    if (path === '/readyz') return answerHealth(response, api.problem);
    if (path === '/healthz') return answerHealth(response, api.problem ?? someOf(api.unserved));
    if (path === '/endpoints') return answer(response, 200, api.endpoints.map((address) => `${address}\n`).join(''));
    if (path === '/metrics') return answer(response, 200, metrics(api));
    if (path === '/requests') return showRequests(api, response);
    return answer(response, 404, 'there are /healthz, /readyz, /endpoints, /metrics and /requests\n');
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

function metrics(api: WorkloadApi): string {
  const { clusters, endpoints, nodes, watches, connections } = api.sizes;
  const { user, system } = process.cpuUsage();
  const gauges: readonly (readonly [name: string, help: string, value: number])[] = [
    ['workload_api_clusters', 'Workload clusters that are simulated.', clusters],
    ['workload_api_endpoints', 'Those whose API server listens.', endpoints],
    ['workload_api_nodes', 'Nodes of all clusters.', nodes],
    ['workload_api_watches', 'Watches that are open.', watches],
    ['workload_api_connections', 'Connections of clients.', connections],
    ['process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()],
  ];
  const counted = [...api.counts.counts].map(([labels, count]) => `workload_api_requests_total{${labels}} ${count}`);
  return [
    ...gauges.flatMap(([name, help, value]) => [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`]),
    '# HELP process_cpu_seconds_total CPU time, user and system.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    '# HELP workload_api_requests_total Requests that have been answered.',
    '# TYPE workload_api_requests_total counter',
    ...counted,
    '',
  ].join('\n');
}
