/**
 * One workload cluster: its objects, and what kubelets, kubeadm and the controllers of a real one would do to them, as far
 * as it follows from the facts of the management cluster.
 */
import { timeOf, type ApiObject } from './api-object';
import { requireBudget } from './disruption';
import { EtcdMembers } from './etcd';
import type { ClusterFacts, HostFacts, MachineFacts } from './facts';
import type { NodeFault } from './faults';
import { NodeFaults } from './node-faults';
import { isEqual } from './patch';
import { resource as resourceNamed, type Resource } from './resources';
import { Derived, Store, uuidOf, type Build } from './store';
import * as templates from './templates';
import { WatchDelay } from './watch-delay';
import { Writes } from './writes';

const NODES = resourceNamed('v1', 'nodes');
const PODS = resourceNamed('v1', 'pods');
const LEASES = resourceNamed('coordination.k8s.io/v1', 'leases');
const NAMESPACES = resourceNamed('v1', 'namespaces');
const DAEMON_SETS = resourceNamed('apps/v1', 'daemonsets');
const DEPLOYMENTS = resourceNamed('apps/v1', 'deployments');
const REPLICA_SETS = resourceNamed('apps/v1', 'replicasets');
const BUDGETS = resourceNamed('policy/v1', 'poddisruptionbudgets');

const SYSTEM = 'kube-system';
const LEASE_NAMESPACE = 'kube-node-lease';
/** As often as kubelets do. */
const LEASE_MS = 10_000;
/** How long a controller manager waits for a kubelet that has fallen silent. */
const SILENCE_MS = 40_000;

/** How long after its host is provisioned a node joins, in milliseconds; drawn anew for each machine. */
export interface JoinDelay {
  readonly min: number;
  readonly max: number;
}

/** A node that has joined. */
interface Joined {
  readonly name: string;
  readonly uid: string;
  readonly machine: MachineFacts;
  readonly joinedAt: number;
  readonly address: string;
  /** Whether its kubelet is gone with its host. */
  readonly isLost: boolean;
  /** What its pods are called by; a pod that is made anew is another one. */
  readonly pods: ReadonlyMap<string, PodOf>;
}

/** A pod that follows from a node. */
interface PodOf {
  readonly component: string;
  readonly name: string;
  readonly uid: string;
}

interface DnsPod {
  readonly name: string;
  node: string | undefined;
  startedAt: number;
}

export class WorkloadCluster {
  readonly store: Store;
  readonly writes: Writes;
  readonly etcd: EtcdMembers;
  readonly watchDelay = new WatchDelay();
  /** How often it has been asked. */
  requests = 0;
  private readonly joined = new Map<string, Joined>();
  /**
   * Machines whose Node somebody has deleted, and how often each one's host had been switched on by then: a kubelet
   * registers itself when it starts.
   */
  private readonly deleted = new Map<string, number>();
  private readonly nodeFaults = new NodeFaults();
  private readonly dnsPods: DnsPod[] = [];
  private drawn = 0;
  private isInitialized = false;
  private leasesAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private pendingSync: NodeJS.Immediate | undefined;

  constructor(
    private current: ClusterFacts,
    private readonly delay: JoinDelay = { min: 0, max: 0 },
    now = Date.now(),
  ) {
    this.store = new Store(current.uid);
    this.writes = new Writes(this.store, {
      written: (resource) => this.onWritten(resource),
      removed: (resource, object) => this.onRemoved(resource, object),
    });
    this.etcd = new EtcdMembers(current.uid, () =>
      this.current.hasStackedEtcd ? [...this.joined.values()].filter(({ machine }) => machine.isControlPlane) : [],
    );
    this.add(templates.bootstrapTemplates(current), now);
    this.update(current, now);
  }

  get facts(): ClusterFacts {
    return this.current;
  }

  get address(): string {
    const { endpoint } = this.current;
    return endpoint === undefined ? '' : `${endpoint.host}:${endpoint.port}`;
  }

  get nodeCount(): number {
    return this.joined.size;
  }

