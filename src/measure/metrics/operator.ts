import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Agent, request, type buildConnector } from 'undici';
import { TestbedError } from '../../../lib/errors';
import { linesOf } from '../../kubernetes/lines';
import { MAX_METRIC_BYTES, type WantedFamily } from './samples';
import type { MetricsTarget } from './scraper';

/** What controller-runtime counts, of which nothing is by host; https://book.kubebuilder.io/reference/metrics-reference */
const WANTED: readonly WantedFamily[] = [
  { name: 'controller_runtime_reconcile_total', labels: ['controller', 'result'] },
  { name: 'controller_runtime_reconcile_time_seconds_bucket', labels: ['controller', 'le'] },
  { name: 'controller_runtime_reconcile_time_seconds_sum', labels: ['controller'] },
  { name: 'controller_runtime_reconcile_time_seconds_count', labels: ['controller'] },
  { name: 'workqueue_depth', labels: ['name'] },
  { name: 'workqueue_retries_total', labels: ['name'] },
  { name: 'workqueue_queue_duration_seconds_sum', labels: ['name'] },
  { name: 'workqueue_queue_duration_seconds_count', labels: ['name'] },
  { name: 'rest_client_requests_total', labels: ['code', 'method'] },
  { name: 'process_cpu_seconds_total', labels: [] },
  { name: 'process_resident_memory_bytes', labels: [] },
];

export interface OperatorMetricsProps {
  /** Where it serves its metrics now; undefined while it does not run. It is another address after each start. */
  readonly url: () => string | undefined;
  /**
   * Makes a connection to it.
   * @default - to the host and port of its URL
   */
  readonly open?: () => Promise<Duplex>;
  /** A counter of its own that is read too. @default none */
  readonly errors?: string | undefined;
  /** What proves to an operator that its metrics may be read; undefined for who does not ask. */
  readonly token: () => Promise<string | undefined>;
}

/** The metrics of an operator, or of kwok. */
export function operatorMetrics({
  url,
  open,
  errors,
  token,
}: OperatorMetricsProps): MetricsTarget & { close(): Promise<void> } {
  // An operator without a certificate makes one of its own at each start, which nobody can have signed. This is loopback,
  // or a connection that an API server, whose certificate is verified, has made to the operator's pod.
  const tls = { rejectUnauthorized: false };
  const connect = open === undefined ? tls : connectorOf(open, tls);
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
  return {
    wanted: errors === undefined ? WANTED : [...WANTED, { name: errors, labels: [] }],
    async *lines(signal) {
      const address = url();
      if (address === undefined) throw new TestbedError('environment', 'the operator does not run');
      const bearer = await token();
      const { statusCode, body } = await request(address, {
        dispatcher: agent,
        headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
        signal,
      });
      if (statusCode !== 200) {
        await body.dump({ limit: MAX_METRIC_BYTES });
        throw new TestbedError('environment', `the operator's metrics at ${address} answer ${statusCode}`);
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
