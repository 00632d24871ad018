import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectHosts, type SelectedHost } from '../../../lib/scenario/select-hosts';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { askAndWait, keyOf, untilArrived, type Arrivals } from '../../scenario/arrivals';
import { requestHost } from './change-hosts';
import { create, isEnrolled } from './enroll';
import { deleteLeftovers } from './leftovers';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';
import { pause } from '../../util/pause';

/** Replaces a share of the hosts every so often; a host that was replaced twice counts twice. */
export const churn: StepAction<'churn'> = async (step, run) => {
  const { share, everySeconds, forSeconds, ...sets } = step.props;
  const all = [...selectHosts(run.live.testbed.fleets, sets)];
  const size = Math.max(1, Math.floor(all.length * share));
  const asked = new Map<string, number>();
  const start = performance.now();
  let [objects, done, retries] = [0, 0, 0];
  const late: string[] = [];
  for (let round = 0; performance.now() - start <= forSeconds * 1000; round++) {
    await pause(Math.max(0, start + round * everySeconds * 1000 - performance.now()), run.signal);
    if (performance.now() - start > forSeconds * 1000) break;
    const replaced = Array.from({ length: size }, (_, i) => all[(round * size + i) % all.length]!);
    const outcome = await replace(replaced, step, asked, run);
    objects += replaced.length;
    done += outcome.done;
    retries += outcome.retries;
    late.push(...outcome.late);
  }
  const goal = { field: 'state', word: 'settled' } as const;
  return { kind: bareMetalHostKind.kind, asked, goal, objects, done, late, retries };
};

const ofHosts = { kind: bareMetalHostKind } as const;

async function replace(
  hosts: readonly SelectedHost[],
  step: ResolvedStep<'churn'>,
  asked: Map<string, number>,
  run: ScenarioRun,
): Promise<Arrivals & { readonly retries: number }> {
  const { name: task, timeoutMs, mayFail } = step;
  const targets = hosts.map(({ host }) => host);
  let retries = 0;
  await forEachRateLimited(targets, { signal: run.signal }, async (target) => {
    asked.set(keyOf(target), performance.now());
    await requestHost(run, target, undefined, () => retries++);
  });
  const isGone = (host: ObservedHost | undefined) => host === undefined;
  const gone = await untilArrived(run, targets, { ...ofHosts, task, timeoutMs, mayFail: false, isThere: isGone });
  if (gone.done < targets.length) return { ...gone, done: 0, retries };
  await deleteLeftovers(hosts, run);
  const isThere = (host: ObservedHost | undefined) => isEnrolled(host, undefined);
  const arrivals = await askAndWait(run, targets, { ...ofHosts, task, timeoutMs, mayFail, isThere }, async () => {
    retries += await create(hosts, { task }, run);
  });
  return { ...arrivals, retries };
}