  versionInfo(): object {
    const { version } = this.current;
    const [, major = '1', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
    return {
      major,
      minor,
      gitVersion: version,
      gitCommit: 'simulated',
      gitTreeState: 'clean',
      buildDate: '1970-01-01T00:00:00Z',
      goVersion: 'none',
      compiler: 'none',
      platform: 'linux/amd64',
    };
  }

  /** Takes what the management cluster says now. */
  update(facts: ClusterFacts, now = Date.now()): void {
    this.current = facts;
    const machines = new Map(facts.machines.map((machine) => [machine.uid, machine]));
    for (const [uid, node] of this.joined) if (!machines.has(uid)) this.leave(node);
    for (const uid of this.deleted.keys()) if (!machines.has(uid)) this.deleted.delete(uid);
    let next = Infinity;
    // The first control-plane node makes what others need.
    const inOrder = [...facts.machines].sort((a, b) => Number(b.isControlPlane) - Number(a.isControlPlane));
    for (const machine of inOrder) {
      const known = this.joined.get(machine.uid);
      const { host } = machine;
      const silentAt = (host?.offSince ?? Infinity) + SILENCE_MS;
      if (known !== undefined) {
        const fault = this.nodeFaults.of(machine);
        if (fault === 'gone') this.takeAway(known);
        else this.change(known, machine, host === undefined || silentAt <= now || fault === 'notReady', now);
        if (silentAt > now) next = Math.min(next, silentAt);
      } else if (host !== undefined && host.offSince === undefined && !this.nodeFaults.keepsAway(machine)) {
        const joinsAt = this.joinsAt(machine, host, now);
        if (joinsAt <= now) this.join(machine, joinsAt);
        else next = Math.min(next, joinsAt);
      }
    }
    clearTimeout(this.timer);
    if (next === Infinity) return;
    this.timer = setTimeout(() => this.update(this.current), Math.min(next - now, 0x7fffffff));
    this.timer.unref();
  }

  /** Which of its nodes are lost from now on; those that were come back. @param onStruck is told of each that is lost */
  loseNodes(faults: readonly NodeFault[], onStruck: () => void, now = Date.now()): void {
    const joined = [...this.joined.values()].map(({ machine }) => machine);
    const isChanged = this.nodeFaults.change(faults, joined, onStruck);
    if (!isChanged) return;
    // A kubelet that is well again registers itself.
    for (const { uid } of this.current.machines)
      if (this.deleted.has(uid) && this.nodeFaults.hasComeBack(uid)) this.deleted.set(uid, -1);
    this.update(this.current, now);
  }

  /** Ends what it does by itself. */
  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.pendingSync);
  }

  /** Brings up to date what nobody may have looked at for a while. */
  prepare(resource: Resource, now = Date.now()): void {
    if (resource === LEASES) this.renewLeases(now);
  }

  /** Renews what kubelets renew, where somebody watches it. */
  renew(now = Date.now()): void {
    if (this.store.isWatched(LEASES)) this.renewLeases(now);
  }

  /** @throws StatusError (429) where a budget forbids that a pod is evicted */
  requireEvictable(pod: ApiObject): void {
    const all = (resource: Resource, namespace: string) =>
      this.store.list(resource, namespace).map((each) => this.store.read(each));
    const namespace = pod.metadata.namespace ?? '';
    requireBudget(pod, all(BUDGETS, namespace), () => all(PODS, namespace));
  }

  /** @throws StatusError (404) */
  podOf(namespace: string, name: string): ApiObject {
    return this.writes.get({ resource: PODS, namespace, name });
  }

  /** The node of a pod of the control plane; undefined for another pod. */
  controlPlanePod(namespace: string, name: string): { readonly component: string; readonly node: string } | undefined {
    if (namespace !== SYSTEM) return undefined;
    for (const node of this.joined.values())
      for (const pod of node.pods.values())
        if (pod.name === name && pod.component !== 'kube-proxy' && !node.isLost)
          return { component: pod.component, node: node.name };
    return undefined;
  }

  /** @returns Infinity for one whose kubelet goes on without its Node */
  private joinsAt(machine: MachineFacts, { provisionedAt, boots }: HostFacts, now: number): number {
    const deletedAt = this.deleted.get(machine.uid);
    if (deletedAt === undefined) return provisionedAt + this.delayOf(machine);
    return deletedAt < boots ? now : Infinity;
  }

  private delayOf({ uid }: MachineFacts): number {
    const { min, max } = this.delay;
    return min + ((max - min) * parseInt(uuidOf(uid).slice(0, 8), 16)) / 2 ** 32;
  }

  private add(all: readonly templates.Template[], created: number): void {
    for (const { groupVersion, plural, namespace, name, build } of all) {
      const resource = resourceNamed(groupVersion, plural);
      // What somebody has made by this name stays.
      if (this.store.get(resource, namespace, name) === undefined)
        this.store.derive(resource, namespace, name, created, build);
    }
  }

  private join(machine: MachineFacts, joinedAt: number): void {
    const { name, isControlPlane, host } = machine;
    if (host === undefined) return;
    if (isControlPlane && !this.isInitialized) {
      this.isInitialized = true;
      const counts = { nodes: () => this.joined.size, readyCoreDns: () => this.readyDns() };
      this.add(templates.kubeadmTemplates(this.current, counts), joinedAt);
      for (let i = 0; i < templates.COREDNS_REPLICAS; i++) this.addDnsPod(joinedAt);
    }
    // One that registers itself again is another Node, with other pods.
    const seed = `${this.current.uid} node ${machine.uid}`;
    const isAnew = this.deleted.delete(machine.uid);
    const uid = uuidOf(isAnew ? `${seed} ${host.boots}` : seed);
    const count = isAnew ? ++this.drawn : 0;
    const components = [...(isControlPlane ? templates.staticPods(this.current) : []), 'kube-proxy'];
    const node: Joined = {
      name,
      uid,
      machine,
      joinedAt,
      address: templates.addressOf(machine),
      isLost: false,
      pods: new Map(components.map((component) => [component, this.podFor(component, machine, count)])),
    };
    this.joined.set(machine.uid, node);
    const facts = this.current;
    const draft = () => {
      const { metadata, ...rest } = templates.nodeDraft(facts, machine, host, joinedAt);
      return { ...rest, metadata: { ...metadata, uid } };
    };
    this.store.derive(NODES, '', name, joinedAt, draft);
    this.renewLease(node, Math.max(joinedAt, this.leasesAt));
    for (const pod of node.pods.values()) this.putPod(node, pod, joinedAt);
    this.sync();
  }

  /** @param count how often it has been made anew */
  private podFor(component: string, machine: MachineFacts, count: number): PodOf {
    const seed = `${this.current.uid} ${component} ${machine.uid} ${count}`;
    const suffix = component === 'kube-proxy' ? templates.suffixOf(seed) : machine.name;
    return { component, name: `${component}-${suffix}`, uid: uuidOf(seed) };
  }

  private putPod(node: Joined, { component, name, uid }: PodOf, startedAt: number): void {
    const version = node.machine.version || this.current.version;
    const place = { node: node.name, nodeUid: node.uid, address: node.address, startedAt, isReady: !node.isLost };
    const draft: Build = () => {
      const owner = component === 'kube-proxy' ? this.read(DAEMON_SETS, SYSTEM, 'kube-proxy') : undefined;
      const made =
        component === 'kube-proxy'
          ? templates.kubeProxyPodDraft(owner ?? NOTHING, place)
          : templates.staticPodDraft(component, version, place);
      return { ...made, metadata: { ...made.metadata, uid } };
    };
    // Before there is a control plane, nobody makes pods of a DaemonSet.
    if (component === 'kube-proxy' && !this.isInitialized) return;
    this.store.derive(PODS, SYSTEM, name, startedAt, draft);
  }

  private read(resource: Resource, namespace: string, name: string): ApiObject | undefined {
    const found = this.store.get(resource, namespace, name);
    return found && this.store.read(found);
  }

  /** What a machine says now of a node that is there. */
  private change(node: Joined, machine: MachineFacts, isLost: boolean, now: number): void {
    const before = node.machine;
    const isNewVersion = machine.version !== before.version;
    const boots = machine.host?.boots ?? 0;
    const isBooted = boots > (before.host?.boots ?? boots);
    const changed: Joined = { ...node, machine, isLost };
    this.joined.set(machine.uid, changed);
    if (isLost === node.isLost && !isNewVersion && !isBooted && machine.providerId === before.providerId) return;
    const object = this.read(NODES, '', node.name);
    if (object === undefined) return;
    let { spec, status } = object as unknown as NodeParts;
    if (machine.providerId !== '' && spec.providerID === undefined) spec = { ...spec, providerID: machine.providerId };
    if (isNewVersion) {
      const kubeletVersion = machine.version || this.current.version;
      status = { ...status, nodeInfo: { ...status.nodeInfo, kubeletVersion } };
    }
    if (isBooted) status = { ...status, nodeInfo: { ...status.nodeInfo, bootID: templates.bootIdOf(machine.host!) } };
    if (isLost !== node.isLost || isBooted) {
      const others = (spec.taints ?? []).filter(({ key }) => key !== UNREACHABLE);
      const taints = [...others, ...(isLost ? templates.UNREACHABLE_TAINTS : [])];
      spec = { ...spec, taints: taints.length > 0 ? taints : undefined };
      status = {
        ...status,
        conditions: withConditions(status.conditions, templates.nodeConditions(!isLost, timeOf(now))),
      };
    }
    this.store.write(NODES, { ...object, spec, status });
    if (isLost !== node.isLost || isNewVersion)
      for (const pod of changed.pods.values())
        if (pod.component !== 'kube-proxy' || isLost !== node.isLost) this.putPod(changed, pod, node.joinedAt);
    this.sync();
  }

  /** A node goes, and its pods with it. */
  private leave(node: Joined): void {
    this.joined.delete(node.machine.uid);
    this.store.remove(NODES, '', node.name);
    this.clear(node.name);
    this.sync();
  }

  /** A Node is deleted under its machine. */
  private takeAway(node: Joined): void {
    this.leave(node);
    this.deleted.set(node.machine.uid, node.machine.host?.boots ?? 0);
  }

  private clear(node: string): void {
    this.store.remove(LEASES, LEASE_NAMESPACE, node);
    for (const pod of this.store.list(PODS)) {
      const { spec } = this.store.read(pod) as { readonly spec?: { readonly nodeName?: string } };
      if (spec?.nodeName !== node) continue;
      const object = this.store.remove(PODS, pod.namespace, pod.name);
      if (object !== undefined) this.onPodRemoved(object);
    }
  }

  private renewLeases(now: number): void {
    if (now - this.leasesAt < LEASE_MS) return;
    this.leasesAt = now;
    for (const node of this.joined.values()) if (!node.isLost) this.renewLease(node, now);
  }

  private renewLease({ name, uid, joinedAt }: Joined, at: number): void {
    this.store.derive(LEASES, LEASE_NAMESPACE, name, joinedAt, () => templates.leaseDraft(name, uid, at));
  }

  private onWritten(resource: Resource): void {
    if (resource === NODES || resource === DEPLOYMENTS || resource === DAEMON_SETS) this.sync();
  }

  private onRemoved(resource: Resource, object: ApiObject): void {
    const { name } = object.metadata;
    if (resource === NAMESPACES) this.store.removeAll(name);
    if (resource === NODES) {
      const node = [...this.joined.values()].find((each) => each.uid === object.metadata.uid);
      if (node !== undefined) {
        this.joined.delete(node.machine.uid);
        this.deleted.set(node.machine.uid, node.machine.host?.boots ?? 0);
      }
      this.clear(name);
    }
    if (resource === PODS) this.onPodRemoved(object);
    this.sync();
  }

  /** What its owner does then. */
  private onPodRemoved({ metadata: { name, namespace } }: ApiObject): void {
    if (namespace !== SYSTEM) return;
    const dns = this.dnsPods.findIndex((each) => each.name === name);
    if (dns >= 0) {
      this.dnsPods.splice(dns, 1);
      this.addDnsPod(Date.now());
      return;
    }
    for (const node of this.joined.values())
      for (const pod of node.pods.values()) {
        if (pod.name !== name || node.isLost) continue;
        const anew = this.podFor(pod.component, node.machine, ++this.drawn);
        this.joined.set(node.machine.uid, { ...node, pods: new Map([...node.pods, [pod.component, anew]]) });
        this.putPod(node, anew, Date.now());
        return;
      }
  }

  private addDnsPod(startedAt: number): void {
    const suffix = templates.suffixOf(`${this.current.uid} coredns ${this.dnsPods.length} ${this.drawn++}`);
    this.dnsPods.push({ name: `${templates.COREDNS_REPLICA_SET}-${suffix}`, node: undefined, startedAt });
  }

  private readyDns(): number {
    const lost = new Set([...this.joined.values()].filter(({ isLost }) => isLost).map(({ name }) => name));
    return this.dnsPods.filter(({ node }) => node !== undefined && !lost.has(node)).length;
  }

  /** What the scheduler and the controllers of workloads do, once what is under way is done. */
  private sync(): void {
    this.pendingSync ??= setImmediate(() => {
      this.pendingSync = undefined;
      this.placeDnsPods();
      this.refresh(DAEMON_SETS, 'kube-proxy', templates.daemonSetStatus(this.joined.size));
      const ready = this.readyDns();
      this.refresh(DEPLOYMENTS, 'coredns', templates.deploymentStatus(ready));
      const replicas = { observedGeneration: 1, replicas: templates.COREDNS_REPLICAS };
      this.refresh(REPLICA_SETS, templates.COREDNS_REPLICA_SET, {
        ...replicas,
        readyReplicas: ready,
        availableReplicas: ready,
      });
    });
  }

  private placeDnsPods(): void {
    const open = [...this.joined.values()].filter((node) => {
      const { spec } = (this.read(NODES, '', node.name) ?? {}) as { readonly spec?: NodeParts['spec'] };
      return (
        !node.isLost && spec !== undefined && spec.unschedulable !== true && (spec.taints ?? []).every(isTolerated)
      );
    });
    for (const pod of this.dnsPods) {
      const isThere = this.store.get(PODS, SYSTEM, pod.name) !== undefined;
      if (isThere && pod.node !== undefined) continue;
      const used = new Set(this.dnsPods.map(({ node }) => node));
      const node = open.find(({ name }) => !used.has(name)) ?? open[0];
      if (isThere && node === undefined) continue;
      pod.node = node?.name;
      const { name, uid = '', address = '' } = node ?? {};
      const place = { node: name, nodeUid: uid, address, startedAt: pod.startedAt, isReady: true };
      const uidOfSet = this.store.uidOf(REPLICA_SETS, SYSTEM, templates.COREDNS_REPLICA_SET);
      this.store.derive(PODS, SYSTEM, pod.name, pod.startedAt, () =>
        templates.coreDnsPodDraft(this.read(DEPLOYMENTS, SYSTEM, 'coredns') ?? NOTHING, uidOfSet, place),
      );
    }
  }

  /** Tells of a status that has changed. One that nobody has written to says it by itself. */
  private refresh(resource: Resource, name: string, status: object): void {
    const version = this.store.get(resource, SYSTEM, name);
    if (version === undefined || this.told.get(name) === JSON.stringify(status)) return;
    this.told.set(name, JSON.stringify(status));
    const { source } = version;
    if (source instanceof Derived) this.store.derive(resource, SYSTEM, name, source.created, source.build);
    else if (!isEqual(source['status'], status)) this.store.write(resource, { ...source, status });
  }

  private readonly told = new Map<string, string>();
}

interface NodeParts {
  readonly spec: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly effect?: string }[] | undefined;
  };
  readonly status: { readonly nodeInfo: object; readonly conditions?: readonly object[] };
}

const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** An owner that somebody has deleted. */
const NOTHING: ApiObject = {
  apiVersion: '',
  kind: '',
  metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' },
};

function isTolerated({ key, effect }: { readonly key: string; readonly effect?: string }): boolean {
  return effect === 'PreferNoSchedule' || key === 'node-role.kubernetes.io/control-plane';
}

/** Conditions by type; what others have added stays. */
function withConditions(before: readonly object[] = [], after: readonly object[]): object[] {
  const typeOf = (each: object) => (each as { readonly type?: string }).type;
  const types = new Set(after.map(typeOf));
  return [...before.filter((each) => !types.has(typeOf(each))), ...after];
}
