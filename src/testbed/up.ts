import { TestbedError } from '../../lib/errors';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { flatten } from '../apply/apply';
import { bringUp } from './bring-up';
import type { BringUpOptions } from './live-testbed';
import type { SimulatorBuilds } from '../simulators/builds';
import type { Listener } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import type { NamespacedName } from '../kubernetes/objects';
import { DEFAULT_KIND } from '../../lib/kinds';
import { ObjectWatch } from '../watch/object-watch';
import { untilSettled } from '../watch/until-settled';
import { describePending } from '../watch/wait-for-states';
import { supervised } from '../simulators/supervise';

export interface UpOptions extends BringUpOptions {
  /** How long the hosts may take, in milliseconds, from when all are written. */
  readonly timeoutMs: number;
}

export interface UpResult extends SimulatorBuilds {
  readonly kubeconfig: string;
  readonly hosts: number;
  readonly states: Readonly<Record<string, number>>;
  /** From when the first host was written to when the last settled. */
  readonly seconds: number;
}

/**
 * Brings a testbed to life, and returns when its hosts have settled. Running it again continues what was
 * interrupted, and changes nothing where all is as described.
 *
 * @throws TestbedError: `invalid-input` for the description, before anything is started; `environment` for a program that
 * cannot be had or does not run; `cluster` for what the API server refuses; `timeout` naming what, or which hosts, are still pending
 */
export async function up(props: TestbedProps, options: UpOptions): Promise<UpResult> {
  return supervised(options, (signal) => bringToLife(props, { ...options, signal }));
}

async function bringToLife(props: TestbedProps, options: UpOptions): Promise<UpResult> {
  const { listener, signal } = options;
  const testbed = resolveTestbed(props);
  const live = await bringUp(testbed, options);
  const { client, applier, simulator, builds, kubeconfig } = live;
  const { fleets } = testbed;
  const watch = new ObjectWatch(client, DEFAULT_KIND);
  try {
    await watch.start();
    const mayFail = simulator === 'kwok' && (testbed.simulator.failures?.length ?? 0) > 0;
    const start = performance.now();
    const total = fleets.reduce((sum, { count }) => sum + count, 0);
    // Written and watched at the same time: the first hosts are available before the last ones exist.
    const stopShowing = showHosts(watch, total, listener);
    try {
      // The hosts are a set of their own: those of an earlier description that this one no longer has are deleted, which
      // the simulator has to be there for. That may be all of them.
      const hosts = { set: live.sets.hosts, existing: live.existing, prune: true, pruneAll: true };
      const { forceConflicts } = options;
      const run = await applier.begin({ task: 'apply', ...hosts, forceConflicts, listener, signal });
      try {
        await run.apply(flatten(groupsOf(fleets)));
        // Another up of this testbed may describe other hosts, and would delete those that are waited for here.
        await run.finish({ isHeld: true });
        await untilHostsSettled(fleets, { watch, client }, mayFail, { ...options, signal: run.signal });
      } finally {
        await run.end();
      }
    } finally {
      stopShowing();
    }
    const seconds = (performance.now() - start) / 1000;
    listener?.({ type: 'done', task: 'hosts', detail: describeCounts(watch.counts()), seconds });
    return { kubeconfig, simulator, builds, hosts: watch.size, states: watch.counts(), seconds };
  } finally {
    await watch.stop();
    await live.close();
  }
}

function* groupsOf(fleets: readonly Fleet[]): Generator<readonly object[]> {
  for (const fleet of fleets) for (const host of fleet.hostsInTurns()) yield fleet.objectsOf(host);
}

/** Tells the listener how the hosts fare, a few times a second. @returns how to end it */
function showHosts(watch: ObjectWatch, total: number, listener: Listener | undefined): () => void {
  if (listener === undefined) return () => undefined;
  const show = () => {
    let done = 0;
    for (const { isSettled } of watch.all()) if (isSettled) done++;
    listener({ type: 'progress', task: 'hosts', done, total, unit: 'hosts', states: watch.counts() });
  };
  listener({ type: 'start', task: 'hosts' });
  const timer = setInterval(show, 250);
  return () => clearInterval(timer);
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state || 'new'}`)
    .join(', ');
}

/** @param mayFail whether the description asks for hosts that fail, which then settle where they fail */
async function untilHostsSettled(
  fleets: readonly Fleet[],
  { watch, client }: { readonly watch: ObjectWatch; readonly client: KubernetesClient },
  mayFail: boolean,
  options: UpOptions,
): Promise<void> {
  const isSettled = ({ namespace, name }: NamespacedName) => {
    const host = watch.get(namespace, name);
    return host !== undefined && (host.isSettled || (mayFail && host.errorType !== ''));
  };
  const hosts = () => hostsOf(fleets);
  const deadline = { deadlineMs: options.timeoutMs, signal: options.signal };
  const arrived = await untilSettled(watch, hosts, isSettled, deadline);
  if (arrived) return;
  const missing = [...hosts()]
    .filter((host) => !isSettled(host))
    .map(({ namespace, name }) => watch.get(namespace, name) ?? watch.kind.unseen(namespace, name));
  throw new TestbedError(
    'timeout',
    `${missing.length} hosts had not settled, timed out after ${options.timeoutMs / 1000} s (--timeout); still pending:\n${await describePending(client, watch.kind, missing)}\nrun 'metal3-testbed wait' to wait longer, or 'metal3-testbed up' to continue`,
  );
}

function* hostsOf(fleets: readonly Fleet[]): Generator<NamespacedName, void> {
  for (const fleet of fleets) yield* fleet.hosts();
}
