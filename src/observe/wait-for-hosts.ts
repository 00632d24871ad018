import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import { collectionPath } from '../kubernetes/resources';
import type { HostWatch, ObservedHost } from './host-watch';

export interface WaitOptions {
  /** The states of which a host has to be in one. */
  readonly states: readonly string[];
  /**
   * How many hosts: a number, or a share from 0 to 1 of those that there are.
   * @default - all that there are, and at least one
   */
  readonly hosts?: { readonly count: number } | { readonly share: number };
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** 7 % of a hundred are seven, and not what comes of 0.07 x 100 in binary. */
const ROUNDING = 1e-6;
/** Late hosts that are named, with what is known of them. */
const NAMED = 5;

/**
 * Waits until enough hosts are in a state.
 *
 * @returns how many are
 * @throws TestbedError (`timeout`) naming hosts that are late, each with its state, its error and its last event
 */
export async function waitForHosts(watch: HostWatch, client: KubernetesClient, options: WaitOptions): Promise<number> {
  const { hosts, deadlineMs, signal } = options;
  // A state that is named twice has its hosts once.
  const states = [...new Set(options.states)];
  const there = () => states.reduce((sum, state) => sum + (watch.counts()[state] ?? 0), 0);
  const wanted = () => {
    if (hosts === undefined) return Math.max(1, watch.size);
    // A share of nothing is not reached by nothing being there.
    return 'count' in hosts ? hosts.count : Math.max(1, Math.ceil(hosts.share * watch.size - ROUNDING));
  };
  const inTime = await watch.until(() => there() >= wanted(), { deadlineMs, ...(signal && { signal }) });
  if (inTime) return there();
  const lost = watch.unreachableMs;
  const old = lost > 0 ? ` (as it was ${Math.ceil(lost / 1000)} s ago: the API server cannot be reached since)` : '';
  const late = [...watch.all()].filter(({ state }) => !states.includes(state));
  const what = states.join(' or ');
  throw new TestbedError(
    'timeout',
    `${there()} of ${wanted()} hosts are ${what} after ${deadlineMs / 1000} s${old}${late.length > 0 ? `; late are:\n${await describeLate(client, late)}` : ', and there are no others'}`,
  );
}

/** A line for each of the first late hosts: its state, its error and its last event. */
export async function describeLate(client: KubernetesClient, late: readonly ObservedHost[]): Promise<string> {
  const reasons = await Promise.all(late.slice(0, NAMED).map((host) => describe(client, host)));
  return [...reasons, ...(late.length > NAMED ? [`  and ${late.length - NAMED} more`] : [])].join('\n');
}

async function describe(client: KubernetesClient, host: ObservedHost): Promise<string> {
  const error = host.errorType === '' ? '' : `, ${host.errorType}: ${host.errorMessage}`;
  const event = await lastEvent(client, host).catch(() => undefined);
  const last = event === undefined ? '' : `; last event ${event}`;
  return `  ${host.namespace}/${host.name}: ${host.state || 'not seen by an operator yet'}${error}${last}`;
}

interface Event {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp: string };
}

/** What somebody last said about a host. */
async function lastEvent(client: KubernetesClient, { namespace, name }: ObservedHost): Promise<string | undefined> {
  const { items } = await client.request<{ readonly items: readonly Event[] }>(
    'GET',
    collectionPath('v1', 'events', namespace),
    {
      query: { fieldSelector: `involvedObject.kind=BareMetalHost,involvedObject.name=${name}`, limit: 100 },
      retryMs: 5_000,
    },
  );
  const timeOf = (event: Event) => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const last = [...items].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).at(-1);
  return last && `${last.reason ?? ''}: ${last.message ?? ''}`;
}
