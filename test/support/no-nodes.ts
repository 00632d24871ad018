/** Stands in for the controllers of Deployments and for nodes: what is wanted is there, and nothing runs in it. */
import type { Deployment } from '../../src/install/workloads';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';

interface List<T> {
  readonly items: readonly T[];
}

interface Template {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
}

/** @returns how to end it */
export function keepDeploymentsAvailable(client: KubernetesClient): () => Promise<void> {
  let isOver = false;
  const keeping = until(
    async () => {
      const { items } = await client.request<List<Deployment & Template>>('GET', '/apis/apps/v1/deployments');
      for (const each of items) await keep(client, each);
      return isOver;
    },
    { deadlineMs: 600_000, everyMs: 200 },
  );
  return async () => {
    isOver = true;
    await keeping;
  };
}

async function keep(client: KubernetesClient, { metadata, spec }: Deployment & Template): Promise<void> {
  const { namespace, name, generation } = metadata;
  const replicas = spec.replicas ?? 1;
  const pods = collectionPath('v1', 'pods', namespace);
  const labelSelector = Object.entries(spec.selector.matchLabels ?? {})
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const there = (await client.request<List<unknown>>('GET', pods, { query: { labelSelector } })).items.length;
  if (there < replicas) {
    const { metadata: ofPod, spec: podSpec } = spec.template;
    const account = { serviceAccountName: 'default', automountServiceAccountToken: false };
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...ofPod, generateName: `${name}-` },
      spec: { ...podSpec, ...account },
    };
    const made = await client.request<{ metadata: { name: string } }>('POST', pods, { body });
    const conditions = [{ type: 'Ready', status: 'True' }];
    await client.request('PATCH', `${pods}/${made.metadata.name}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { phase: 'Running', conditions } },
    });
  }
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  await client.request('PATCH', `${collectionPath('apps/v1', 'deployments', namespace)}/${name}/status`, {
    contentType: 'application/merge-patch+json',
    body: { status: { observedGeneration: generation, ...counts } },
  });
}
