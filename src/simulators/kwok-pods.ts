import { KWOK } from '../../lib/components/simulators/kwok';
import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { withoutUndefined } from '../../lib/without-undefined';
import { installationOf, simulatorDeployments, type Installation } from '../install/installation';
import { deploymentPath, whyNotAvailable, type Deployment } from '../install/workloads';
import type { KubernetesClient } from '../kubernetes/client';
import { PART_OF_LABEL } from '../apply/apply-set';
import type { KubernetesObject } from '../kubernetes/objects';
import { collectionPath } from '../kubernetes/rest-mapper';
import { RUN_FIELD_MANAGER } from '../kubernetes/field-manager';
import { serverSideApply } from '../kubernetes/server-side-apply';
import type { Operation } from '../util/events';
import { waitFor } from '../util/wait-for';

/** kwok in the cluster, and what it consists of, with hosts that behave in another way. */
export function kwokWith(testbed: ResolvedTestbed, behaviour: HostStagesProps): Installation {
  return installationOf({ ...testbed, kwok: { ...testbed.kwok, behaviour } });
}

/** The ConfigMaps of kwok's Stages. */
export function kwokConfigMaps({ components }: Installation): readonly KubernetesObject[] {
  const { objects = [] } = components.find(({ component }) => component.name === KWOK) ?? {};
  return objects.filter(({ kind }) => kind === 'ConfigMap');
}

export interface ChangeKwokOptions extends Operation {
  readonly deadlineMs: number;
}

/**
 * Has hosts behave otherwise where kwok simulates them in the cluster: its Stages are other ones, and its pods are replaced.
 * The next `up` takes back what differs from the description.
 */
export async function changeKwokPods(
  client: KubernetesClient,
  testbed: ResolvedTestbed,
  behaviour: HostStagesProps,
  { deadlineMs, listener, signal }: ChangeKwokOptions,
): Promise<void> {
  const installation = kwokWith(testbed, behaviour);
  const deployments = simulatorDeployments(installation);
  const [first] = deployments;
  if (first === undefined) return;
  const { metadata } = await client.request<Deployment>('GET', deploymentPath(first), { signal });
  // More files than there were are the testbed's too.
  const partOf = withoutUndefined({ [PART_OF_LABEL]: metadata.labels?.[PART_OF_LABEL] });
  const objects = installation.components.find(({ component }) => component.name === KWOK)?.objects ?? [];
  const apply = (path: string, object: object) => serverSideApply(client, path, object, RUN_FIELD_MANAGER, { signal });
  for (const object of kwokConfigMaps(installation)) {
    const { name, namespace, labels } = object.metadata;
    const path = `${collectionPath('v1', 'configmaps', namespace)}/${name}`;
    await apply(path, { ...object, metadata: { ...object.metadata, labels: { ...labels, ...partOf } } });
  }
  for (const deployment of deployments) {
    const object = objects.find(({ kind, metadata: { name } }) => kind === 'Deployment' && name === deployment.name);
    if (object !== undefined) await apply(deploymentPath(deployment), object);
  }
  for (const deployment of deployments)
    await waitFor({ task: `kwok ${deployment.name}`, deadlineMs, listener, signal }, () =>
      whyNotAvailable(client, deployment),
    );
}
