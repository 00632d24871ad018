/** Cluster API in a description: its providers, and where a testbed has them otherwise than they would be by themselves. */
import type { ClusterApiProps } from '../components/cluster-api/cluster-api';
import { clusterApiSpec } from '../components/cluster-api/spec';
import { podArguments } from '../components/cluster-api-provider/arguments';
import type { AnyProviderProps, GatedProviderProps, ProviderProps } from '../components/cluster-api-provider/options';
import type { ProviderSpec } from '../components/cluster-api-provider/release';
import type { IpAddressManagerProps } from '../components/ip-address-manager/ip-address-manager';
import { ipAddressManagerSpec } from '../components/ip-address-manager/spec';
import type { KubeadmBootstrapProps } from '../components/kubeadm-bootstrap/kubeadm-bootstrap';
import { kubeadmBootstrapSpec } from '../components/kubeadm-bootstrap/spec';
import type { KubeadmControlPlaneProviderProps } from '../components/kubeadm-control-plane/kubeadm-control-plane';
import { kubeadmControlPlaneSpec } from '../components/kubeadm-control-plane/spec';
import type { Metal3ProviderProps } from '../components/metal3-provider/metal3-provider';
import { metal3ProviderSpec } from '../components/metal3-provider/spec';
import { invalidInput } from '../errors';

/** Cluster API with its kubeadm and Metal3 providers. */
export interface ClusterApiComponents {
  /**
   * The core provider: Cluster, Machine, MachineDeployment and the like.
   * @default {}
   */
  readonly core?: ClusterApiProps | undefined;
  /**
   * The kubeadm bootstrap provider: how machines become Nodes.
   * @default {}
   */
  readonly kubeadmBootstrap?: KubeadmBootstrapProps | undefined;
  /**
   * The kubeadm control plane provider.
   * @default {}
   */
  readonly kubeadmControlPlane?: KubeadmControlPlaneProviderProps | undefined;
  /**
   * Metal3's IP address manager.
   * @default {}
   */
  readonly ipAddressManager?: IpAddressManagerProps | undefined;
  /**
   * The infrastructure provider of Metal3, CAPM3: machines on bare-metal hosts.
   * @default {}
   */
  readonly metal3Provider?: Metal3ProviderProps | undefined;
  /**
   * Whether the CRDs of all of them have the version alone in which objects are stored: see `leanCrds` of each.
   * @default false - as the releases
   */
  readonly leanCrds?: boolean | undefined;
  /**
   * Namespaces of which each has managers of its own, of all these kinds: see `watchedNamespaces` of each.
   * @default - one manager of each kind
   */
  readonly watchedNamespaces?: readonly string[] | undefined;
  /**
   * Providers that are not part of the testbed: the cluster has them, or nothing needs them.
   * @default [] - all are
   */
  readonly without?: readonly ClusterApiPart[] | undefined;
  /**
   * Providers that the cluster has already: they are not part of the testbed, and `clusterSets` may rely on them.
   * @default []
   */
  readonly existing?: readonly ClusterApiPart[] | undefined;
}

/** A provider, as a description names it. */
export type ClusterApiPart =
  'core' | 'ipAddressManager' | 'kubeadmBootstrap' | 'kubeadmControlPlane' | 'metal3Provider';

/** Those that are part of a testbed, with their defaults filled in. */
export type ResolvedClusterApi = Omit<ClusterApiComponents, 'existing' | 'leanCrds' | 'watchedNamespaces' | 'without'>;

const specs: Readonly<Record<ClusterApiPart, ProviderSpec>> = {
  core: clusterApiSpec,
  kubeadmBootstrap: kubeadmBootstrapSpec,
  kubeadmControlPlane: kubeadmControlPlaneSpec,
  ipAddressManager: ipAddressManagerSpec,
  metal3Provider: metal3ProviderSpec,
};
/** All of them, in the order of installing. */
export const clusterApiParts = Object.keys(specs) as ClusterApiPart[];

/** What a manager sends by itself, 20 or 100 requests a second, is for clusters that take minutes to do anything. */
const KUBE_API = { kubeApiQps: 1_000, kubeApiBurst: 2_000 };
/**
 * CAPM3 writes a time into the status of these two whenever it looks at one, and so is told to look again: once several
 * take more than a second, for ever. And it looks for hosts under a lock, for which machines wait that could go on.
 */
const METAL3_CONCURRENCY = { metal3Cluster: 1, metal3DataTemplate: 1, metal3Machine: 50 };
/** Otherwise CAPM3 switches hosts off that it has done with, where the description says that they are on. */
const FAST_TRACK = { fastTrack: true };

/**
 * @param hasClasses whether clusters are described by a ClusterClass, which only its feature gate brings to life
 * @throws TestbedError (`invalid-input`) for one that is described and left out
 */
