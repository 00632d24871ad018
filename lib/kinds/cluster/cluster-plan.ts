import { clusterApiSpec } from '../../components/cluster-api/spec';
import { defaultVersion } from '../../components/baremetal-operator/releases';
import { describeProblems } from '../../crd';
import { checkGenerated } from '../../crd/generated/check-object';
import { invalidInput } from '../../errors';
import { requireDnsLabel, show } from '../../names';
import type { Manifest } from '../../upstream';
import { requireWhole } from '../../whole-number';
import { withoutUndefined } from '../../without-undefined';
import { Fleet, type FleetHost } from '../bare-metal-host/fleet';
import { NamePattern } from '../bare-metal-host/name-pattern';
import { Overrides } from '../overrides';
import { CLUSTER_SET_LABEL } from './api-groups';
import { ClusterHosts } from './cluster-hosts';
import { checkOfClass, classObjects, clusterOfClass, type SetClass } from './cluster-class';
import { clusterObjects } from './cluster-objects';
import { checkCluster, checkKeys } from './cluster-rules';
import { clusterSecrets } from './cluster-secrets';
import type {
  ClusterEndpoint,
  ClusterIdentity,
  ClusterOverride,
  ClusterSetProps,
  HostSelector,
} from './cluster-set-props';
import { mergeOptions, settingsOf, type ClusterSettings } from './cluster-settings';
import { EndpointPlan, requireEndpoint } from './endpoint-plan';
import { PoolPlan } from './ip-pools';
import { clusterFace } from './kind-face';

export const MOST_CLUSTERS = 1_000_000;
/** As for host sets: all hosts of a namespace update one FirmwareSchema. */
const HOSTS_PER_NAMESPACE = 20;
const DEFAULT_ROOM = 100;
const DEFAULT_MAC_PREFIX = '02:60:2f';
const DEFAULT_BMC_ADDRESSES = ['fd00::/64'];
export const NAME_MARK = '{cluster}';

/** One cluster of a set: what follows from its index, before any object is made of it. */
export interface PlannedCluster extends ClusterIdentity {
  /** Where its API is reached. */
  readonly endpoint: ClusterEndpoint;
  /** Of the control plane. */
  readonly kubernetesVersion: string;
  /** How many machines run the control plane. */
  readonly controlPlanes: number;
  /** How many other machines there are. */
  readonly workers: number;
  /** How many hosts the set makes for it. */
  readonly hosts: number;
  /** Whether it has anything that its set does not give it. */
  readonly isOverridden: boolean;
  /** What it is like, with defaults filled in. @internal */
  readonly settings: ClusterSettings;
}

/** The releases that take care of the clusters of a plan. */
export interface ClusterReleases {
  /**
   * Of Cluster API.
   * @default - the one that is built in
   */
  readonly clusterApi?: string | undefined;
  /**
   * Of the Bare Metal Operator.
   * @default - the one that is built in
   */
  readonly operator?: string | undefined;
}

/**
 * The clusters of a set, one at a time: nothing is kept, so that a hundred thousand take no more memory than ten.
 *
 * The constructor checks everything that can be wrong with the set as a whole; clusters with overrides are checked by
 * {@link check}.
 */
export class ClusterPlan {
  /** What it has many of. @internal */
  readonly kind = clusterFace.kind;
  readonly name: string;
  readonly count: number;
  readonly firstIndex: number;
  /** Whether any cluster may differ from what its index gives. */
  readonly hasOverrides: boolean;
  /** The hosts that the set makes, in the namespaces of its clusters; undefined where others make them. */
  readonly hosts: Fleet | undefined;

  private readonly names: NamePattern;
  private readonly endpoints: EndpointPlan;
  private readonly endpointHostOf: ((cluster: ClusterIdentity) => string) | undefined;
  private readonly pools: PoolPlan;
  private readonly setClass: SetClass | undefined;
  private readonly base: ClusterSettings;
  private readonly overrides: Overrides<ClusterIdentity, ClusterOverride>;
  private readonly hasOwnHosts: boolean;
  private readonly spare: number;
  private readonly room: number;
  private readonly clustersPerNamespace: number;
  /** @internal */
  readonly releases: Required<ClusterReleases>;
  private readonly placement: ClusterHosts | undefined;

