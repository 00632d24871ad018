/**
 * The right to write a set: a Lease (coordination.k8s.io) beside the set's parent, which one run at a time holds.
 *
 * Two runs that write a set at once would each prune what the other has just written. The Lease is there while a run is
 * at work, says who works, and is renewed every few seconds; it is deleted when the run ends, so that nothing stays
 * behind. Of a run that was killed it stays, and is taken over once nobody has renewed it for its duration, or at once
 * where it can be seen that the process is no more. A run that was only stopped finds out before its next write.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { TestbedError } from '../../lib/errors';
import type { Operation } from '../util/events';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient, RequestOptions } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { processIdentity } from '../process/identity';
import { isMap } from '../util/is-map';
import { until } from '../util/until';

/** How long a Lease that nobody renews is respected. */
const DURATION_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
/** Our own clock may run a little slower than that of who waits. */
const MARGIN_MS = 1_000;
/** What a process had under way when it was killed has come to its end by then. */
const DEAD_GRACE_MS = 1_000;
/** So much older than now, by whatever clock it was written, no Lease is still held. */
const LONG_AGO_MS = 600_000;
const ASK_EVERY_MS = 500;
const RELEASE_MS = 2_000;
/** How long the holder of a set is waited for, where nothing else is said. */
const WAIT_MS = 60_000;

/** Tells the same process on the same boot of the same machine from any other. */
const PROCESS_ANNOTATION = 'metal3-testbed/process';

interface Lease {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    /** '' for one that is not there yet. */
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly time?: string }[];
  };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
}

export interface SetLeaseOptions extends Operation {
  /** Names the work in events. */
  readonly task: string;
  /** How long another holder is waited for, in milliseconds. @default 60000 */
  readonly waitMs?: number | undefined;
  /** How long a renewal is tried that a write waits for, in milliseconds. @default 60000 */
  readonly retryMs?: number | undefined;
}

/** A Lease that this run holds. */
export class SetLease {
  /** Aborted once another run has taken the set over. */
  readonly signal: AbortSignal;
  /** When the run began, by the clock of the API server, in milliseconds since 1970. */
  readonly startedAt: number;
  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewal: Promise<void> | undefined;
  private isReleased = false;
  private hasLapsed = false;
  /** Until when nobody else can have taken it over, on both clocks: one stands still while the machine sleeps. */
  private validUntil = { monotonic: 0, wall: 0 };

  private constructor(
    private readonly client: KubernetesClient,
    private readonly set: SetName,
    private lease: Lease,
    askedAt: Clocks,
    private readonly retryMs: number,
  ) {
    this.signal = this.lost.signal;
    const times = (lease.metadata.managedFields ?? []).map(({ time = '' }) => Date.parse(time));
    const known = [...times, Date.parse(lease.metadata.creationTimestamp ?? '')].filter((time) => !Number.isNaN(time));
    this.startedAt = known.length === 0 ? Date.now() : Math.max(...known);
    this.extend(askedAt);
    this.timer = setInterval(() => {
      if (!this.isValid) this.lapse();
      void this.renew(RENEW_EVERY_MS).catch(() => undefined);
    }, RENEW_EVERY_MS);
    // Whoever is done with everything else need not stay for this.
    this.timer.unref();
  }

