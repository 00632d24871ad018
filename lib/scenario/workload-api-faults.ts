/** What may go wrong with the API of workload clusters: what a step may say of it, and whether it can be. */
import { array, boolean, enumeration, integer, number, object, type SchemaNode } from '../crd';

/** How late answers come: a fixed time, two bounds, a mean, or a median with a 99th percentile. */
export interface WorkloadApiLatency {
  /**
   * The same time for every request.
   * @default - another one of these
   */
  readonly milliseconds?: number | undefined;
  /**
   * The least of times that are spread evenly, up to `mostMilliseconds`.
   * @default - another one of these
   */
  readonly leastMilliseconds?: number | undefined;
  /**
   * The most of times that are spread evenly, from `leastMilliseconds`.
   * @default - another one of these
   */
  readonly mostMilliseconds?: number | undefined;
  /**
   * The mean of times that are spread exponentially.
   * @default - another one of these
   */
  readonly meanMilliseconds?: number | undefined;
  /**
   * The median of times that are spread log-normally, with `p99Milliseconds`.
   * @default - another one of these
   */
  readonly medianMilliseconds?: number | undefined;
  /**
   * What one time in a hundred is above, with `medianMilliseconds`.
   * @default - another one of these
   */
  readonly p99Milliseconds?: number | undefined;
}

/** Watches whose events come late. */
export interface WorkloadApiSlowWatch {
  /**
   * How late each event comes.
   * @default - events are held until the fault ends
   */
  readonly milliseconds?: number | undefined;
}

/** One fault: exactly one of `latency`, `errors`, `resets`, `unreachable`, `slowWatch`, `expiredCertificate`, `etcd`, `nodes`. */
export interface WorkloadApiFault {
  /**
   * Answers come late.
   * @default - another fault
   */
  readonly latency?: WorkloadApiLatency | undefined;
  /**
   * Requests are answered with these codes, from 400 to 599, each as often as the others.
   * @default - another fault
   */
  readonly errors?: readonly number[] | undefined;
  /**
   * Connections are reset in place of an answer.
   * @default - another fault
   */
  readonly resets?: true | undefined;
  /**
   * The API cannot be reached: connections are `refused`, or nothing answers (`silent`).
   * @default - another fault
   */
  readonly unreachable?: 'refused' | 'silent' | undefined;
  /**
   * Events of watches come late, or are held.
   * @default - another fault
   */
  readonly slowWatch?: WorkloadApiSlowWatch | undefined;
  /**
   * The certificate of the API server, or of etcd, has expired. Open connections are closed, so that clients come to see it.
   * @default - another fault
   */
  readonly expiredCertificate?: 'apiServer' | 'etcd' | undefined;
  /**
   * One member of each cluster's etcd has an alarm (`memberUnhealthy`); or there is no leader, so that nothing can be written
   * (`noQuorum`). For clusters that have their etcd on their control plane.
   * @default - another fault
   */
  readonly etcd?: 'memberUnhealthy' | 'noQuorum' | undefined;
  /**
   * Kubelets fall silent (`notReady`), or their Nodes are deleted and do not come back (`gone`), until the fault ends or their
   * host is rebooted; or machines that are provisioned get no Node until the fault ends (`neverJoin`).
   * @default - another fault
   */
  readonly nodes?: 'gone' | 'neverJoin' | 'notReady' | undefined;
  /**
   * How many of the requests `latency`, `errors` and `resets` are for, above 0 and up to 1.
   * @default 1
   */
  readonly requestShare?: number | undefined;
  /**
   * How many of each cluster's nodes `notReady` and `gone` are for, above 0 and up to 1: at least one, workers first.
   * @default 1
   */
  readonly nodeShare?: number | undefined;
  /**
   * Which nodes `nodes` is for.
   * @default - all
   */
  readonly nodesOf?: 'controlPlane' | 'workers' | undefined;
}

export const WORKLOAD_API_FAULTS = [
  ...(['latency', 'errors', 'resets', 'unreachable', 'slowWatch', 'expiredCertificate', 'etcd', 'nodes'] as const),
] as const;
export type WorkloadApiFaultKind = (typeof WORKLOAD_API_FAULTS)[number];

