import type { ResolvedStep } from '../../lib/scenario/resolve-scenario';
import { selectHosts } from '../../lib/scenario/select-hosts';
import type { HostSelection } from '../../lib/scenario/steps';
import { FIELD_MANAGER } from '../apply/apply';
import type { StepGoal } from '../figures/step-record';
import type { Method, RequestOptions } from '../kubernetes/client';
import { metadataOnly } from '../kubernetes/metadata-only';
import { orMissing } from '../kubernetes/or-missing';
import { hostPath, type ObservedHost } from '../observe/host-watch';
import { askAndWait, keyOf, type Subject } from './arrivals';
import type { ScenarioRun, StepOutcome } from './scenario-run';
import { takeOn } from './take-on';

/** What is done to each host of a step, and how it shows. */
export interface HostChange {
  /** A merge patch; undefined where the host is deleted. */
  readonly patch: object | undefined;
  readonly goal: StepGoal | undefined;
  /** Whether a host has got there; undefined for one that is not there at all. @param askedAt when it was asked to */
  readonly isThere: (host: ObservedHost | undefined, askedAt: number) => boolean;
  /** Whether one host has to get there before the next is asked. @default false */
  readonly isOneByOne?: boolean;
}

/** A scenario may stop the API server for a minute, and goes on then. */
const RETRY_MS = 120_000;

/** Asks the hosts of a step for a change, and waits until each of them shows it. */
export async function changeHosts(step: ResolvedStep, change: HostChange, run: ScenarioRun): Promise<StepOutcome> {
  const selection = step.props as HostSelection;
  const subjects = [...selectHosts(run.live.testbed.fleets, selection)].map(({ host }) => host);
  const asked = new Map<string, number>();
  let retries = 0;
  const deadline = performance.now() + step.timeoutMs;
  const isThere = (host: ObservedHost | undefined, subject: Subject) => {
    const askedAt = asked.get(keyOf(subject));
    return askedAt !== undefined && change.isThere(host, askedAt);
  };
  const { perSecond } = selection;
  const inFlight = change.isOneByOne ? 1 : undefined;
  const { timeoutMs, mayFail, name: task } = step;
  const ask = () =>
    takeOn(subjects, { perSecond, inFlight, signal: run.signal }, async (subject) => {
      if (change.isOneByOne && performance.now() > deadline) return;
      asked.set(keyOf(subject), performance.now());
      await requestHost(run, subject, change.patch, () => retries++);
      if (change.isOneByOne)
        await untilOne(run, () => isThere(run.watch.get(subject.namespace, subject.name), subject));
    });
  const arrivals = await askAndWait(run, subjects, { task, timeoutMs, mayFail, isThere }, ask);
  return { ...arrivals, asked, goal: change.goal, hosts: subjects.length, retries };
}

/** A host that does not get there holds the others up no longer than this, in milliseconds. */
const ONE_MS = 60_000;

async function untilOne({ watch, signal }: ScenarioRun, isThere: () => boolean): Promise<void> {
  await watch.until(isThere, { deadlineMs: ONE_MS, ...(signal && { signal }) });
}

/** Changes a host, or deletes it. One that is not there is not changed, and is late then. */
export async function requestHost(
  { live, signal }: ScenarioRun,
  { namespace, name }: Subject,
  patch: object | undefined,
  onRetry: () => void,
): Promise<void> {
  const path = hostPath(namespace, name);
  const [method, what]: [Method, RequestOptions] =
    patch === undefined
      ? ['DELETE', {}]
      : ['PATCH', { query: { fieldManager: FIELD_MANAGER }, contentType: 'application/merge-patch+json', body: patch }];
  const options = {
    ...what,
    accept: metadataOnly('PartialObjectMetadata'),
    retryMs: RETRY_MS,
    onRetry,
    ...(signal && { signal }),
  };
  await orMissing(live.client.request(method, path, options));
}
