import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import type { ResolvedStep } from '../../lib/scenario/resolved';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import type { Method, RequestOptions } from '../kubernetes/client';
import { metadataOnly } from '../kubernetes/metadata-only';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { StepGoal } from '../measure/step-record';
import { objectPath } from '../watch/paths';
import { askAndWait, keyOf, type ArrivalsRun, type Target } from './arrivals';
import { watchOf, type StepOutcome } from './scenario-run';
import { forEachRateLimited } from './rate-limited';
import { memoryOf } from './step-memory';

/** What is done to each object of a step, and how it shows. */
export interface ObjectChange<T extends ObservedObject> {
  readonly kind: Kind<T>;
  /** A merge patch; undefined where the object is deleted. */
  readonly patch?: object | undefined;
  /**
   * Asks for the change otherwise, where it is not one of the object itself. @param onRetry told of each write that is sent again
   *
   * @default - `patch` is sent
   */
  readonly request?: ((target: Target, onRetry: () => void) => Promise<void>) | undefined;
  /**
   * What has to be done besides while objects are waited for, until the signal is aborted. @param wasAsked whether an object was
   *
   * @default - nothing
   */
  readonly meanwhile?:
    ((wasAsked: (target: Target) => boolean, until: AbortSignal, onRetry: () => void) => Promise<void>) | undefined;
  readonly goal: StepGoal | undefined;
  /** Whether an object has got there; undefined for one that is not there at all. @param askedAt when it was asked to */
  readonly isThere: (object: T | undefined, askedAt: number, target: Target) => boolean;
  /** Objects that are asked in a second. @default - no limit */
  readonly perSecond?: number | undefined;
  /** Whether one object has to get there before the next is asked. @default false */
  readonly isOneByOne?: boolean;
}

/** A scenario may stop the API server for a minute, and goes on then. */
const RETRY_MS = 120_000;

/** Asks objects for a change, and waits until each of them shows it. */
export async function changeObjects<T extends ObservedObject>(
  { name: task, timeoutMs, mayFail }: Pick<ResolvedStep, 'name' | 'timeoutMs' | 'mayFail'>,
  targets: readonly Target[],
  change: ObjectChange<T>,
  run: ArrivalsRun,
): Promise<StepOutcome> {
  const { kind, perSecond, isOneByOne = false } = change;
  const { asked } = memoryOf(run);
  const before = new Set(asked.keys());
  let retries = 0;
  const onRetry = () => void retries++;
  const request = change.request ?? ((target) => requestChange(run, kind, target, change.patch, onRetry));
  const deadline = performance.now() + timeoutMs;
  const isThere = (object: T | undefined, target: Target) => {
    const askedAt = asked.get(keyOf(target));
    return askedAt !== undefined && change.isThere(object, askedAt, target);
  };
  const watch = watchOf(run, kind);
  const untilOne = (target: Target) =>
    watch.until(() => isThere(watch.get(target.namespace, target.name), target), {
      deadlineMs: ONE_MS,
      signal: run.signal,
    });
  const ask = () =>
    forEachRateLimited(
      targets,
      { perSecond, inFlight: isOneByOne ? 1 : undefined, signal: run.signal },
      async (target) => {
        if (isOneByOne && performance.now() > deadline) return;
        const key = keyOf(target);
        if (before.has(key)) {
          // Asked before the run was carried on: it may have got there meanwhile, or may not have heard of it.
          if (isThere(watch.get(target.namespace, target.name), target)) return;
        } else asked.set(key, performance.now());
        await request(target, onRetry);
        if (isOneByOne) await untilOne(target);
      },
    );
  const wasAsked = (target: Target) => asked.has(keyOf(target));
  const meanwhile = (until: AbortSignal) => change.meanwhile?.(wasAsked, until, onRetry) ?? Promise.resolve();
  const options = { kind, task, timeoutMs, mayFail, isThere };
  const arrivals = await beside(meanwhile, run.signal, () => askAndWait(run, targets, options, ask));
  return { ...arrivals, kind: kind.kind, asked, goal: change.goal, objects: targets.length, retries };
}

/** An object that does not get there holds the others up no longer than this, in milliseconds. */
const ONE_MS = 60_000;

/** Does something while something else is done, which ends it; where the first fails, both end. */
async function beside<T>(
  meanwhile: (until: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const until = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
  const failed = new Promise<never>((_, reject) => {
    meanwhile(until).catch((error: unknown) => {
      if (!end.signal.aborted) reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
  try {
    return await Promise.race([action(), failed]);
  } finally {
    end.abort();
  }
}

/** Changes an object, or deletes it. One that is not there stays pending. */
export function requestChange(
  run: RequestingRun,
  kind: Kind,
  { namespace, name }: Target,
  patch: object | undefined,
  onRetry: () => void,
): Promise<void> {
  return sendChange(run, objectPath(kind, namespace, name), patch, onRetry);
}

/** What sending a change takes of a run. */
export type RequestingRun = Pick<ArrivalsRun, 'live' | 'signal'>;

/**
 * The same for an object at a path.
 *
 * @param patch a merge patch; a list of operations, as JSON Patch has them; undefined to delete it
 */
export async function sendChange(
  { live, signal }: RequestingRun,
  path: string,
  patch: object | undefined,
  onRetry: () => void,
): Promise<void> {
  const contentType = `application/${Array.isArray(patch) ? 'json-patch' : 'merge-patch'}+json`;
  const [method, what]: [Method, RequestOptions] =
    patch === undefined
      ? ['DELETE', {}]
      : ['PATCH', { query: { fieldManager: FIELD_MANAGER }, contentType, body: patch }];
  const options = {
    ...what,
    accept: metadataOnly('PartialObjectMetadata'),
    retryMs: RETRY_MS,
    onRetry,
    signal,
  };
  await ignoreNotFound(live.client.request(method, path, options));
}
