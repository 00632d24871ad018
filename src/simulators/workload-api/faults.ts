/** The faults that are in force, and what they do to each cluster. */
import {
  kindOfFault,
  type WorkloadApiFault,
  type WorkloadApiFaultKind,
} from '../../../lib/scenario/workload-api-faults';
import { drawLatency, drawOf, type Draw } from './draws';
import type { FaultSource, WrittenFault } from './planned-fault';

/** What becomes of one request. */
export interface Fate {
  /** How long it waits, in milliseconds. */
  readonly delayMs: number;
  /** What it is answered with; undefined for an answer as always. */
  readonly code: number | undefined;
  /** Whether its connection is reset in place of an answer. */
  readonly isReset: boolean;
}

/** Which nodes of a cluster are lost. */
export interface NodeFault {
  readonly id: string;
  readonly how: 'gone' | 'neverJoin' | 'notReady';
  readonly share: number;
  readonly of: 'controlPlane' | 'workers' | undefined;
}

/** What goes wrong with one cluster. It stays the same object while the same faults are in force. */
export interface ClusterFaults {
  /** What becomes of the next request; undefined where nothing does. */
  readonly fate: (() => Fate) | undefined;
  readonly unreachable: 'refused' | 'silent' | undefined;
  /** How late events of watches are, in milliseconds; Infinity for those that are held. */
  readonly watchDelayMs: number | undefined;
  readonly expired: ReadonlySet<'apiServer' | 'etcd'>;
  readonly etcd: 'memberUnhealthy' | 'noQuorum' | undefined;
  readonly nodes: readonly NodeFault[];
}

/** How often each fault has struck. */
export class FaultCounts {
  readonly counts = new Map<WorkloadApiFaultKind, number>();

