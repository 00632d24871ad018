import { withoutUndefined } from '../../without-undefined';
import { merged } from '../overrides';
import type {
  ClusterOptions,
  HostSelector,
  MachineGroup,
  MachineImage,
  ClusterOverride,
  RolloutStrategy,
} from './cluster-set-props';

/** The newest but one that Cluster API v1.13 supports, so that there is one to upgrade to. */
export const DEFAULT_KUBERNETES_VERSION = 'v1.35.0';
/** `.example` is nobody's (RFC 2606). */
const IMAGES = 'http://images.example/node-{version}.qcow2';

/** Some of a cluster's machines, with defaults filled in. */
export interface GroupSettings {
  readonly name: string;
  readonly replicas: number;
  readonly kubernetesVersion: string;
  readonly image: MachineImage;
  readonly hostSelector: HostSelector | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly failureDomain: string | undefined;
}

/** What a cluster is like, with defaults filled in. */
export interface ClusterSettings {
  readonly kubernetesVersion: string;
  readonly controlPlanes: number;
  readonly groups: readonly GroupSettings[];
  readonly workers: number;
  readonly etcd: 'external' | 'stacked';
  readonly etcdEndpoints: readonly string[];
  readonly podCidrBlocks: readonly string[];
  readonly serviceCidrBlocks: readonly string[];
  readonly serviceDomain: string;
  readonly image: MachineImage;
  readonly hostSelector: HostSelector | undefined;
  readonly rollout: RolloutStrategy;
  readonly hasDataTemplates: boolean;
  /** As they are described. */
  readonly options: ClusterOptions;
}

/** Of all options the last that says each; labels and annotations are added. */
export function mergeOptions(base: ClusterOptions, over: ClusterOverride): ClusterOptions {
  const { endpoint: _, ...options } = over;
  return {
    ...base,
    ...withoutUndefined(options),
    // One that counts its workers has no groups, and the other way round.
    workers: options.machineDeployments === undefined ? (options.workers ?? base.workers) : options.workers,
    machineDeployments:
      options.workers === undefined
        ? (options.machineDeployments ?? base.machineDeployments)
        : options.machineDeployments,
    labels: merged(base.labels, options.labels),
    annotations: merged(base.annotations, options.annotations),
  };
}

export function settingsOf(options: ClusterOptions): ClusterSettings {
  const {
    kubernetesVersion = DEFAULT_KUBERNETES_VERSION,
    controlPlanes = 1,
    workers = 1,
    machineDeployments = [{ name: 'workers', replicas: workers }],
    image = { url: IMAGES, checksum: `${IMAGES}.sha256sum`, checksumType: 'sha256', diskFormat: 'qcow2' },
    hostSelector,
    etcd = 'stacked',
    etcdEndpoints = ['https://127.0.0.1:2379'],
    podCidrBlocks = ['10.244.0.0/16'],
    serviceCidrBlocks = ['10.96.0.0/12'],
    serviceDomain = 'cluster.local',
    rollout = {},
  } = options;
  const groups = machineDeployments.map((group: MachineGroup): GroupSettings => ({
    name: group.name,
    replicas: group.replicas ?? 1,
    kubernetesVersion: group.kubernetesVersion ?? kubernetesVersion,
    image: group.image ?? image,
    hostSelector: group.hostSelector ?? hostSelector,
    labels: group.labels ?? {},
    failureDomain: group.failureDomain,
  }));
  return {
    kubernetesVersion,
    controlPlanes,
    groups,
    workers: groups.reduce((sum, { replicas }) => sum + replicas, 0),
    etcd,
    etcdEndpoints,
    podCidrBlocks,
    serviceCidrBlocks,
    serviceDomain,
    image,
    hostSelector,
    rollout,
    hasDataTemplates: options.dataTemplates ?? true,
    options,
  };
}

/** The same with all machines of another version. @param image of all of them; undefined where each keeps its own */
export function upgraded(settings: ClusterSettings, version: string, image?: MachineImage): ClusterSettings {
  const { groups } = settings;
  return {
    ...settings,
    kubernetesVersion: version,
    image: image ?? settings.image,
    groups: groups.map((group) => ({ ...group, kubernetesVersion: version, image: image ?? group.image })),
  };
}

/** With the Kubernetes version where it stands for it. */
export function imageFor(image: MachineImage, kubernetesVersion: string): MachineImage {
  const fill = (text: string | undefined) => text?.replaceAll('{version}', kubernetesVersion);
  return { ...image, url: fill(image.url) ?? '', checksum: fill(image.checksum) };
}
