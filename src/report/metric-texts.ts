import { nounOf } from '../../lib/kinds/faces';
import type { Metric } from './report';

/** What a metric is called where people read it, and what it says. */
export interface MetricText {
  readonly title: string;
  readonly description: string;
}

const PROGRAMS = {
  operator: 'the operator',
  manager: 'the manager',
  api_server: 'the API server',
  workload_api: 'the API of workload clusters',
} as const;

/** CPU and memory, which every program has. */
const usage = Object.fromEntries(
  Object.entries(PROGRAMS).flatMap(([prefix, program]) => [
    [
      `${prefix}_cpu_seconds`,
      { title: `CPU of ${program}`, description: 'CPU time that it took in the run, by its own metrics.' },
    ],
    [
      `${prefix}_memory_bytes_max`,
      { title: `Memory of ${program}, at most`, description: 'Its largest resident memory in the run.' },
    ],
  ]),
);

/** Every metric that a report may have, by name. */
export const METRIC_TEXTS: Readonly<Record<string, MetricText>> = {
  step_seconds: { title: 'Time of the step', description: 'From the beginning of the step to its end.' },
  step_objects: {
    title: 'Objects that got there',
    description: 'Objects that came to where the step was to take them.',
  },
  step_objects_late: {
    title: 'Objects still pending',
    description: 'Objects that had not come there when its time was over.',
  },
  step_write_retries: {
    title: 'Writes tried again',
    description: 'Writes of the step that were repeated, after a conflict or a failure.',
  },
  step_object_errors: {
    title: 'Objects in error',
    description: 'How often objects of the step came to be in error while it lasted.',
  },
  step_objects_per_second: {
    title: 'Throughput of the step',
    description: 'Objects that got there, from the first request to the last object.',
  },
  step_object_seconds: {
    title: 'Time of one object',
    description: 'From when it was asked for to when the object got there.',
  },
  transition_objects: {
    title: 'Changes of state',
    description: 'Objects that changed from one state to another in the step.',
  },
  transition_objects_per_second: {
    title: 'Changes of state a second',
    description: 'From the first such change to the last.',
  },
  transition_seconds: {
    title: 'Time in the state before',
    description: 'From when an object came to a state to when it left it.',
  },
  condition_objects: {
    title: 'Objects that came to a condition',
    description: 'Objects made in the step for which the condition became true.',
  },
  condition_objects_per_second: {
    title: 'Conditions a second',
    description: 'From the first object that came to the condition to the last.',
  },
  condition_seconds: {
    title: 'Time to a condition',
    description: 'From when an object was created to when the condition became true.',
  },
  phase_objects: { title: 'Objects with a phase', description: 'Objects that went through this phase of their way.' },
  phase_share: { title: 'Share of a phase', description: 'Its share of the time of all objects together.' },
  phase_seconds: { title: 'Time in a phase', description: 'How long objects were in this phase.' },
  watch_resumes: {
    title: 'Watches resumed',
    description: 'Times that a watch of ours ended and went on where it was.',
  },
  watch_relists: {
    title: 'Watches begun anew',
    description: 'Times that a watch of ours had to list everything again: what changed in between arrived late.',
  },
  run_carried_on: {
    title: 'Run carried on',
    description:
      'Times that another process went on with the run, as where its pod was moved: what changed meanwhile arrived late.',
  },
  operator_reconciles: { title: 'Reconciles of the operator', description: 'Of its controller for hosts, by result.' },
  operator_reconcile_seconds_mean: {
    title: 'Reconcile time, mean',
    description: 'What one reconcile of a host took on average.',
  },
  operator_reconcile_seconds: {
    title: 'Reconcile time',
    description: 'What one reconcile of a host took, from its histogram.',
  },
  operator_queue_depth_max: {
    title: 'Queue of the operator, at most',
    description: 'The most hosts that waited for it at a time it was read.',
  },
  operator_queue_seconds_mean: {
    title: 'Wait in the queue, mean',
    description: 'How long a host waited before it was worked on.',
  },
  operator_queue_retries: {
    title: 'Hosts put back into the queue',
    description: 'How often it was to look at a host again.',
  },
  operator_host_errors: { title: 'Host errors that the operator counted', description: 'By its own metric.' },
  operator_requests: { title: 'Requests of the operator', description: 'To the API server, by code of the answer.' },
  manager_reconciles: { title: 'Reconciles of the manager', description: 'By controller and result.' },
  manager_reconcile_seconds: {
    title: 'Reconcile time of the manager',
    description: 'By controller, from its histogram.',
  },
  manager_reconcile_seconds_sum: {
    title: 'Reconcile time of the manager, all',
    description: 'What all reconciles of a controller took together.',
  },
  manager_reconcile_seconds_mean: {
    title: 'Reconcile time of the manager, mean',
    description: 'What one reconcile took on average.',
  },
  manager_workers_busy: {
    title: 'Workers busy',
    description: 'The share of the time that the workers of a controller worked: near 1, more concurrency helps.',
  },
  manager_queue_depth_max: {
    title: 'Queue of the manager, at most',
    description: 'The most objects that waited for a controller.',
  },
  manager_queue_seconds_mean: {
    title: 'Wait in the queue of the manager, mean',
    description: 'How long an object waited before it was worked on.',
  },
  manager_queue_retries: {
    title: 'Objects put back into the queue',
    description: 'How often a controller was to look at an object again.',
  },
  manager_requests: { title: 'Requests of the manager', description: 'By which API it asked, method and code.' },
  manager_requests_total: {
    title: 'Requests of the manager, all',
    description: 'To the management cluster, and to workload clusters.',
  },
  manager_webhook_requests: { title: 'Requests to its webhooks', description: 'By webhook.' },
  manager_webhook_seconds_sum: {
    title: 'Time in its webhooks',
    description: 'What all answers of the webhook took together.',
  },
  manager_mutex_wait_seconds: {
    title: 'Wait for locks',
    description: 'What its goroutines waited for locks, together.',
  },
  api_server_requests: {
    title: 'Requests to the API server',
    description: 'By verb and resource; those that make up a share of all.',
  },
  api_server_request_seconds_sum: {
    title: 'Time of requests',
    description: 'What all its answers of a kind took together.',
  },
  api_server_request_seconds: {
    title: 'Time of one request',
    description: 'By verb and resource, from its histogram.',
  },
  api_server_refusals_total: {
    title: 'Refused requests',
    description: 'By code: 409 is a conflict, 429 too many at a time.',
  },
  api_server_refusals: { title: 'Refused requests, by kind', description: 'The same, by verb and resource.' },
  workload_api_clusters_max: {
    title: 'Clusters served, at most',
    description: 'Workload clusters that had an API at the same time.',
  },
  workload_api_nodes_max: { title: 'Nodes served, at most', description: 'Nodes of all workload clusters.' },
  workload_api_watches_max: { title: 'Watches, at most', description: 'Open watches on workload clusters.' },
  workload_api_connections_max: {
    title: 'Connections, at most',
    description: 'Open connections to workload clusters.',
  },
  workload_api_requests: { title: 'Requests to workload clusters', description: 'By who asked, and verb.' },
  workload_api_errors: { title: 'Failed requests to workload clusters', description: 'By code.' },
  workload_api_faults_injected: { title: 'Faults injected', description: 'How often a fault struck, by its kind.' },
  workload_api_cluster_requests: {
    title: 'Requests to one workload cluster',
    description: 'How clusters differ in it.',
  },
  process_cpu_seconds: {
    title: 'CPU of a process',
    description: 'CPU time in the run, as the kernel counts it (Linux).',
  },
  processes_cpu_seconds: { title: 'CPU of all processes', description: 'The sum of them.' },
  process_memory_bytes_max: {
    title: 'Memory of a process, at most',
    description: 'Its largest resident memory (Linux).',
  },
  processes_memory_bytes_max: {
    title: 'Memory of all processes, at most',
    description: 'The largest sum at one time.',
  },
  ...usage,
};

/** What people read for a metric; its name in words, where a report of another version has one that is not known here. */
export function metricTitle({ name }: Pick<Metric, 'name'>): string {
  const words = name.replaceAll('_', ' ');
  return METRIC_TEXTS[name]?.title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** `provision: available → provisioning`, then whatever labels there are more. */
export function labelList({ labels }: Pick<Metric, 'labels'>): string {
  const { kind, step, from, to, quantile, ...rest } = labels;
  const change = to === undefined ? undefined : from === undefined ? `to ${to}` : `${from} → ${to}`;
  const others = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  const parts = [kind && nounOf(kind).many, change, ...others, quantile && quantileName(quantile)];
  const more = parts.filter((part) => part !== undefined).join(', ');
  return [step, more].filter((part) => part !== undefined && part !== '').join(': ');
}

export function quantileName(quantile: string): string {
  const percent = Number((Number(quantile) * 100).toFixed(3));
  return percent === 100 ? 'max' : percent === 0 ? 'min' : `p${percent}`;
}
