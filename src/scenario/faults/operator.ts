import { FIELD_MANAGER } from '../../kubernetes/field-manager';
import { deploymentPath, podSelector, readyPods, whyNotAvailable, type Deployment } from '../../install/workloads';
import type { NamespacedName } from '../../kubernetes/objects';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { waitFor } from '../../util/wait-for';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from '../scenario-run';
import { pause } from '../rate-limited';

/** Kills operators, or kwok, and waits until they are at work again. */
export const killOperator: StepAction<'killOperator'> = async (step, run) => {
  const { operator, downSeconds = 0 } = step.props;
  const position = operator === undefined ? undefined : operator - 1;
  if (run.simulators !== undefined) {
    // One kwok simulates the hosts of all operators.
    await run.simulators.kill(run.simulators.kind === 'kwok' ? undefined : position, downSeconds * 1000, run.signal);
    return NO_OBJECTS;
  }
  const { deployments } = run.live;
  for (const deployment of position === undefined ? deployments : deployments.slice(position, position + 1))
    await restartDeployment(deployment, downSeconds * 1000, step.timeoutMs, run);
  return NO_OBJECTS;
};

/** Its pods are deleted without grace; to keep it down for a while, it is scaled to none for that long. */
async function restartDeployment(
  deployment: NamespacedName,
  downMs: number,
  deadlineMs: number,
  { live: { client }, listener, signal }: ScenarioRun,
): Promise<void> {
  const { namespace, name } = deployment;
  const path = deploymentPath(deployment);
  const { spec } = await client.request<Deployment>('GET', path);
  const killed = await readyPods(client, deployment);
  const scale = (replicas: number) =>
    client.request('PATCH', path, {
      // Where the run is killed meanwhile, `up` takes back what was changed under this name.
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas } },
    });
  try {
    if (downMs > 0) await scale(0);
    await client.request('DELETE', collectionPath('v1', 'pods', namespace), {
      query: { labelSelector: podSelector(spec), gracePeriodSeconds: 0 },
    });
    await pause(downMs, signal);
  } finally {
    // Also where the run is interrupted.
    if (downMs > 0) await scale(spec.replicas ?? 1);
  }
  await waitFor({ task: `operator ${namespace}/${name}`, deadlineMs, listener, signal }, async () => {
    // The Deployment itself notices a moment later that its pods are gone.
    const ready = await readyPods(client, deployment);
    const isBack = ready.length > 0 && !ready.some((pod) => killed.includes(pod));
    return (await whyNotAvailable(client, deployment)) ?? (isBack ? undefined : 'its new pods are not ready');
  });
}