export function resolveClusterApi(
  described: ClusterApiComponents | undefined,
  hasClasses = false,
): ResolvedClusterApi | undefined {
  if (described === undefined) return undefined;
  const { without = [], existing = [], leanCrds, watchedNamespaces, ...parts } = described;
  const ofAll = { leanCrds, watchedNamespaces };
  for (const [field, named] of [
    ['without', without],
    ['existing', existing],
  ] as const)
    for (const part of named)
      if (parts[part] !== undefined)
        throw invalidInput(`clusterApi.${part} is described, and clusterApi.${field} names it: leave one of them out`);
  const metal3 = parts.metal3Provider ?? {};
  const isBuiltIn = metal3.manifests === undefined;
  const all: Required<ResolvedClusterApi> = {
    core: withTopology(withDefaults(parts.core, ofAll), 'core', hasClasses),
    kubeadmBootstrap: withDefaults(parts.kubeadmBootstrap, ofAll),
    kubeadmControlPlane: withTopology(
      withDefaults(parts.kubeadmControlPlane, ofAll),
      'kubeadmControlPlane',
      hasClasses,
    ),
    ipAddressManager: withDefaults(parts.ipAddressManager, ofAll),
    metal3Provider: {
      ...(isBuiltIn && FAST_TRACK),
      ...withDefaults(metal3, ofAll),
      concurrency: { ...(isBuiltIn && METAL3_CONCURRENCY), ...metal3.concurrency },
    },
  };
  return Object.fromEntries(
    Object.entries(all).filter(([part]) => ![...without, ...existing].includes(part as ClusterApiPart)),
  );
}

/** What a testbed has that takes care of clusters: the API of workload clusters where there is all that brings them to life. */
export function clusterManagers(parts: ResolvedClusterApi = {}): readonly (ClusterApiPart | 'workloadApi')[] {
  const managers = clusterApiParts.filter((part) => parts[part] !== undefined);
  const needed = ['core', 'kubeadmBootstrap', 'kubeadmControlPlane', 'metal3Provider'] as const;
  return needed.every((part) => managers.includes(part)) ? [...managers, 'workloadApi'] : managers;
}

/** The component of a part, by which its manager is found. */
export function componentOfPart(part: ClusterApiPart): string {
  return specs[part].name;
}

/**
 * Refuses cluster sets whose clusters nobody would take care of. CAPM3 does not start without the kinds of the IP address
 * manager, so that clusters need all of them.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function requireProviders(
  { without = [], existing = [] }: ClusterApiComponents = {},
  plans: readonly { readonly name: string; readonly count: number }[],
): void {
  const set = plans.find(({ count }) => count > 0);
  const missing = without.filter((part) => !existing.includes(part));
  if (set === undefined || missing.length === 0) return;
  throw invalidInput(
    `clusterApi.without names ${missing.join(', ')}, which cluster set ${set.name} needs: leave it out, or, where the cluster has it already, name it in clusterApi.existing`,
  );
}

/**
 * Refuses clusters in namespaces that a manager does not look at: nobody would take care of them.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function requireWatched(
  resolved: ResolvedClusterApi = {},
  plans: readonly { readonly name: string; namespaces(): readonly string[] }[],
): void {
  for (const part of clusterApiParts) {
    const watched = watchedBy(resolved[part]);
    if (watched === undefined) continue;
    for (const plan of plans) {
      const other = plan.namespaces().find((namespace) => !watched.includes(namespace));
      if (other !== undefined)
        throw invalidInput(
          `cluster set ${plan.name} has clusters in namespace ${other}, and ${part} looks at ${watched.join(', ')} alone: add it to watchedNamespaces, or give the set one of these as its namespace`,
        );
    }
  }
}

/** Whether managers look at some namespaces alone, of which each then has as many clusters as are described there. */
export function isBoundToNamespaces(resolved: ResolvedClusterApi = {}): boolean {
  return clusterApiParts.some((part) => watchedBy(resolved[part]) !== undefined);
}

/** @returns undefined for all namespaces */
function watchedBy({ watchedNamespace, watchedNamespaces }: AnyProviderProps = {}): readonly string[] | undefined {
  return watchedNamespaces ?? (watchedNamespace === undefined ? undefined : [watchedNamespace]);
}

function withTopology<P extends GatedProviderProps>(props: P, part: ClusterApiPart, hasClasses: boolean): P {
  if (!hasClasses) return props;
  if (props.featureGates?.['ClusterTopology'] === false)
    throw invalidInput(
      `clusterApi.${part}.featureGates has ClusterTopology off, and a cluster set has a clusterClass: leave one of them out`,
    );
  return { ...props, featureGates: { ...props.featureGates, ClusterTopology: true } };
}

/** With what makes it fast, where its release is known to have that, and known to clusterctl. */
function withDefaults<P extends ProviderProps>(
  props: P | undefined,
  ofAll: Pick<ProviderProps, 'leanCrds' | 'watchedNamespaces'>,
): P {
  const isBuiltIn = props?.manifests === undefined;
  return { clusterctl: true, ...ofAll, ...(isBuiltIn && KUBE_API), ...props } as P;
}

/** The manager of a part, by the name of its component. */
export function partOfComponent(name: string): ClusterApiPart | undefined {
  return clusterApiParts.find((part) => specs[part].name === name);
}

/** How the built-in release of a part calls its manager where nobody asks for anything. */
export function ownCallOf(part: ClusterApiPart) {
  const spec = specs[part];
  const release = spec.releases[spec.defaultVersion];
  return {
    args: release === undefined ? [] : podArguments(spec, release, {}),
    env: spec.environment?.({}).data ?? {},
    kubeApi: spec.ownKubeApi,
  };
}

/** The namespaces that come with them, and those that they take care of by name. */
export function clusterApiNamespaces(resolved: ResolvedClusterApi = {}) {
  const described = clusterApiParts.flatMap((part) => {
    const props: AnyProviderProps | undefined = resolved[part];
    return props === undefined ? [] : [{ props, spec: specs[part] }];
  });
  return {
    made: described.map(({ props, spec }) => props.namespace ?? spec.namespace),
    watched: described.flatMap(({ props }) => props.watchedNamespace ?? []),
  };
}
