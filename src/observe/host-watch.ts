import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { restingState } from './provisioning-state';
import { PAUSED_ANNOTATION } from '../../lib/baremetal-host/manifests';
import type { BareMetalHostSpec } from '../../lib/baremetal-host/schema';
import { hostAnnotations } from '../../lib/simulator/host-state';
import { collectionPath } from '../kubernetes/resources';
import type { CollectionWatchOptions, WatchedObject } from './collection-watch';
import { CollectionWatch, keyOf } from './collection-watch';
import { Timelines } from './timeline';

export const HOSTS_PATH = collectionPath('metal3.io/v1alpha1', 'baremetalhosts');

/** Where a host is on the API server. */
export function hostPath(namespace: string, name: string): string {
  return `${collectionPath('metal3.io/v1alpha1', 'baremetalhosts', namespace)}/${name}`;
}

/** What asks for hosts. @throws TestbedError (`cluster`) where the API server has no such kind */
export function hostsOf<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new TestbedError(
      'cluster',
      "the API server has no BareMetalHosts: install their CustomResourceDefinition, as 'metal3-testbed up' does",
    );
  });
}

/** What is worth remembering of a BareMetalHost: a small part of it, since there may be many thousands. */
export interface ObservedHost {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `status.provisioning.state`; '' before BMO has seen the host. */
  readonly state: string;
  readonly operationalStatus: string;
  readonly errorType: string;
  readonly errorMessage: string;
  readonly poweredOn: boolean;
  readonly isDeleting: boolean;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
  /** `spec.online`. */
  readonly online: boolean;
  /** URL of the image that it is provisioned with, as its status says; '' for none. */
  readonly imageUrl: string;
  /** What annotations ask of its operator. */
  readonly isPaused: boolean;
  readonly isDetachAsked: boolean;
  readonly isRebootAsked: boolean;
  /** Whether it has come to rest: it is in the state that its own spec, whoever wrote it, leads to. */
  readonly isAtRest: boolean;
}

interface HostObject extends WatchedObject {
  readonly spec?: BareMetalHostSpec;
  readonly status?: {
    readonly operationalStatus?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly poweredOn?: boolean;
    readonly provisioning?: { readonly state?: string; readonly image?: { readonly url?: string } };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface HostWatchOptions extends CollectionWatchOptions {
  /** Whether what hosts go through is recorded. @default false */
  readonly timelines?: boolean;
}

/** A host of which nothing is known yet, not even whether it is there. */
export function unseenHost(namespace: string, name: string): ObservedHost {
  return {
    ...{ namespace, name, uid: '', conditions: {}, state: '', imageUrl: '' },
    ...{ operationalStatus: '', errorType: '', errorMessage: '', poweredOn: false, online: false },
    ...{ isDeleting: false, isPaused: false, isDetachAsked: false, isRebootAsked: false, isAtRest: false },
  };
}

/** All BareMetalHosts of a cluster as they are now, and on request what they went through, from one list and one watch. */
export class HostWatch {
  /** What the hosts went through since the watch began; undefined where it is not recorded. */
  readonly timelines: Timelines | undefined;
  private readonly hosts = new Map<string, ObservedHost>();
  private readonly states = new Map<string, number>();
  private readonly watch: CollectionWatch<HostObject>;
  /** The texts that hosts share, kept once. */
  private readonly texts = new Map<string, string>();
  private waiters: (() => void)[] = [];

  constructor(client: KubernetesClient, options: HostWatchOptions = {}) {
    this.timelines = options.timelines ? new Timelines() : undefined;
    this.watch = new CollectionWatch<HostObject>(
      client,
      HOSTS_PATH,
      {
        put: (host, isRelisted) => this.put(host, isRelisted),
        remove: (key) => this.remove(key),
        keys: () => this.hosts.keys(),
        changed: () => this.wake(),
      },
      options,
    );
  }

  /**
   * Lists the hosts, and follows them from then on.
   *
   * @throws TestbedError (`cluster`) where there is no such kind
   */
  start(): Promise<void> {
    return hostsOf(this.watch.start());
  }

  /** For how long the API server has been out of reach, in milliseconds: what is known is as old as that; 0 if it is not. */
  get unreachableMs(): number {
    return this.watch.unreachableMs;
  }

  stop(): Promise<void> {
    return this.watch.stop();
  }

  get size(): number {
    return this.hosts.size;
  }

  /** How often the watch was picked up where it had ended, and how often the hosts had to be listed anew. */
  get interruptions(): { readonly resumes: number; readonly relists: number } {
    const { resumes, relists } = this.watch;
    return { resumes, relists };
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
      if (this.watch.failure !== undefined) throw this.watch.failure as Error;
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

  private put(object: HostObject, isRelisted: boolean): void {
    const { metadata, status = {} } = object;
    const key = keyOf(object);
    const before = this.hosts.get(key);
    const state = this.shared(status.provisioning?.state);
    const resting = restingState(object);
    const annotations = Object.keys(metadata.annotations ?? {});
    const host: ObservedHost = {
      namespace: this.shared(metadata.namespace),
      name: before?.name ?? metadata.name,
      uid: before?.uid === metadata.uid ? before.uid : metadata.uid,
      state,
      operationalStatus: this.shared(status.operationalStatus),
      errorType: this.shared(status.errorType),
      errorMessage: this.shared(status.errorMessage),
      poweredOn: status.poweredOn ?? false,
      isDeleting: metadata.deletionTimestamp !== undefined,
      conditions: Object.fromEntries(
        (status.conditions ?? []).map((each) => [this.shared(each.type), this.shared(each.status)]),
      ),
      online: object.spec?.online ?? false,
      imageUrl: this.shared(status.provisioning?.image?.url),
      isPaused: annotations.includes(PAUSED_ANNOTATION),
      isDetachAsked: annotations.includes(hostAnnotations.detached),
      isRebootAsked: annotations.some(
        (name) => name === hostAnnotations.reboot || name.startsWith(`${hostAnnotations.reboot}/`),
      ),
      isAtRest: resting === undefined || state === resting,
    };
    this.count(before?.state, -1);
    this.hosts.set(key, host);
    this.count(host.state, 1);
    this.timelines?.put(key, host, performance.now(), isRelisted);
  }

  private remove(key: string): void {
    this.count(this.hosts.get(key)?.state, -1);
    this.hosts.delete(key);
    this.timelines?.remove(key, performance.now());
  }

  /** One copy of a text that many hosts have: as they come, each would keep its own. */
  private shared(text = ''): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    // Messages may name hosts; beyond some thousands they are not the few that are shared.
    if (this.texts.size < 10_000) this.texts.set(text, text);
    return text;
  }

  private count(state: string | undefined, by: number): void {
    if (state !== undefined) this.states.set(state, (this.states.get(state) ?? 0) + by);
  }
}
