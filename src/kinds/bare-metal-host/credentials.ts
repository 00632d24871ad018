import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import type { HostSelection } from '../../../lib/scenario/selections';
import { FIELD_MANAGER } from '../../kubernetes/field-manager';
import type { StepGoal } from '../../measure/step-record';
import type { KubernetesObject } from '../../kubernetes/objects';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { askAndWait, keyOf } from '../../scenario/arrivals';
import { secretsOf } from './host-objects';
import { asOwn } from './own-hosts';
import type { ScenarioRun, StepAction, StepOutcome } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';
import { memoryOf } from '../../scenario/step-memory';

/** Hosts whose credentials are gone or empty cannot be registered any more, and the operator says so. */
export const takeCredentials: StepAction<'takeCredentials'> = (step, run) =>
  changeSecrets(step, run, {
    goal: { field: 'error', word: 'in error' },
    isThere: ({ errorType }) => errorType !== '',
    change: (secret) => (step.props.how === 'delete' ? remove(secret, run) : empty(secret, run)),
  });

export const giveCredentials: StepAction<'giveCredentials'> = (step, run) =>
  changeSecrets(step, run, {
    goal: { field: 'error', word: 'well' },
    isThere: ({ errorType }) => errorType === '',
    change: async (secret) => {
      await run.live.applier.apply([asOwn(run.live, secret)], { task: step.name, forceConflicts: true });
    },
  });

interface SecretChange {
  readonly goal: StepGoal;
  readonly isThere: (host: ObservedHost) => boolean;
  readonly change: (secret: KubernetesObject) => Promise<void>;
}

async function changeSecrets(
  step: ResolvedStep<'takeCredentials' | 'giveCredentials'>,
  run: ScenarioRun,
  { goal, isThere: isHostThere, change }: SecretChange,
): Promise<StepOutcome> {
  const selection: HostSelection = step.props;
  const hosts = [...selectHosts(run.live.testbed.fleets, selection)];
  const targets = hosts.map(({ host }) => host);
  const memory = memoryOf(run);
  const { asked } = memory;
  const isThere = (host: ObservedHost | undefined) => host !== undefined && isHostThere(host);
  const { name: task, timeoutMs } = step;
  const ask = () =>
    forEachRateLimited(hosts, { perSecond: selection.perSecond, signal: run.signal }, async (each) => {
      memory.ask(keyOf(each.host));
      for (const secret of secretsOf(each)) await change(secret);
    });
  const arrivals = await askAndWait(
    run,
    targets,
    { kind: bareMetalHostKind, task, timeoutMs, mayFail: false, isThere },
    ask,
  );
  return { ...arrivals, kind: bareMetalHostKind.kind, asked, goal, objects: targets.length, retries: 0 };
}

function pathOf({ metadata }: KubernetesObject): string {
  return `${collectionPath('v1', 'secrets', metadata.namespace)}/${metadata.name}`;
}

async function empty(secret: KubernetesObject, run: ScenarioRun): Promise<void> {
  await patch(secret, { data: { username: '', password: '' } }, run);
}

async function remove(secret: KubernetesObject, run: ScenarioRun): Promise<void> {
  await ignoreNotFound(run.live.client.request('DELETE', pathOf(secret)));
  // The operator's finalizer would keep it until its host is deleted. To what is being deleted it can add none anew.
  await patch(secret, { metadata: { finalizers: null } }, run);
}

async function patch(secret: KubernetesObject, body: object, { live, signal }: ScenarioRun): Promise<void> {
  await ignoreNotFound(
    live.client.request('PATCH', pathOf(secret), {
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body,
      signal,
    }),
  );
}