  /**
   * @param endpointHostOf where a cluster is reached whose set says nothing of it
   * @throws TestbedError (`invalid-input`)
   */
  constructor(
    readonly props: ClusterSetProps,
    releases: ClusterReleases = {},
    endpointHostOf?: (cluster: ClusterIdentity) => string,
  ) {
    this.releases = {
      clusterApi: releases.clusterApi ?? clusterApiSpec.defaultVersion,
      operator: releases.operator ?? defaultVersion,
    };
    this.name = requireDnsLabel('cluster set name', props.name ?? 'cluster');
    const what = `of cluster set ${this.name}`;
    this.count = requireWhole(`count ${what}`, props.count, 0, MOST_CLUSTERS);
    this.firstIndex = requireWhole(`firstIndex ${what}`, props.firstIndex ?? 1, 0, MOST_CLUSTERS);
    this.names = new NamePattern(props.namePattern ?? '{name}-{index}', this.name, (name) =>
      requireDnsLabel('cluster name', name),
    );
    const needed = this.count === 0 ? 0 : this.positionOf(this.firstIndex + this.count - 1) + 1;
    this.endpoints = new EndpointPlan(props, this.name, needed);
    const isSaid = props.endpointHost !== undefined || props.endpointAddresses !== undefined;
    this.endpointHostOf = isSaid ? undefined : endpointHostOf;
    this.pools = new PoolPlan(props.ipPools ?? [], this.name, needed);
    this.base = settingsOf(props);
    const rules = (props.overrides ?? []).map(({ clusters, ...override }) => ({ indexes: clusters, override }));
    this.overrides = new Overrides('cluster', rules, props.override, joined);
    this.hasOverrides = this.overrides.areAny;
    this.setClass = this.classOf();
    this.overrides.requireMembers(this.name, this.firstIndex, this.firstIndex + this.count - 1);
    checkKeys(props, what);
    this.hasOwnHosts = this.requireHostSource();
    const { spare = 0, room = DEFAULT_ROOM } = props.hosts ?? {};
    this.spare = requireWhole(`hosts.spare ${what}`, spare, 0, 100_000);
    this.room = requireWhole(`hosts.room ${what}`, room, 1, 100_000);
    this.clustersPerNamespace = this.namespaceSize();
    this.checkTypical();
    const { fleet, placement } = this.hasOwnHosts ? this.makeHosts() : {};
    this.hosts = fleet;
    this.placement = placement;
  }

  /** The cluster of an index. Pure: the same index gives the same cluster. */
  clusterAt(index: number): PlannedCluster {
    const identity = this.identityOf(index);
    const override = this.overrides.of(identity);
    const settings = override === undefined ? this.base : settingsOf(mergeOptions(this.base.options, override));
    const { kubernetesVersion, controlPlanes, workers } = settings;
    const machines = controlPlanes + workers;
    return {
      ...identity,
      endpoint: override?.endpoint ?? this.endpointOf(identity),
      kubernetesVersion,
      controlPlanes,
      workers,
      hosts: this.hasOwnHosts ? machines + this.spare : 0,
      isOverridden: override !== undefined,
      settings,
    };
  }

  private endpointOf(cluster: ClusterIdentity): ClusterEndpoint {
    const { host, port } = this.endpoints.at(this.positionOf(cluster.index));
    return { host: this.endpointHostOf?.(cluster) ?? host, port };
  }

  /** The clusters in the order of their index. */
  *clusters(): Generator<PlannedCluster, void, undefined> {
    const end = this.firstIndex + this.count;
    for (let index = this.firstIndex; index < end; index++) yield this.clusterAt(index);
  }

  /** The objects of a cluster, in the order in which they should be applied. */
  objectsOf(cluster: PlannedCluster): readonly Manifest[] {
    const { keySeed: seed, certificateAuthority: authority } = this.props;
    return [
      ...clusterSecrets(cluster, { seed, authority }, cluster.settings.etcd === 'external'),
      ...this.describedBy(cluster),
    ];
  }

  /** The objects of a cluster but for its Secrets, whose keys take longer to make than all of these. @internal */
  describedBy(cluster: PlannedCluster): readonly Manifest[] {
    const described = {
      ...cluster,
      ownHosts: this.ownHosts,
      pools: this.pools.at(cluster.name, this.positionOf(cluster.index)),
    };
    return this.setClass === undefined ? clusterObjects(described) : clusterOfClass(this.setClass, described);
  }

  /** The hosts that the set makes for a cluster. @internal */
  hostsOf({ index, hosts }: PlannedCluster): readonly FleetHost[] {
    const { hosts: fleet, placement } = this;
    if (fleet === undefined || placement === undefined) return [];
    const nth = index - this.firstIndex;
    return Array.from({ length: hosts }, (_, number) => fleet.hostAt(placement.indexOf(nth, number)));
  }

