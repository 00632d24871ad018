import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import { changeHosts } from './change-hosts';
import { deleteLeftovers } from './leftovers';
import { watchOf, type StepAction } from '../../scenario/scenario-run';

/** Deletes hosts, and waits until they are gone; then what they leave, which is no part of what is measured. */
export const deleteHosts: StepAction<'delete'> = async (step, run) => {
  const hosts = [...selectHosts(run.live.testbed.fleets, step.props)];
  const change = {
    goal: { field: 'gone', word: 'gone' } as const,
    patch: undefined,
    isThere: (host: object | undefined) => host === undefined,
  };
  const outcome = await changeHosts(step, change, run);
  await deleteLeftovers(
    hosts.filter(({ host }) => watchOf(run, bareMetalHostKind).get(host.namespace, host.name) === undefined),
    run,
  );
  return outcome;
};