/** Longer than any client waits. */
const MOST_MS = 600_000;
const milliseconds = integer({ minimum: 0, maximum: MOST_MS });
const share = number({ minimum: 0, maximum: 1 });

/** The fields of a fault, as `testbed.yaml` has them. */
export const faultFields = {
  latency: object({
    milliseconds,
    leastMilliseconds: milliseconds,
    mostMilliseconds: milliseconds,
    meanMilliseconds: milliseconds,
    medianMilliseconds: milliseconds,
    p99Milliseconds: milliseconds,
  }),
  errors: array(integer({ minimum: 400, maximum: 599 }), { minItems: 1, maxItems: 50 }),
  resets: boolean([true]),
  unreachable: enumeration('refused', 'silent'),
  slowWatch: object({ milliseconds: integer({ minimum: 1, maximum: MOST_MS }) }),
  expiredCertificate: enumeration('apiServer', 'etcd'),
  etcd: enumeration('memberUnhealthy', 'noQuorum'),
  nodes: enumeration('gone', 'neverJoin', 'notReady'),
  requestShare: share,
  nodeShare: share,
  nodesOf: enumeration('controlPlane', 'workers'),
} satisfies Record<keyof WorkloadApiFault, SchemaNode>;

/** Which fault it is: the one that {@link faultProblems} lets pass. */
export function kindOfFault(fault: WorkloadApiFault): WorkloadApiFaultKind {
  return WORKLOAD_API_FAULTS.find((kind) => fault[kind] !== undefined) ?? 'latency';
}

const ON_REQUESTS: ReadonlySet<WorkloadApiFaultKind> = new Set(['latency', 'errors', 'resets']);

/** What a schema cannot say of a fault. @param path of its step. @returns a line each, [] for a fault that can be */
export function faultProblems(fault: WorkloadApiFault, path: string): readonly string[] {
  const given = WORKLOAD_API_FAULTS.filter((kind) => fault[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1)
    return [
      `${path}: must have exactly one of ${WORKLOAD_API_FAULTS.join(', ')}; given ${given.join(' and ') || 'none'} (several at once are steps of a parallel)`,
    ];
  const problems: string[] = [];
  for (const field of ['requestShare', 'nodeShare'] as const)
    if (fault[field] === 0) problems.push(`${path}.${field}: must be above 0; given 0`);
  const misplaced = (field: keyof WorkloadApiFault, goesWith: string) => {
    if (fault[field] !== undefined) problems.push(`${path}.${field}: goes with ${goesWith}, not with ${kind}`);
  };
  if (!ON_REQUESTS.has(kind)) misplaced('requestShare', 'latency, errors and resets');
  if (kind !== 'nodes') for (const field of ['nodeShare', 'nodesOf'] as const) misplaced(field, 'nodes');
  if (fault.nodes === 'neverJoin' && fault.nodeShare !== undefined)
    problems.push(`${path}.nodeShare: goes with notReady and gone: neverJoin is for every machine that is provisioned`);
  if (fault.latency !== undefined) {
    const problem = latencyProblem(fault.latency);
    if (problem !== undefined) problems.push(`${path}.latency: ${problem}`);
  }
  return problems;
}

const FORMS: readonly (readonly (keyof WorkloadApiLatency)[])[] = [
  ['milliseconds'],
  ['leastMilliseconds', 'mostMilliseconds'],
  ['meanMilliseconds'],
  ['medianMilliseconds', 'p99Milliseconds'],
];

function latencyProblem(latency: WorkloadApiLatency): string | undefined {
  const given = FORMS.flat().filter((field) => latency[field] !== undefined);
  const form = FORMS.find((fields) => fields.length === given.length && fields.every((field) => given.includes(field)));
  if (form === undefined)
    return `must have ${FORMS.map((fields) => fields.join(' and ')).join(', or ')}; given ${given.join(' and ') || 'none'}`;
  const [least = 0, most = Infinity] = form.map((field) => latency[field] ?? 0);
  if (least > most) return `${form[0]} must not be above ${form[1]}; given ${least} and ${most}`;
  if (most === 0 || (form.length === 1 && least === 0)) return `must be above 0; given 0`;
  if (form[0] === 'medianMilliseconds' && least === 0) return `medianMilliseconds must be above 0; given 0`;
  return undefined;
}
