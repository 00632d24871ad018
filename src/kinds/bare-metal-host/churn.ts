import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectHosts, type SelectedHost } from '../../../lib/scenario/select-hosts';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { askAndWait, keyOf, untilArrived, type Arrivals } from '../../scenario/arrivals';
import { churned } from '../../scenario/churned';
import { requestHost } from './change-hosts';
import { create, isEnrolled } from './enroll';
import { deleteLeftovers } from './leftovers';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';

/** Replaces a share of the hosts every so often; a host that was replaced twice counts twice. */
export const churn: StepAction<'churn'> = async (step, run) => {
  const { share: _, ...sets } = step.props;
  const all = [...selectHosts(run.live.testbed.fleets, sets)];
  const goal = { field: 'state', word: 'settled' } as const;
  const outcome = await churned(all, step.props, run, (some, asked) => replace(some, step, asked, run));
  return { kind: bareMetalHostKind.kind, goal, ...outcome };
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
