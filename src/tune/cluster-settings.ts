/** What decides how fast, and at what cost, managers bring clusters to available. */
import type { ClusterApiComponents, ClusterApiPart } from '../../lib/testbed/cluster-api';
import { clusterApiParts } from '../../lib/testbed/cluster-api';
import { invalidInput } from '../../lib/errors';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { describedClusters } from '../testbed/described';
import { IN_FLIGHT, type ClusterPace } from '../testbed/in-turns';

/** What one trial has otherwise than the description. */
export interface ClusterChange {
  /** Such as `kubeApiQps` or `metal3Provider.concurrency.metal3Machine`. */
  readonly setting: string;
  readonly value: string;
  /** The description with it; as it is, where it is no part of a description. */
  readonly apply: (props: TestbedProps) => TestbedProps;
  /** How the clusters are written. @default - as `up` writes them */
  readonly pace?: ClusterPace | undefined;
  /** Whether it changes what is tested, and is tried to show what it costs alone. */
  readonly isShownOnly: boolean;
  /** Where it stands in a description, and what is written there. @default - nowhere */
  readonly written?: readonly (readonly [path: readonly string[], value: number])[] | undefined;
}

/** What is tried of each setting. */
export interface ClusterCandidates {
  readonly kubeApiQps: readonly number[];
  /** By `part.controller`. */
  readonly concurrency: Readonly<Record<string, readonly number[]>>;
  /** Clusters that are brought up at a time; Infinity for all at once. */
  readonly clustersInFlight: readonly number[];
  readonly clustersPerSecond: readonly number[];
  readonly clustersPerNamespace: readonly number[];
}

export const CLUSTER_CANDIDATES: ClusterCandidates = {
  kubeApiQps: [20, 100, 1_000],
  concurrency: {
    // Cluster API has 100 of both.
    'core.machine': [10, 30],
    'kubeadmControlPlane.kubeadmControlPlane': [10, 30],
    'metal3Provider.metal3Machine': [10, 50],
  },
  clustersInFlight: [5, 30, Infinity],
  clustersPerSecond: [1],
  clustersPerNamespace: [1, 10],
};

/** CAPM3's own, of each of its controllers. */
const CAPM3_CONCURRENCY = 10;

/** @throws TestbedError (`invalid-input`) for a description without clusters, or whose managers are not its own */
export function requireClusters(props: TestbedProps): void {
  const { clusterSets, clusterApi = {} } = resolveTestbed(props);
  if (describedClusters(clusterSets).count === 0)
    throw invalidInput('clusterSets have no cluster, and tune measures clusters: add some');
  const missing = clusterApiParts.filter((part) => clusterApi[part] === undefined);
  if (missing.length > 0)
    throw invalidInput(`clusterApi leaves out ${missing.join(', ')}, and tune changes managers: leave none out`);
}

/** All that is tried, in the order in which it is. @throws TestbedError (`invalid-input`) for a controller that no manager has */
export function changesOf(props: TestbedProps, candidates: ClusterCandidates): readonly ClusterChange[] {
  return [
    ...candidates.kubeApiQps.map(qpsOf),
    ...Object.entries(candidates.concurrency).flatMap(([name, values]) =>
      values.map((value) => concurrencyOf(name, value)),
    ),
    ...candidates.clustersInFlight.map((inFlight) => paced(inFlightText(inFlight), { inFlight })),
    ...candidates.clustersPerSecond.map((perSecond) =>
      paced(`${perSecond} a second`, { perSecond, inFlight: Infinity }),
    ),
    ...(canSpread(props) ? candidates.clustersPerNamespace.map(namespacesOf) : []),
    ...REMEDIES,
    shown('leanCrds', 'true', (clusterApi) => ({ ...clusterApi, leanCrds: true })),
  ];
}

/** Whether a change leaves everything as it is, so that there is nothing to try. */
export function changesNothing({ apply, pace }: ClusterChange, props: TestbedProps): boolean {
  const [before, after] = [resolveTestbed(props), resolveTestbed(apply(props))];
  const said = ({ clusterApi, clusterSets }: typeof before) =>
    JSON.stringify([clusterApi, clusterSets.map((set) => set.props)]);
  if (said(after) !== said(before)) return false;
  const clusters = describedClusters(before.clusterSets).count;
  const { inFlight = IN_FLIGHT, perSecond } = pace ?? {};
  return perSecond === undefined && Math.min(inFlight, clusters) === Math.min(IN_FLIGHT, clusters);
}

