/** Waiting for the objects of a fleet, once they are written. */
import { TestbedError } from '../../lib/errors';
import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import { applySetIdOf, PART_OF_LABEL } from '../../src/apply/apply-set';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { until } from '../../src/util/until';
import { ObjectWatch } from '../../src/watch/object-watch';
import { untilSettled } from '../../src/watch/until-settled';
import { describePending, waitForStates } from '../../src/watch/wait-for-states';
import type { FleetKind } from './fleet-kind';
import { WAIT_TIMEOUT_SECONDS, type FleetInputs, type Readiness, type WaitFor } from './fleet-state';

export interface FleetWait {
  readonly kind: Kind;
  /** Name of the ApplySet. */
  readonly set: string;
  readonly count: number;
  readonly waitFor: WaitFor;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether what the objects say of themselves is of what they are to be, and not of what they were before.
   * @default - it is
   */
  readonly isMade?: (() => Promise<boolean>) | undefined;
  /** What may be missing where they do not settle. */
  readonly advice: string;
  /** Told how far it is: at first, and while it changes. */
  readonly say: (line: string) => void;
}

const PROGRESS_MS = 5_000;
/** How often it is asked for what no watch tells. */
const ASK_MS = 500;

/**
 * How long a fleet is waited for: as long as it was asked for, and otherwise longer the more there is to settle.
 *
 * @param count how many objects there are to settle
 */
export function waitDeadlineMs<I extends FleetInputs>(
  { secondsEach }: Pick<FleetKind<I>, 'secondsEach'>,
  count: number,
  waitTimeoutSeconds = WAIT_TIMEOUT_SECONDS + count * secondsEach,
): number {
  return waitTimeoutSeconds * 1000;
}

/**
 * Waits until the objects of a fleet are as far as they have to be.
 *
 * @returns undefined where nothing is to be waited for
 * @throws TestbedError (`timeout`) naming objects that are still pending
 */
export async function waitForFleet(client: KubernetesClient, wait: FleetWait): Promise<Readiness | undefined> {
  const { kind, set, count, waitFor, deadlineMs, signal, say } = wait;
  if (waitFor === 'none' || count === 0) return undefined;
  const start = performance.now();
  const watch = new ObjectWatch(client, kind, { labelSelector: `${PART_OF_LABEL}=${applySetIdOf({ name: set })}` });
  let last = '';
  const tell = () => {
    const now = `${count} ${kind.noun.many}: ${describeStates(watch.counts())}`;
    if (now !== last) say(now);
    last = now;
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    await watch.start();
    timer = setInterval(tell, PROGRESS_MS);
    if (waitFor === 'settled') await untilAllSettled(client, watch, wait);
    else await waitForStates(watch, client, { states: [waitFor.state], deadlineMs, objects: wanted(wait), signal });
    return { states: watch.counts(), seconds: Math.round((performance.now() - start) / 100) / 10 };
  } finally {
    clearInterval(timer);
    await watch.stop();
  }
}

/** How many are in each state now. */
export async function readStates(client: KubernetesClient, kind: Kind, set: string): Promise<Readiness['states']> {
  const watch = new ObjectWatch(client, kind, { labelSelector: `${PART_OF_LABEL}=${applySetIdOf({ name: set })}` });
  try {
    await watch.start();
    return watch.counts();
  } finally {
    await watch.stop();
  }
}

function wanted({ count, waitFor }: FleetWait): { readonly count: number } {
  const { share = 1 } = waitFor as Exclude<WaitFor, string>;
  // 7 % of a hundred are seven, and not what comes of 0.07 x 100 in binary.
  return { count: Math.max(1, Math.ceil(count * share - 1e-6)) };
}

async function untilAllSettled(
  client: KubernetesClient,
  watch: ObjectWatch,
  { kind, count, deadlineMs, signal, advice, isMade = () => Promise.resolve(true) }: FleetWait,
): Promise<void> {
  const isSettled = (each: ObservedObject) => each.isSettled && !each.isDeleting;
  // One that is not there yet is one that has not settled.
  function* objects(): Generator<ObservedObject> {
    yield* watch.all();
    if (watch.size < count) yield kind.unseen('', '');
  }
  const isThere = (each: ObservedObject) => (each.name === '' ? watch.size >= count : isSettled(current(watch, each)));
  const end = performance.now() + deadlineMs;
  const areSettled = async () => {
    const left = Math.max(0, end - performance.now());
    return (await untilSettled(watch, objects, isThere, { deadlineMs: left, signal })) && isMade();
  };
  if (await until(areSettled, { deadlineMs, everyMs: ASK_MS, signal })) return;
  const late = [...watch.all()].filter((each) => !isSettled(each));
  throw new TestbedError(
    'timeout',
    `${watch.size - late.length} of ${count} ${kind.noun.many} are settled after ${deadlineMs / 1000} s; ${advice} Still pending:\n${await describePending(client, kind, late)}`,
  );
}

function current(watch: ObjectWatch, object: ObservedObject): ObservedObject {
  return watch.get(object.namespace, object.name) ?? object;
}

function describeStates(states: Readonly<Record<string, number>>): string {
  const parts = Object.entries(states).map(([state, count]) => `${count} ${state || 'not seen by a controller yet'}`);
  return parts.join(', ') || 'none is there yet';
}
