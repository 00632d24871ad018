import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Agent, request, type buildConnector } from 'undici';
import { TestbedError } from '../../../lib/errors';
import { linesOf } from '../../kubernetes/lines';
import { MAX_METRIC_BYTES, type WantedFamily } from './samples';
import type { MetricsTarget } from './scraper';

/** What controller-runtime counts, of which nothing is by host; https://book.kubebuilder.io/reference/metrics-reference */
const RECONCILES: readonly WantedFamily[] = [
  { name: 'controller_runtime_reconcile_total', labels: ['controller', 'result'] },
  { name: 'controller_runtime_reconcile_time_seconds_bucket', labels: ['controller', 'le'] },
  { name: 'controller_runtime_reconcile_time_seconds_sum', labels: ['controller'] },
  { name: 'controller_runtime_reconcile_time_seconds_count', labels: ['controller'] },
  { name: 'workqueue_depth', labels: ['name'] },
  { name: 'workqueue_retries_total', labels: ['name'] },
  { name: 'workqueue_queue_duration_seconds_sum', labels: ['name'] },
  { name: 'workqueue_queue_duration_seconds_count', labels: ['name'] },
];
const PROCESS: readonly WantedFamily[] = [
  { name: 'process_cpu_seconds_total', labels: [] },
  { name: 'process_resident_memory_bytes', labels: [] },
];
const OF_OPERATOR: readonly WantedFamily[] = [
  ...RECONCILES,
  { name: 'rest_client_requests_total', labels: ['code', 'method'] },
  ...PROCESS,
];

/** The label by which values of several pods are kept apart. */
export const POD = 'pod';

/** What a manager of Cluster API asks. */
export type Asked = 'clusters' | 'management';

/**
 * What a manager tells of itself: as an operator does, of each of its controllers, and of the clusters whose API it asks only
 * all together, since there may be a thousand.
 *
 * @param isManagement whether a host and port are those of the management cluster
 */
export function managerFamilies(isManagement: (host: string) => boolean): readonly WantedFamily[] {
  const asked = (host: string): Asked => (isManagement(host) ? 'management' : 'clusters');
  return [
    ...RECONCILES,
    { name: 'controller_runtime_max_concurrent_reconciles', labels: ['controller'] },
    {
      name: 'rest_client_requests_total',
      labels: ['host', 'method', 'code'],
      shortened: (label, value) => (label === 'host' ? asked(value) : value),
    },
    ...['sum', 'count'].map((suffix) => ({
      name: `controller_runtime_webhook_latency_seconds_${suffix}`,
      labels: ['webhook'],
      // `/convert`, or `/mutate-` or `/validate-` and what.
      shortened: (_: string, value: string) => value.replace(/^\//, '').replace(/-.*$/, ''),
    })),
    { name: 'go_sync_mutex_wait_total_seconds_total', labels: [] },
    ...PROCESS,
  ];
}

/** What the API of workload clusters tells of itself. */
export const WORKLOAD_API_FAMILIES: readonly WantedFamily[] = [
  { name: 'workload_api_requests_total', labels: ['client', 'verb', 'code'] },
  { name: 'workload_api_faults_injected_total', labels: ['fault'] },
  ...['clusters', 'nodes', 'watches', 'connections'].map((what) => ({ name: `workload_api_${what}`, labels: [] })),
  ...PROCESS,
];

export interface OperatorMetricsProps {
  /** Where it serves its metrics now; undefined while it does not run. It is another address after each start. */
  readonly url: () => string | undefined;
  /**
   * Makes a connection to it.
   * @default - to the host and port of its URL
   */
  readonly open?: () => Promise<Duplex>;
  /**
   * What it serves. Where several programs are one, each value is labelled with its `pod`.
   * @default - what its URL answers
   */
  readonly lines?: ((signal: AbortSignal) => AsyncIterable<string>) | undefined;
  /** What an error calls it. @default 'the operator' */
  readonly name?: string;
  /** What of its metrics is read. @default - what an operator has */
  readonly wanted?: readonly WantedFamily[];
  /** A counter of its own that is read too. @default none */
  readonly errors?: string | undefined;
  /** What proves to an operator that its metrics may be read; undefined for who does not ask. */
  readonly token: () => Promise<string | undefined>;
}

/** The metrics of an operator, of kwok, or of another program that serves them over HTTP. */
export function operatorMetrics({
  name = 'the operator',
  wanted = OF_OPERATOR,
  url,
  open,
  lines,
  errors,
  token,
}: OperatorMetricsProps): MetricsTarget & { close(): Promise<void> } {
  // An operator without a certificate makes one of its own at each start, which nobody can have signed. This is loopback,
  // or a connection that an API server, whose certificate is verified, has made to the operator's pod.
  const tls = { rejectUnauthorized: false };
  const connect = open === undefined ? tls : connectorOf(open, tls);
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
  const all = errors === undefined ? wanted : [...wanted, { name: errors, labels: [] }];
  // Counters of one that begins anew are not taken for those of all.
  const ofPods = () => all.map((family) => ({ ...family, labels: [...family.labels, POD] }));
  return {
    wanted: lines === undefined ? all : ofPods(),
    async *lines(signal) {
      if (lines !== undefined) {
        yield* lines(signal);
        return;
      }
      const address = url();
      if (address === undefined) throw new TestbedError('environment', `${name} does not run`);
      const bearer = await token();
      const { statusCode, body } = await request(address, {
        dispatcher: agent,
        headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
        signal,
      });
      if (statusCode !== 200) {
        await body.dump({ limit: MAX_METRIC_BYTES });
        throw new TestbedError('environment', `the metrics of ${name} at ${address} answer ${statusCode}`);
      }
      yield* linesOf(body as AsyncIterable<Uint8Array>, MAX_METRIC_BYTES);
    },
    close: () => agent.close(),
  };
}

/** Speaks TLS over a connection that somebody else makes. */
function connectorOf(open: () => Promise<Duplex>, tls: ConnectionOptions): buildConnector.connector {
  const connect = async () => {
    const socket = connectTls({ ...tls, socket: await open() });
    // It listens for errors until then and no longer: the caller must not be told twice.
    await once(socket, 'secureConnect');
    return socket;
  };
  return (_options, callback) =>
    void connect().then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
}