/** Both remedies for reconciles of CAPM3 that trigger themselves: without any, by its concurrency, and by its CRDs. */
const REMEDIES: readonly ClusterChange[] = [
  shown('self-made reconciles', 'no remedy', (clusterApi) => withConcurrencies(clusterApi, CAPM3_CONCURRENCY)),
  shown('self-made reconciles', 'concurrency 1', (clusterApi) => withConcurrencies(clusterApi, 1)),
  shown('self-made reconciles', 'no lastUpdated in CRDs', (clusterApi) => ({
    ...withConcurrencies(clusterApi, CAPM3_CONCURRENCY),
    metal3Provider: { ...withConcurrencies(clusterApi, CAPM3_CONCURRENCY).metal3Provider, omitLastUpdated: true },
  })),
];

function withConcurrencies(clusterApi: ClusterApiComponents, concurrency: number): ClusterApiComponents {
  const { metal3Provider = {} } = clusterApi;
  const both = { metal3Cluster: concurrency, metal3DataTemplate: concurrency };
  return {
    ...clusterApi,
    metal3Provider: { ...metal3Provider, concurrency: { ...metal3Provider.concurrency, ...both } },
  };
}

function qpsOf(kubeApiQps: number): ClusterChange {
  const settings = { kubeApiQps, kubeApiBurst: 2 * kubeApiQps };
  return {
    ...{ setting: 'kubeApiQps', value: String(kubeApiQps), isShownOnly: false },
    apply: (props) => ({
      ...props,
      clusterApi: clusterApiParts.reduce<ClusterApiComponents>(
        (parts, part) => ({ ...parts, [part]: { ...parts[part], ...settings } }),
        props.clusterApi ?? {},
      ),
    }),
    written: clusterApiParts.flatMap((part) =>
      Object.entries(settings).map(([name, value]) => [['clusterApi', part, name], value] as const),
    ),
  };
}

function concurrencyOf(name: string, value: number): ClusterChange {
  const [part = '', controller = ''] = name.split('.');
  if (!clusterApiParts.includes(part as ClusterApiPart) || controller === '')
    throw invalidInput(
      `concurrency '${name}' must be a manager and its controller, such as metal3Provider.metal3Machine`,
    );
  return {
    ...{ setting: `${part}.concurrency.${controller}`, value: String(value), isShownOnly: false },
    apply: (props) => {
      const before = props.clusterApi?.[part as ClusterApiPart];
      const concurrency = { ...before?.concurrency, [controller]: value };
      return { ...props, clusterApi: { ...props.clusterApi, [part]: { ...before, concurrency } } };
    },
    written: [[['clusterApi', part, 'concurrency', controller], value]],
  };
}

function inFlightText(inFlight: number): string {
  return inFlight === Infinity ? 'all at once' : `${inFlight} at a time`;
}

function paced(value: string, pace: ClusterPace): ClusterChange {
  return { setting: 'creation', value, apply: (props) => props, pace, isShownOnly: true };
}

/** Whether the clusters can go over more or fewer namespaces: none is named, and they make their own hosts. */
function canSpread({ clusterSets = [] }: TestbedProps): boolean {
  return clusterSets.every(
    ({ namespace, clustersPerNamespace, hostSelector }) =>
      namespace === undefined && clustersPerNamespace === undefined && hostSelector === undefined,
  );
}

function namespacesOf(clustersPerNamespace: number): ClusterChange {
  return {
    ...{ setting: 'clustersPerNamespace', value: String(clustersPerNamespace), isShownOnly: true },
    apply: (props) => ({
      ...props,
      clusterSets: (props.clusterSets ?? []).map((set, i) => ({
        ...set,
        ...(clustersPerNamespace > 1 && { namespace: `${NAMESPACE}-${i + 1}`, clustersPerNamespace }),
      })),
    }),
  };
}

const NAMESPACE = 'tune';

function shown(
  setting: string,
  value: string,
  change: (clusterApi: ClusterApiComponents) => ClusterApiComponents,
): ClusterChange {
  const apply = (props: TestbedProps) => ({ ...props, clusterApi: change(props.clusterApi ?? {}) });
  return { setting, value, apply, isShownOnly: true };
}