  /** How many machines its clusters have in all. */
  get machines(): number {
    if (!this.hasOverrides) return this.count * (this.base.controlPlanes + this.base.workers);
    let machines = 0;
    for (const { controlPlanes, workers } of this.clusters()) machines += controlPlanes + workers;
    return machines;
  }

  /** What several clusters of the set have in common, to be applied before the first of them. */
  sharedObjects(): readonly Manifest[] {
    if (this.setClass === undefined || this.count === 0) return [];
    return classObjects(this.setClass, this.base, this.ownHosts);
  }

  /** The names of the namespaces: that of what clusters share, and then in the order in which clusters reach them. */
  namespaces(): readonly string[] {
    const names = new Set(this.clusterNamespaces());
    if (this.setClass === undefined || this.count === 0) return [...names];
    return [...new Set([this.setClass.namespace, ...names])];
  }

  private clusterNamespaces(): readonly string[] {
    if (this.count === 0) return [];
    const step = this.hasNamespaceEach ? 1 : this.clustersPerNamespace;
    const names: string[] = [];
    const end = this.firstIndex + this.count;
    for (let index = this.firstIndex; index < end;) {
      names.push(this.namespaceOf(index));
      const position = this.positionOf(index);
      const next = step === Infinity ? Infinity : (Math.floor(position / step) + 1) * step;
      index += next - position;
    }
    return names;
  }

  /** Checks every cluster that has an override, which may take as long as generating them. */
  check(): void {
    if (!this.hasOverrides) return;
    for (const cluster of this.clusters()) if (cluster.isOverridden) this.checkOne(cluster);
  }

  private checkOne(cluster: PlannedCluster): void {
    const where = `cluster ${cluster.namespace}/${cluster.name} of cluster set ${this.name}`;
    checkCluster(cluster, { where, ...this.releases });
    if (this.setClass !== undefined) checkOfClass(cluster.settings, this.base, where);
    requireEndpoint(`endpoint of ${where},`, cluster.endpoint);
    this.checkObjects(cluster, where);
    if (this.hasOwnHosts && cluster.settings.hostSelector !== undefined)
      throw invalidInput(
        `${where} has a hostSelector, and its set makes hosts: give the selector to the whole set, which then makes none`,
      );
    if (cluster.hosts > this.room)
      throw invalidInput(
        `${where} needs ${cluster.hosts} hosts, and hosts.room, to how many a cluster may grow, is ${this.room}: raise it (this gives all hosts other addresses)`,
      );
  }

  /** As the API server will look at them, where the release is the one whose definitions are built in. */
  private checkObjects(cluster: PlannedCluster, where: string): void {
    if (this.releases.clusterApi !== clusterApiSpec.defaultVersion) return;
    const shared = cluster.index === this.firstIndex ? this.sharedObjects() : [];
    for (const object of [...shared, ...this.describedBy(cluster)]) {
      const problems = checkGenerated(object);
      if (problems.length > 0)
        throw invalidInput(`${where}: ${object.kind} ${object.metadata.name}: ${describeProblems(problems)}`);
    }
  }

  /** Names only grow with the index, and the clusters are alike but for overrides: the ends stand for all of them. */
  private checkTypical(): void {
    if (this.count === 0) return;
    for (const index of new Set([this.firstIndex, this.firstIndex + this.count - 1])) {
      const cluster = this.clusterAt(index);
      if (!cluster.isOverridden) this.checkOne(cluster);
      requireDnsLabel(`namespace of cluster ${cluster.name},`, cluster.namespace);
    }
    // What no cluster has without an override is checked where one has it.
    if (!this.hasOverrides) return;
    const where = `cluster set ${this.name}`;
    checkCluster({ name: this.names.at(this.firstIndex), settings: this.base }, { where, ...this.releases });
  }

  private identityOf(index: number): ClusterIdentity {
    return { index, name: this.names.at(index), namespace: this.namespaceOf(index) };
  }

  /** Position in the plans: index 1 is the first of all sets but those that start at 0. */
  private positionOf(index: number): number {
    return index - Math.min(this.firstIndex, 1);
  }

  private get hasNamespaceEach(): boolean {
    return (this.props.namespace ?? NAME_MARK).includes(NAME_MARK);
  }

  private namespaceOf(index: number): string {
    const { namespace = NAME_MARK } = this.props;
    if (this.hasNamespaceEach) return namespace.replaceAll(NAME_MARK, this.names.at(index));
    const before = Math.floor(this.positionOf(index) / this.clustersPerNamespace);
    return before === 0 ? namespace : `${namespace}-${before + 1}`;
  }

