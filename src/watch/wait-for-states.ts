import { TestbedError } from '../../lib/errors';
import type { Kind, LiveObject, ObservedObject } from '../../lib/kinds/kind';
import { quoted } from '../../lib/visible';
import type { KubernetesClient } from '../kubernetes/client';
import { collectionPath } from '../kubernetes/rest-mapper';
import type { ObjectWatch } from './object-watch';
import { objectPath, objectsPath } from './paths';

export interface WaitOptions {
  /** The states of which an object has to be in one. */
  readonly states: readonly string[];
  /**
   * How many objects: a number, or a share from 0 to 1 of those that there are.
   * @default - all that there are, and at least one
   */
  readonly objects?: { readonly count: number } | { readonly share: number };
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** 7 % of a hundred are seven, and not what comes of 0.07 x 100 in binary. */
const ROUNDING = 1e-6;
/** Pending objects that are named, with what is known of them. */
const NAMED = 5;

/**
 * Waits until enough objects are in a state.
 *
 * @returns how many are
 * @throws TestbedError (`timeout`) naming objects that are still pending, each with its state, its error and its last event
 */
export async function waitForStates(
  watch: ObjectWatch,
  client: KubernetesClient,
  options: WaitOptions,
): Promise<number> {
  const { objects, deadlineMs, signal } = options;
  const { kind } = watch;
  // A state that is named twice has its objects once.
  const states = [...new Set(options.states)];
  const there = () => states.reduce((sum, state) => sum + (watch.counts()[state] ?? 0), 0);
  const wanted = () => {
    if (objects === undefined) return Math.max(1, watch.size);
    // A share of nothing is not reached by nothing being there.
    return 'count' in objects ? objects.count : Math.max(1, Math.ceil(objects.share * watch.size - ROUNDING));
  };
  const inTime = await watch.until(() => there() >= wanted(), { deadlineMs, signal });
  if (inTime) return there();
  const lost = watch.unreachableMs;
  const old = lost > 0 ? ` (as of ${Math.ceil(lost / 1000)} s ago: the API server cannot be reached since then)` : '';
  const late = [...watch.all()].filter(({ state }) => !states.includes(state));
  const what = states.join(' or ');
  throw new TestbedError(
    'timeout',
    `${there()} of ${wanted()} ${kind.noun.many} are ${what} after ${deadlineMs / 1000} s${old}${late.length > 0 ? `; still pending:\n${await describePending(client, kind, late)}` : ', and there are no others'}`,
  );
}

/** Who asks the API server. */
type Requester = Pick<KubernetesClient, 'request'>;

/** A line for each of the first pending objects: its state, its error and its last event. */
export async function describePending(client: Requester, kind: Kind, late: readonly ObservedObject[]): Promise<string> {
  const reasons = await Promise.all(late.slice(0, NAMED).map((object) => describe(client, kind, object)));
  return [...reasons, ...(late.length > NAMED ? [`  and ${late.length - NAMED} more`] : [])].join('\n');
}

async function describe(client: Requester, kind: Kind, object: ObservedObject): Promise<string> {
  const what = [object.errorType, object.errorMessage].filter((part) => part !== '').join(': ');
  const error = what === '' ? '' : `, ${what}`;
  // Whatever of it cannot be had, the rest is told.
  const [why, part, event] = await Promise.all(
    [whyPending(client, kind, object), partBehind(client, kind, object), lastEvent(client, kind, object)].map((asked) =>
      asked.catch(() => undefined),
    ),
  );
  const reason = why === undefined ? '' : `, ${why}`;
  const behind = part === undefined ? '' : `; ${part}`;
  const last = event === undefined ? '' : `; last event ${event}`;
  return `  ${whereIs(object)}${error}${reason}${behind}${last}`;
}

/** `namespace/name: state`. */
export function whereIs({ namespace, name, state }: ObservedObject): string {
  return `${namespace}/${name}: ${state || 'not seen by a controller yet'}`;
}

/** An answer that takes longer is left out. */
const ASK = { retryMs: 5_000 };
/** Of a long message, so much is shown. */
const SHOWN_BYTES = 300;

/** What an object says itself of what it lacks, on one line. */
async function whyPending(
  client: Requester,
  kind: Kind,
  { namespace, name }: NamedObject,
): Promise<string | undefined> {
  if (kind.whyPending === undefined) return undefined;
  const path = objectPath(kind, namespace, name);
  return oneLine(kind.whyPending(await client.request<LiveObject>('GET', path, ASK)));
}

/** `machine lab/c-1-cp-x: provisioning, no host is available`: the first part of an object that has not settled. */
async function partBehind(client: Requester, { parts }: Kind, { namespace, name }: NamedObject) {
  if (parts === undefined) return undefined;
  const { kind, selector } = parts;
  const { items } = await client.request<{ readonly items: readonly LiveObject[] }>(
    'GET',
    objectsPath(kind, namespace),
    { query: { labelSelector: selector(name), limit: 500 }, ...ASK },
  );
  const pending = items.map((item) => [item, kind.observe(item, (text = '') => text)] as const);
  const behind = pending.filter(([, { isSettled }]) => !isSettled);
  const [first] = behind;
  if (first === undefined) return undefined;
  const [item, { state, errorMessage }] = first;
  const why = oneLine(errorMessage || kind.whyPending?.(item));
  const more = behind.length > 1 ? ` (and ${behind.length - 1} more ${kind.noun.many})` : '';
  return `${kind.noun.one} ${quoted(item.metadata.name)}: ${state || 'not seen by a controller yet'}${why === undefined ? '' : `, ${why}`}${more}`;
}

type NamedObject = Pick<ObservedObject, 'namespace' | 'name'>;

/** Messages that others write have lists in them, and no end. */
function oneLine(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const line = text
    .trim()
    .replace(/\s*\n\s*\*?\s*/g, '; ')
    .replace(/^\* /, '');
  return quoted(line, SHOWN_BYTES);
}

interface Event {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp: string };
}

/** What somebody last said about an object. */
async function lastEvent(
  client: Requester,
  { kind }: Kind,
  { namespace, name }: ObservedObject,
): Promise<string | undefined> {
  const { items } = await client.request<{ readonly items: readonly Event[] }>(
    'GET',
    collectionPath('v1', 'events', namespace),
    {
      query: { fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}`, limit: 100 },
      ...ASK,
    },
  );
  const timeOf = (event: Event) => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const last = [...items].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).at(-1);
  return last && `${last.reason ?? ''}: ${last.message ?? ''}`;
}
