import { findLocalCluster } from '../cluster/local/local-cluster';
import { readUsage } from '../measure/process-record';
import type { Operation } from '../util/events';
import { until } from '../util/until';

const TASK = 'quiet';
const EVERY_MS = 2_000;
/** Of a core, for as long as between two looks. */
const QUIET_SHARE = 0.15;
const DEADLINE_MS = 120_000;

export interface UntilQuietOptions extends Operation {
  /** How often is looked, in milliseconds. @default 2000 */
  readonly everyMs?: number;
  /** @default 120000 */
  readonly deadlineMs?: number;
}

/**
 * Waits until processes have little to do. After an install the API server works for half a minute on what it publishes of its
 * CRDs, which is nothing of what comes then.
 *
 * @param cpuSeconds what they have taken so far
 * @returns whether they came to have little to do
 */
export async function untilQuiet(cpuSeconds: () => number, options: UntilQuietOptions = {}): Promise<boolean> {
  const { everyMs = EVERY_MS, deadlineMs = DEADLINE_MS, listener, signal } = options;
  const start = performance.now();
  listener?.({ type: 'start', task: TASK });
  let before: { readonly at: number; readonly taken: number } | undefined;
  const isQuiet = () => {
    const now = { at: performance.now(), taken: cpuSeconds() };
    const share = before && (now.taken - before.taken) / ((now.at - before.at) / 1000);
    before = now;
    return share !== undefined && share < QUIET_SHARE;
  };
  const found = await until(isQuiet, { deadlineMs, everyMs, signal });
  listener?.({ type: 'done', task: TASK, seconds: (performance.now() - start) / 1000 });
  return found ?? false;
}

/** What the processes of an embedded control plane have taken; 0 where the system does not tell. */
export async function cpuSecondsOf(stateDir: string): Promise<() => number> {
  const processes = (await findLocalCluster(stateDir))?.processes ?? [];
  return () => processes.reduce((sum, { pid }) => sum + (readUsage(pid)?.cpuSeconds ?? 0), 0);
}