  /**
   * Takes the Lease of a set, and waits for another holder.
   *
   * @throws TestbedError (`cluster`) naming the holder where it does not end in time
   */
  static async take(client: KubernetesClient, set: SetName, options: SetLeaseOptions): Promise<SetLease> {
    const { signal, waitMs = WAIT_MS, retryMs = 60_000, listener, task } = options;
    const holder = holderOf();
    const path = pathOf(set);
    let seen = { version: '', at: 0 };
    let other: Lease | undefined;
    const common = { signal, retryMs };
    const attempt = async (): Promise<SetLease | undefined> => {
      const there = await readLease(client, path, common);
      const { resourceVersion = '' } = there?.metadata ?? {};
      if (there !== undefined && there.spec.holderIdentity !== holder.identity) {
        const now = performance.now();
        if (resourceVersion !== seen.version) seen = { version: resourceVersion, at: now };
        if (!isFree(there, now - seen.at)) {
          if (other === undefined)
            listener?.({ type: 'warning', task, detail: `${describeHolder(set, there)}; waiting until it is done` });
          other = there;
          return undefined;
        }
      }
      const askedAt = clocks();
      const lease = leaseOf(set, holder, there?.metadata.resourceVersion ?? '');
      const written = there === undefined ? create(client, lease, common) : replace(client, lease, common);
      const taken = await unlessRaced(written);
      return taken && new SetLease(client, set, taken, askedAt, retryMs);
    };
    const taken = await until(attempt, {
      deadlineMs: waitMs,
      everyMs: Math.min(ASK_EVERY_MS, Math.max(1, waitMs)),
      signal,
    });
    if (taken !== undefined) return taken;
    throw new TestbedError(
      'cluster',
      `${other === undefined ? `the Lease ${path} cannot be acquired` : describeHolder(set, other)}; timed out after ${waitMs / 1000} s, nothing was changed: wait for it or stop it, then run this again`,
    );
  }

  /**
   * To be called before each write.
   *
   * @returns undefined where the set is ours without a doubt; else what has to be waited for
   * @throws TestbedError (`cluster`) where another run has taken the set over
   */
  ensure(): Promise<void> | undefined {
    this.signal.throwIfAborted();
    if (this.isValid) return undefined;
    this.lapse();
    return this.renew(this.retryMs).then(() => this.ensure());
  }

  /** Lets the next one in. */
  async release(): Promise<void> {
    if (this.isReleased) return;
    this.isReleased = true;
    clearInterval(this.timer);
    await this.renewal?.catch(() => undefined);
    if (this.signal.aborted) return;
    // Whoever does not get through leaves a Lease that expires.
    await this.remove().catch(() => undefined);
  }

  private get isValid(): boolean {
    return performance.now() < this.validUntil.monotonic && Date.now() < this.validUntil.wall;
  }

  /**
   * What this process wanted to send before it was stopped still waits to be sent, and would reach the API server before
   * any question whether it may.
   */
  private lapse(): void {
    if (this.hasLapsed) return;
    this.hasLapsed = true;
    this.client.reset();
  }

  private async remove(): Promise<void> {
    const { uid, resourceVersion } = this.lease.metadata;
    await this.client.request('DELETE', pathOf(this.set), {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
      retryMs: RELEASE_MS,
      silenceMs: RELEASE_MS,
    });
  }

  private renew(retryMs: number): Promise<void> {
    this.renewal ??= this.renewOnce(retryMs).finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async renewOnce(retryMs: number): Promise<void> {
    const askedAt = clocks();
    const { metadata, spec } = this.lease;
    const next = { ...this.lease, spec: { ...spec, renewTime: microTime() } };
    let renewed = await unlessRaced(replace(this.client, next, { retryMs }));
    if (renewed === undefined) {
      // Perhaps only the answer to a renewal of our own was lost.
      const there = await readLease(this.client, pathOf(this.set), { retryMs });
      const isOurs = there?.metadata.uid === metadata.uid && there?.spec.holderIdentity === spec.holderIdentity;
      if (there === undefined || !isOurs) return this.lose(there);
      renewed = there;
    }
    this.lease = renewed;
    this.extend(askedAt);
  }

  private lose(to: Lease | undefined): never {
    const who = to === undefined ? 'another run has had it in the meantime' : describeHolder(this.set, to);
    const error = new TestbedError(
      'cluster',
      `another run took over the set ${this.set.name} while this one was stopped (${who}); this one has written nothing since: run it again`,
    );
    clearInterval(this.timer);
    this.lost.abort(error);
    throw error;
  }

  private extend(from: Clocks): void {
    this.hasLapsed = false;
    const ms = DURATION_MS - MARGIN_MS;
    this.validUntil = { monotonic: from.monotonic + ms, wall: from.wall + ms };
  }
}

interface SetName {
  readonly name: string;
  readonly namespace: string;
}

interface Clocks {
  readonly monotonic: number;
  readonly wall: number;
}

interface Holder {
  /** Names the run, and no other. */
  readonly identity: string;
  readonly process: string;
}

function clocks(): Clocks {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** The name of the Lease; that of a ConfigMap may be as long as any name. */
export function leaseName(set: string): string {
  const name = `applyset.${set}`;
  if (name.length <= 253) return name;
  return `${name.slice(0, 212)}.${createHash('sha256').update(set).digest('hex').slice(0, 40)}`;
}

function pathOf({ name, namespace }: SetName): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${leaseName(name)}`;
}

function leaseOf({ name, namespace }: SetName, holder: Holder, resourceVersion: string): Lease {
  const now = microTime();
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: leaseName(name),
      namespace,
      // An empty one says that none may be there: so that it is not tried again where one is.
      resourceVersion,
      annotations: { [PROCESS_ANNOTATION]: holder.process },
    },
    spec: {
      holderIdentity: holder.identity,
      leaseDurationSeconds: DURATION_MS / 1000,
      acquireTime: now,
      renewTime: now,
    },
  };
}

type Common = { readonly signal?: AbortSignal; readonly retryMs: number };

function create(client: KubernetesClient, lease: Lease, options: Common): Promise<Lease> {
  const { name: _, namespace } = lease.metadata;
  return client.request<Lease>('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, {
    body: lease,
    ...options,
  });
}

function replace(client: KubernetesClient, lease: Lease, options: Common): Promise<Lease> {
  const { name, namespace } = lease.metadata;
  return client.request<Lease>('PUT', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`, {
    body: lease,
    ...options,
  });
}

