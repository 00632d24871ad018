import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { TestbedError } from '../../../lib/errors';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import { hostAnnotations } from '../../../lib/kinds/bare-metal-host/manifests';
import { untilArrived } from '../../scenario/arrivals';
import { requestHost } from './change-hosts';
import { deleteFirmwareSchemas, deleteLeftovers } from './leftovers';
import { claimHosts, ownHosts } from './own-hosts';
import { watchOf, type ScenarioRun } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';

const kind = bareMetalHostKind;
const TASK = 'clear';

/**
 * Takes away the testbed's hosts that are there, so that every run begins alike; those of others stay. What simulates the hosts
 * on this machine begins anew then.
 *
 * @throws TestbedError: `invalid-input` where somebody else has a host or Secret that the description has; `timeout` naming
 * hosts that do not go
 */
export async function clearHosts(run: ScenarioRun, timeoutMs: number): Promise<void> {
  const { live, listener, signal } = run;
  const watch = watchOf(run, kind);
  const described = [...selectHosts(live.testbed.fleets, {})];
  await claimHosts(live, live.testbed.fleets, signal);
  const own = await ownHosts(live, signal);
  const hosts = [...watch.all()].filter(({ namespace, name }) => own.has(`${namespace}/${name}`));
  if (hosts.length === 0) return;
  const start = performance.now();
  listener?.({ type: 'start', task: TASK, detail: `${hosts.length} hosts of an earlier run` });
  // One that has just begun has no host that it looks at again in minutes only, as controller-runtime does with those that
  // were changed many times in a row.
  await live.simulators.forget(signal);
  const free = { metadata: { annotations: { [hostAnnotations.paused]: null, [hostAnnotations.detached]: null } } };
  await forEachRateLimited(hosts, { signal }, async (host) => {
    // What is paused is not deleted either.
    if (host.isPaused || host.isDetachAsked) await requestHost(run, host, free, () => undefined);
    await requestHost(run, host, undefined, () => undefined);
  });
  const isThere = (host: object | undefined) => host === undefined;
  const { late } = await untilArrived(run, hosts, { kind, task: TASK, timeoutMs, mayFail: false, isThere });
  if (late.length > 0)
    throw new TestbedError(
      'timeout',
      `hosts of an earlier run are still there after ${timeoutMs / 1000} s:\n${late.join('\n')}\n'metal3-testbed down --delete' deletes the whole testbed`,
    );
  await deleteLeftovers(described, run);
  await deleteFirmwareSchemas(new Set(hosts.map(({ namespace }) => namespace)), run);
  // And anew for the run itself: an operator that has seen other hosts is not like one that has seen none.
  await live.simulators.forget(signal);
  listener?.({ type: 'done', task: TASK, seconds: (performance.now() - start) / 1000 });
}