  add(kind: WorkloadApiFaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

/** A fault with the clusters that it is for, and what is drawn for each of them. */
interface Active {
  file: WrittenFault;
  readonly kind: WorkloadApiFaultKind;
  readonly draws: Map<string, Draw>;
}

export interface FaultsProps {
  /** Where they are written; undefined where nobody can. */
  readonly source: FaultSource | undefined;
  readonly counts: FaultCounts;
  /** Is told of the clusters for which something has changed. */
  readonly onChange: (clusters: Iterable<string>) => void;
  readonly log: (line: string) => void;
}

export class Faults {
  private readonly active = new Map<string, Active>();
  private readonly byCluster = new Map<string, Active[]>();
  private readonly made = new Map<string, ClusterFaults>();
  private readonly refused = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly props: FaultsProps) {}

  /** Those that are in force, as they were written. */
  get all(): readonly WrittenFault[] {
    return [...this.active.values()].map(({ file }) => file);
  }

  /** How many clusters each kind is in force for, of those that are simulated here. */
  clusters(isHere: (key: string) => boolean): ReadonlyMap<WorkloadApiFaultKind, number> {
    const clusters = new Map<WorkloadApiFaultKind, number>();
    for (const { kind, file } of this.active.values())
      clusters.set(kind, (clusters.get(kind) ?? 0) + file.clusters.filter(isHere).length);
    return clusters;
  }

  /** What goes wrong with a cluster; undefined where nothing does. */
  of(key: string): ClusterFaults | undefined {
    const found = this.byCluster.get(key);
    if (found === undefined) return undefined;
    let faults = this.made.get(key);
    if (faults === undefined) this.made.set(key, (faults = this.make(key, found)));
    return faults;
  }

  /** Brings what is in force to what is written down, once that has been looked at. */
  async refresh(): Promise<void> {
    try {
      await this.props.source?.refresh?.();
    } catch (error) {
      this.props.log(`faults cannot be read: ${(error as Error).message}`);
    }
    this.reload();
  }

  /** Brings what is in force to what is written down. Those whose time is over are taken away. */
  reload(now = Date.now()): void {
    const { source } = this.props;
    if (source === undefined) return;
    const changed = new Set<string>();
    const ids = new Set(this.idsIn(source));
    for (const [id, each] of this.active) {
      const { until = each.file.until } = (ids.has(id) ? this.read(source, id) : undefined) ?? {};
      each.file = { ...each.file, until };
      if (!ids.has(id) || each.file.until <= now) {
        this.end(each, changed);
        source.remove(id);
      }
    }
    for (const id of ids) {
      if (this.active.has(id)) continue;
      const file = this.read(source, id);
      if (file !== undefined && file.until > now) this.begin(file, changed);
      else if (file !== undefined) source.remove(id);
    }
    clearTimeout(this.timer);
    const next = Math.min(...[...this.active.values()].map(({ file }) => file.until));
    if (next < Infinity) {
      this.timer = setTimeout(() => this.reload(), Math.min(Math.max(0, next - now), 0x7fffffff));
      this.timer.unref();
    }
    if (changed.size > 0) this.props.onChange(changed);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private idsIn(source: FaultSource): readonly string[] {
    try {
      return source.ids();
    } catch (error) {
      this.props.log(`faults cannot be read: ${(error as Error).message}`);
      return [];
    }
  }

  private read(source: FaultSource, id: string): WrittenFault | undefined {
    if (this.refused.has(id)) return undefined;
    try {
      return source.read(id);
    } catch (error) {
      // Said once.
      this.refused.add(id);
      this.props.log(`fault ${id} is left out: ${(error as Error).message}`);
      return undefined;
    }
  }

  private begin(file: WrittenFault, changed: Set<string>): void {
    const active: Active = { file, kind: kindOfFault(file.fault), draws: new Map<string, Draw>() };
    this.active.set(file.id, active);
    for (const key of file.clusters) {
      this.byCluster.set(key, [...(this.byCluster.get(key) ?? []), active]);
      this.made.delete(key);
      changed.add(key);
    }
  }

  private end(active: Active, changed: Set<string>): void {
    this.active.delete(active.file.id);
    for (const key of active.file.clusters) {
      const rest = (this.byCluster.get(key) ?? []).filter((each) => each !== active);
      if (rest.length > 0) this.byCluster.set(key, rest);
      else this.byCluster.delete(key);
      this.made.delete(key);
      changed.add(key);
    }
  }

  private make(key: string, active: readonly Active[]): ClusterFaults {
    const faults = active.map(({ file }) => file.fault);
    const first = <K extends keyof WorkloadApiFault>(field: K, value?: WorkloadApiFault[K]) =>
      faults.map((fault) => fault[field]).find((each) => each !== undefined && (value === undefined || each === value));
    const unreachable = first('unreachable', 'refused') ?? first('unreachable');
    const delays = faults.flatMap(({ slowWatch }) => (slowWatch ? [slowWatch.milliseconds ?? Infinity] : []));
    if (unreachable === 'silent') delays.push(Infinity);
    const onRequests = active.filter(({ kind }) => kind === 'latency' || kind === 'errors' || kind === 'resets');
    return {
      fate: onRequests.length === 0 ? undefined : () => this.fateOf(key, onRequests),
      unreachable,
      watchDelayMs: delays.length === 0 ? undefined : Math.max(...delays),
      expired: new Set(faults.flatMap(({ expiredCertificate }) => expiredCertificate ?? [])),
      etcd: first('etcd', 'noQuorum') ?? first('etcd'),
      nodes: active.flatMap(({ file: { id, fault } }) =>
        fault.nodes === undefined ? [] : [{ id, how: fault.nodes, share: fault.nodeShare ?? 1, of: fault.nodesOf }],
      ),
    };
  }

  private fateOf(key: string, active: readonly Active[]): Fate {
    let delayMs = 0;
    let code: number | undefined;
    let isReset = false;
    for (const each of active) {
      const { kind, file } = each;
      const { latency, errors = [], requestShare = 1 } = file.fault;
      const draw = drawFor(each, key);
      // The same number of draws for each request, whatever comes of them.
      const isMeant = draw() < requestShare;
      const drawn = latency === undefined ? draw() : drawLatency(latency, draw);
      if (!isMeant) continue;
      this.props.counts.add(kind);
      if (kind === 'latency') delayMs += drawn;
      else if (kind === 'resets') isReset = true;
      else code ??= errors[Math.floor(drawn * errors.length)];
    }
    return { delayMs, code, isReset };
  }
}

function drawFor({ file: { seed }, draws }: Active, key: string): Draw {
  let draw = draws.get(key);
  if (draw === undefined) draws.set(key, (draw = drawOf(`${seed} ${key}`)));
  return draw;
}