/** @returns undefined where somebody else was faster */
async function unlessRaced(request: Promise<Lease>): Promise<Lease | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return undefined;
    throw error;
  }
}

/** Who this run is. */
function holderOf(): Holder {
  const program = basename(process.argv[1] ?? 'node').replace(/\.[cm]?js$/, '');
  const command =
    program === 'main' || program === 'metal3-testbed' ? `metal3-testbed ${process.argv[2] ?? ''}` : program;
  return {
    identity: `${command.trim()}, process ${process.pid} on ${hostname()}, run ${randomUUID().slice(0, 8)}`,
    process: `${place()} ${process.pid} ${processIdentity(process.pid) ?? ''}`,
  };
}

/** In which numbering of processes the number of one means anything; '' where that cannot be told. */
function place(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** @param unchangedMs how long it has been seen without a change */
function isFree({ metadata, spec }: Lease, unchangedMs: number): boolean {
  const { holderIdentity = '', leaseDurationSeconds = 0, renewTime = '' } = spec;
  if (holderIdentity === '' || unchangedMs > leaseDurationSeconds * 1000) return true;
  if (Date.now() - Date.parse(renewTime) > LONG_AGO_MS) return true;
  return unchangedMs > DEAD_GRACE_MS && isDead(metadata.annotations?.[PROCESS_ANNOTATION] ?? '');
}

/** Whether a process of this machine is no more; of those elsewhere nothing can be said. */
function isDead(known: string): boolean {
  const [, at = '', pid = '', identity = ''] = /^(\S+) (\d+) (\S+\/\S+)$/.exec(known) ?? [];
  const [own = ''] = (processIdentity(process.pid) ?? '').split('/');
  if (at === '' || at !== place() || own === '' || own !== identity.split('/')[0]) return false;
  return processIdentity(Number(pid)) !== identity;
}

/** Who works on a set: command, process, machine and since when. */
function describeHolder({ name }: SetName, { spec }: Lease): string {
  const who = (spec.holderIdentity ?? 'somebody').slice(0, 300);
  return `the set ${name} is being written by ${who}, since ${(spec.acquireTime ?? 'an unknown time').replace(/\.\d+Z$/, 'Z')}`;
}

/** The time as Leases have it. */
function microTime(): string {
  return new Date().toISOString().replace(/Z$/, '000Z');
}

/** The Lease as it is; one that says nothing has no holder. */
async function readLease(client: KubernetesClient, path: string, options: RequestOptions): Promise<Lease | undefined> {
  const there = await ignoreNotFound(client.request<Lease>('GET', path, options));
  return there && { ...there, spec: isMap(there.spec) ? there.spec : {} };
}
