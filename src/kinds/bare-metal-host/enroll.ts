import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { seeded } from '../../../lib/kinds/bare-metal-host/seeded-status';
import { selectHosts, type SelectedHost } from '../../../lib/scenario/select-hosts';
import type { SeededState } from '../../../lib/scenario/steps';
import type { KubernetesObject } from '../../kubernetes/objects';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { askAndWait, keyOf } from '../../scenario/arrivals';
import { objectsOf, secretsOf } from './host-objects';
import { asOwn } from './own-hosts';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';
import { memoryOf } from '../../scenario/step-memory';

const GOAL = { field: 'state', word: 'settled' } as const;

/** Makes hosts, and waits until they have settled. */
export const enroll: StepAction<'enroll'> = async (step, run) => {
  const { state, perSecond } = step.props;
  const hosts = [...selectHosts(run.live.testbed.fleets, step.props)].sort(
    (a, b) => a.fleet.turnOf(a.host) - b.fleet.turnOf(b.host),
  );
  const targets = hosts.map(({ host }) => host);
  const start = memoryOf(run).start;
  const isThere = (host: ObservedHost | undefined) => isEnrolled(host, state);
  const { timeoutMs, mayFail, name: task } = step;
  let retries = 0;
  const arrivals = await askAndWait(
    run,
    targets,
    { kind: bareMetalHostKind, task, timeoutMs, mayFail, isThere },
    async () => {
      retries = await create(hosts, { state, perSecond, task }, run);
    },
  );
  // Each host counts from when it is first seen; that is never before the step.
  const asked = new Map(targets.map((target) => [keyOf(target), start]));
  return { ...arrivals, kind: bareMetalHostKind.kind, asked, goal: GOAL, objects: targets.length, retries };
};

/** A host that starts half-way is there once its status has been restored. */
export function isEnrolled(host: ObservedHost | undefined, state: SeededState | undefined): boolean {
  if (host === undefined || host.isDeleting || !host.isSettled) return false;
  return state === undefined || host.state !== '';
}

interface CreateOptions {
  readonly task: string;
  readonly state?: ResolvedStep<'enroll'>['props']['state'];
  readonly perSecond?: number | undefined;
}

/** Writes hosts with their Secrets. @returns how many writes had to be sent again */
export async function create(
  hosts: readonly SelectedHost[],
  { task, state, perSecond }: CreateOptions,
  { live, signal }: ScenarioRun,
): Promise<number> {
  const options = { task, signal };
  if (perSecond === undefined) return (await live.applier.apply(enrolled(live, hosts, state), options)).retries;
  let retries = 0;
  await forEachRateLimited(hosts, { perSecond, signal }, async (host) => {
    retries += (await live.applier.apply(enrolled(live, [host], state), options)).retries;
  });
  return retries;
}

/** Written one by one, and not as a set that is compared each time: this is what is measured. */
function* enrolled(
  live: ScenarioRun['live'],
  hosts: readonly SelectedHost[],
  state: SeededState | undefined,
): Generator<KubernetesObject> {
  for (const selected of hosts) {
    if (state === undefined) {
      for (const object of objectsOf(selected)) yield asOwn(live, object);
      continue;
    }
    for (const secret of secretsOf(selected)) yield asOwn(live, secret);
    yield asOwn(live, seeded(selected.fleet.manifest(selected.host), state) as object as KubernetesObject);
  }
}