  private namespaceSize(): number {
    const { namespace = NAME_MARK, clustersPerNamespace } = this.props;
    const what = `of cluster set ${this.name}`;
    if (this.hasNamespaceEach) {
      if (clustersPerNamespace !== undefined)
        throw invalidInput(
          `cluster set ${this.name} gives clustersPerNamespace, and its namespace ${show(namespace)} gives each cluster its own: leave one of them out`,
        );
      return 1;
    }
    requireDnsLabel(`namespace ${what},`, namespace);
    if (clustersPerNamespace !== undefined)
      return requireWhole(`clustersPerNamespace ${what}`, clustersPerNamespace, 1, MOST_CLUSTERS);
    if (!this.hasOwnHosts) return Infinity;
    return Math.max(1, Math.floor(HOSTS_PER_NAMESPACE / this.baseHosts));
  }

  private classOf(): SetClass | undefined {
    const { clusterClass } = this.props;
    if (clusterClass === undefined) return undefined;
    const { name = this.name, namespace = this.name } = clusterClass;
    const what = `of cluster set ${this.name},`;
    return {
      name: requireDnsLabel(`clusterClass.name ${what}`, name),
      namespace: requireDnsLabel(`clusterClass.namespace ${what}`, namespace),
    };
  }

  /** @returns whether the set makes its hosts */
  private requireHostSource(): boolean {
    const { hosts, hostSelector, machineDeployments = [], existingHosts = false } = this.props;
    const group = machineDeployments.find((each) => each.hostSelector !== undefined);
    const hasSelector = hostSelector !== undefined;
    if (hosts !== undefined && (hasSelector || group !== undefined))
      throw invalidInput(
        `cluster set ${this.name} gives both hosts and a hostSelector: it makes its hosts, or takes those that there are`,
      );
    if (group !== undefined && !hasSelector)
      throw invalidInput(
        `group ${group.name} of machineDeployments of cluster set ${this.name} has a hostSelector, and the set has none: give the set one too, for its other machines`,
      );
    if (existingHosts && !hasSelector)
      throw invalidInput(
        `cluster set ${this.name} has existingHosts, and no hostSelector: say which hosts, or leave existingHosts out`,
      );
    return !hasSelector;
  }

  /** The label by which the machines of this set find its hosts, and no others. */
  private get ownHosts(): HostSelector | undefined {
    if (!this.hasOwnHosts) return undefined;
    return { matchLabels: { [CLUSTER_SET_LABEL]: this.name } };
  }

  private makeHosts(): { readonly fleet: Fleet; readonly placement: ClusterHosts } {
    const { spare: _, room: __, ...hosts } = this.props.hosts ?? {};
    const clusterOf = (nth: number) => this.clusterAt(this.firstIndex + nth);
    const placement = new ClusterHosts({
      count: this.count,
      firstPosition: this.positionOf(this.firstIndex),
      room: this.room,
      isUniform: !this.hasOverrides,
      hostsOf: this.hasOverrides ? (nth) => Math.min(clusterOf(nth).hosts, this.room) : constant(this.baseHosts),
      clusterAt: (nth) => this.identityOf(this.firstIndex + nth),
      turnOf: (nth) => this.turnOf(nth),
      namespaces: () => this.clusterNamespaces(),
    });
    const fleet = new Fleet(
      {
        macPrefix: DEFAULT_MAC_PREFIX,
        bmcAddresses: hosts.bmcEndpoint === undefined ? DEFAULT_BMC_ADDRESSES : undefined,
        ...withoutUndefined(hosts),
        labels: { ...hosts.labels, [CLUSTER_SET_LABEL]: this.name },
        name: this.name,
        count: placement.count,
      },
      placement,
    );
    return { fleet, placement };
  }

  private get baseHosts(): number {
    return this.base.controlPlanes + this.base.workers + this.spare;
  }

  /** Which of its namespace's clusters one is, from 0. */
  private turnOf(nth: number): number {
    if (this.hasNamespaceEach) return 0;
    const first = this.positionOf(this.firstIndex);
    const position = first + nth;
    if (this.clustersPerNamespace === Infinity) return nth;
    // The first namespace may have begun with clusters before this set's.
    return Math.min(nth, position % this.clustersPerNamespace);
  }
}

/** Of two overrides the later one wins; labels and annotations are added. */
function joined(base: ClusterOverride, over: ClusterOverride): ClusterOverride {
  return { ...mergeOptions(base, over), endpoint: over.endpoint ?? base.endpoint };
}

function constant<T>(value: T): () => T {
  return () => value;
}
