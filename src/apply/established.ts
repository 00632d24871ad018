import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeObject } from '../kubernetes/objects';
import { collectionPath, type RESTMapper } from '../kubernetes/rest-mapper';
import { until } from '../util/until';

/** How long a CustomResourceDefinition may take until the API server serves it: seconds, but for a machine with more to do than it can. */
const ESTABLISHED_DEADLINE_MS = 120_000;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface WithConditions {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** What is read of the spec of a CustomResourceDefinition. */
export interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** Conditions that are True where all is well; others are True where something is wrong. */
const GOOD: ReadonlySet<string> = new Set(['Established', 'NamesAccepted', 'KubernetesAPIApprovalPolicyConformant']);

/** @returns undefined once a CustomResourceDefinition is established, until then what the API server says is in the way */
export async function whyNotEstablished(
  client: KubernetesClient,
  { metadata }: KubernetesObject,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const path = `${collectionPath('apiextensions.k8s.io/v1', 'customresourcedefinitions')}/${metadata.name}`;
  const { status } = await client.request<WithConditions>('GET', path, { signal });
  const conditions = status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return undefined;
  const bad = conditions.filter(({ type, status }) => (status === 'True') !== GOOD.has(type));
  return bad.map(({ type, status, message }) => message ?? `${type} is ${status}`).join('; ') || 'not established yet';
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
  let why: string | undefined;
  const isEstablished = async () => (why = await whyNotEstablished(client, crd, signal)) === undefined;
  if (!(await until(isEstablished, { deadlineMs: ESTABLISHED_DEADLINE_MS, signal })))
    throw new TestbedError(
      'timeout',
      `timed out after ${ESTABLISHED_DEADLINE_MS / 1000} s waiting for ${describeObject(crd)} to be established: ${why}`,
    );
  const { group, names, versions } = crd['spec'] as Definition;
  for (const { name } of versions.filter(({ served }) => served))
    await mapper.untilServed(`${group}/${name}`, names.kind, signal);
}
