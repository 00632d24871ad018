import { kwokComponent } from '../../lib/components/simulators/kwok';
import type { KwokSimulatorProps } from '../../lib/components/simulators/kwok-props';
import { withoutUndefined } from '../../lib/without-undefined';
import { allObjects, installationOfComponents, simulatorDeployments, type Installation } from '../install/installation';
import { deploymentPath, whyNotAvailable, type Deployment } from '../install/workloads';
import type { KubernetesClient } from '../kubernetes/client';
import { PART_OF_LABEL } from '../apply/apply-set';
import type { KubernetesObject } from '../kubernetes/objects';
import { collectionPath } from '../kubernetes/rest-mapper';
import { RUN_FIELD_MANAGER } from '../kubernetes/field-manager';
import { serverSideApply } from '../kubernetes/server-side-apply';
import type { Operation } from '../util/events';
import { waitFor } from '../util/wait-for';

/** What kwok in the cluster consists of, and nothing else of the testbed. */
export function kwokInstallation(kwok: KwokSimulatorProps): Installation {
  return installationOfComponents([kwokComponent(kwok)]);
}

/** The ConfigMaps of kwok's Stages. */
export function kwokConfigMaps(kwok: Installation): readonly KubernetesObject[] {
  return allObjects(kwok).filter(({ kind }) => kind === 'ConfigMap');
}

export interface ChangeKwokOptions extends Operation {
  readonly deadlineMs: number;
}

/**
 * Has hosts behave otherwise where kwok simulates them in the cluster: its Stages are other ones, and its pods are replaced.
 * The next `up` takes back what differs from the description.
 *
 * @param kwok with how hosts behave from now on
 */
export async function changeKwokPods(
  client: KubernetesClient,
  kwok: KwokSimulatorProps,
  { deadlineMs, listener, signal }: ChangeKwokOptions,
): Promise<void> {
  const installation = kwokInstallation(kwok);
  const deployments = simulatorDeployments(installation);
  const [first] = deployments;
  if (first === undefined) return;
  const { metadata } = await client.request<Deployment>('GET', deploymentPath(first), { signal });
  // More files than there were are the testbed's too.
  const partOf = withoutUndefined({ [PART_OF_LABEL]: metadata.labels?.[PART_OF_LABEL] });
  const apply = (path: string, object: object) => serverSideApply(client, path, object, RUN_FIELD_MANAGER, { signal });
  for (const object of kwokConfigMaps(installation)) {
    const { name, namespace, labels } = object.metadata;
    const path = `${collectionPath('v1', 'configmaps', namespace)}/${name}`;
    await apply(path, { ...object, metadata: { ...object.metadata, labels: { ...labels, ...partOf } } });
  }
  const isSimulator = ({ kind, metadata: { name } }: KubernetesObject) =>
    kind === 'Deployment' && deployments.some((each) => each.name === name);
  for (const object of allObjects(installation).filter(isSimulator)) {
    const { name, namespace = '' } = object.metadata;
    await apply(deploymentPath({ namespace, name }), object);
  }
  for (const deployment of deployments)
    await waitFor({ task: `kwok ${deployment.name}`, deadlineMs, listener, signal }, () =>
      whyNotAvailable(client, deployment),
    );
}
