import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../kubernetes/client';
import type { KubernetesClient } from '../kubernetes/client';
import { restingState } from './provisioning-state';
import type { BareMetalHostSpec } from '../../lib/baremetal-host/schema';
import { collectionPath } from '../kubernetes/resources';

export const HOSTS_PATH = collectionPath('metal3.io/v1alpha1', 'baremetalhosts');

/** What is worth remembering of a BareMetalHost: a small part of it, since there may be many thousands. */
export interface ObservedHost {
  readonly namespace: string;
  readonly name: string;
  /** `status.provisioning.state`; '' before BMO has seen the host. */
  readonly state: string;
  readonly operationalStatus: string;
  readonly errorType: string;
  readonly errorMessage: string;
  readonly poweredOn: boolean;
  readonly isDeleting: boolean;
  /** Whether it has come to rest: it is in the state that its own spec, whoever wrote it, leads to. */
  readonly isAtRest: boolean;
}

interface HostObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: BareMetalHostSpec;
  readonly status?: {
    readonly operationalStatus?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly poweredOn?: boolean;
    readonly provisioning?: { readonly state?: string };
  };
}

interface HostList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly HostObject[];
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: HostObject & { readonly code?: number; readonly message?: string };
}

const PAGE = 500;
/** The API server ends a watch after this long, so that a connection that died unnoticed is found out. */
const WATCH_SECONDS = 240;

/**
 * All BareMetalHosts of a cluster as they are now, from one list and one watch. The watch is picked up where it ended,
 * and begun again with a list where the API server has forgotten that place.
 */
export class HostWatch {
  private readonly hosts = new Map<string, ObservedHost>();
  private readonly states = new Map<string, number>();
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private failure: Error | undefined;
  private waiters: (() => void)[] = [];
  private version = '';

  constructor(private readonly client: KubernetesClient) {}

  /** Lists the hosts, and follows them from then on. */
  async start(): Promise<void> {
    await this.list();
    this.running = this.follow().catch((error: unknown) => {
      this.failure = error as Error;
      this.wake();
    });
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    await this.running;
  }

  get size(): number {
    return this.hosts.size;
  }

  /** How many hosts are in each provisioning state, in the order in which the states were first seen. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.states].filter(([, count]) => count > 0));
  }

  all(): Iterable<ObservedHost> {
    return this.hosts.values();
  }

  get(namespace: string, name: string): ObservedHost | undefined {
    return this.hosts.get(`${namespace}/${name}`);
  }

  /**
   * Waits until a condition holds, asking after every change.
   *
   * @returns whether it came to hold before the deadline
   * @throws what ended the watch, if it did; the signal's reason
   */
  async until(
    condition: () => boolean,
    options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    const deadline = performance.now() + options.deadlineMs;
    for (;;) {
      options.signal?.throwIfAborted();
      if (this.failure !== undefined) throw this.failure;
      if (condition()) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await this.nextChange(left, options.signal);
    }
  }

  private async nextChange(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const timeout = new AbortController();
    const onAbort = () => timeout.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const changed = new Promise<void>((resolve) => this.waiters.push(resolve));
    await Promise.race([changed, delay(ms, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
    signal?.removeEventListener('abort', onAbort);
  }

  private wake(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  private async list(): Promise<void> {
    const seen = new Set<string>();
    let next: string | undefined;
    do {
      const page: HostList = await this.client.request<HostList>('GET', HOSTS_PATH, {
        query: { limit: PAGE, continue: next },
        signal: this.abort.signal,
      });
      for (const host of page.items) {
        seen.add(keyOf(host));
        this.put(host);
      }
      this.version = page.metadata.resourceVersion;
      next = page.metadata.continue;
    } while (next);
    for (const key of this.hosts.keys()) if (!seen.has(key)) this.remove(key);
    this.wake();
  }

  private async follow(): Promise<void> {
    let failures = 0;
    while (!this.abort.signal.aborted) {
      try {
        for await (const line of this.client.lines(HOSTS_PATH, {
          query: {
            watch: true,
            allowWatchBookmarks: true,
            resourceVersion: this.version,
            timeoutSeconds: WATCH_SECONDS,
          },
          signal: this.abort.signal,
        })) {
          failures = 0;
          this.take(JSON.parse(line) as WatchEvent);
        }
      } catch (error) {
        if (this.abort.signal.aborted) return;
        if (error instanceof ApiError && error.status === 410) await this.list();
        else if (error instanceof ApiError && error.status !== 429 && error.status < 500) throw error;
        else if (++failures > 60) throw error;
        else
          await delay(Math.min(5_000, 100 * failures), undefined, { signal: this.abort.signal }).catch(() => undefined);
      }
    }
  }

  private take({ type, object }: WatchEvent): void {
    if (type === 'ERROR')
      throw new ApiError(object.code ?? 500, '', `the watch of BareMetalHosts ended: ${object.message ?? ''}`);
    this.version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.remove(keyOf(object));
    else this.put(object);
    this.wake();
  }

  private put(object: HostObject): void {
    const { metadata, status = {} } = object;
    const key = keyOf(object);
    this.count(this.hosts.get(key)?.state, -1);
    const state = status.provisioning?.state ?? '';
    const resting = restingState(object);
    const host: ObservedHost = {
      namespace: metadata.namespace,
      name: metadata.name,
      state,
      operationalStatus: status.operationalStatus ?? '',
      errorType: status.errorType ?? '',
      errorMessage: status.errorMessage ?? '',
      poweredOn: status.poweredOn ?? false,
      isDeleting: metadata.deletionTimestamp !== undefined,
      isAtRest: resting === undefined || state === resting,
    };
    this.hosts.set(key, host);
    this.count(host.state, 1);
  }

  private remove(key: string): void {
    this.count(this.hosts.get(key)?.state, -1);
    this.hosts.delete(key);
  }

  private count(state: string | undefined, by: number): void {
    if (state !== undefined) this.states.set(state, (this.states.get(state) ?? 0) + by);
  }
}

function keyOf({ metadata }: HostObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
