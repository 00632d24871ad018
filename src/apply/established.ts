import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeObject } from '../kubernetes/objects';
import type { RESTMapper } from '../kubernetes/rest-mapper';
import { until } from '../util/until';

/** How long a CustomResourceDefinition may take until the API server serves it. */
const ESTABLISHED_DEADLINE_MS = 30_000;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** What is read of the spec of a CustomResourceDefinition. */
export interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/**
 * Waits until the API server serves what a CustomResourceDefinition defines.
 *
 * @throws TestbedError (`timeout`) with what the API server says is in the way
 */
export async function untilEstablished(
  client: KubernetesClient,
  mapper: RESTMapper,
  crd: KubernetesObject,
  signal?: AbortSignal,
): Promise<void> {
  const path = await mapper.pathOf(crd);
  let conditions: readonly Condition[] = [];
  const established = await until(
    async () => {
      const current = await client.request<{ status?: { conditions?: readonly Condition[] } }>('GET', path, { signal });
      conditions = current.status?.conditions ?? [];
      return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
    },
    { deadlineMs: ESTABLISHED_DEADLINE_MS, signal },
  );
  if (established === undefined) {
    const why = conditions.filter(
      ({ type, status }) => (status === 'True') !== ['Established', 'NamesAccepted'].includes(type),
    );
    throw new TestbedError(
      'timeout',
      `${describeObject(crd)} was not established within ${ESTABLISHED_DEADLINE_MS / 1000} s: ${why.map(({ message }) => message).join('; ') || 'the API server gave no reason'}`,
    );
  }
  const { group, names, versions } = crd['spec'] as Definition;
  for (const { name } of versions.filter(({ served }) => served))
    await mapper.untilServed(`${group}/${name}`, names.kind, signal);
}
