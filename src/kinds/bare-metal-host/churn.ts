import { selectHosts } from '../../../lib/scenario/select-hosts';
import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { churned, replaceObjects } from '../../scenario/churned';
import { create, isEnrolled } from './enroll';
import { deleteLeftovers } from './leftovers';
import type { StepAction } from '../../scenario/scenario-run';

/** Replaces a share of the hosts every so often; a host that was replaced twice counts twice. */
export const churn: StepAction<'churn'> = async (step, run) => {
  const { share: _, ...sets } = step.props;
  const all = [...selectHosts(run.live.testbed.fleets, sets)];
  const goal = { field: 'state', word: 'settled' } as const;
  const outcome = await churned(all, step.props, run, (some, fates) =>
    replaceObjects(
      {
        kind: bareMetalHostKind,
        targets: some.map(({ host }) => host),
        clear: () => deleteLeftovers(some, run),
        make: () => create(some, { task: step.name }, run),
        isThere: (host) => isEnrolled(host, undefined),
      },
      step,
      fates,
      run,
    ),
  );
  return { kind: bareMetalHostKind.kind, goal, ...outcome };
};
