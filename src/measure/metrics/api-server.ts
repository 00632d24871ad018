import type { KubernetesClient } from '../../kubernetes/client';
import { MAX_METRIC_BYTES, type WantedFamily } from './samples';
import type { MetricsTarget } from './scraper';

/** https://kubernetes.io/docs/reference/instrumentation/metrics/ */
const WANTED: readonly WantedFamily[] = [
  { name: 'apiserver_request_total', labels: ['verb', 'resource', 'subresource', 'code'] },
  { name: 'apiserver_request_duration_seconds_bucket', labels: ['verb', 'resource', 'subresource', 'le'] },
  { name: 'apiserver_request_duration_seconds_sum', labels: ['verb', 'resource', 'subresource'] },
  { name: 'apiserver_request_duration_seconds_count', labels: ['verb', 'resource', 'subresource'] },
  { name: 'apiserver_current_inflight_requests', labels: ['request_kind'] },
  { name: 'process_cpu_seconds_total', labels: [] },
  { name: 'process_resident_memory_bytes', labels: [] },
];

/** The API server's own metrics, over the connection that there is. */
export function apiServerMetrics(client: KubernetesClient): MetricsTarget {
  return {
    wanted: WANTED,
    lines: (signal) => client.lines('/metrics', { accept: 'text/plain', maxLineBytes: MAX_METRIC_BYTES, signal }),
  };
}
