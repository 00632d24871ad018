/** The conditions of a correct install. Each gives undefined where it holds, and otherwise says what is missing. */
import type { ConditionName } from '../../lib/components/component';
import { isCustomResourceDefinition } from '../../lib/order';
import { whyNotEstablished } from '../apply/established';
import { ApiError } from '../kubernetes/api-error';
import { type KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { RESTMapper, collectionPath } from '../kubernetes/rest-mapper';
import { whyNotAvailable, whyNotReady } from './workloads';

/** What is missing; undefined for nothing. */
export type Missing = Promise<string | undefined>;

/** How each condition is found out, of the objects that it is about. */
export const CONDITIONS: Readonly<
  Record<ConditionName, (client: KubernetesClient, objects: readonly KubernetesObject[]) => Missing>
> = {
  'crds-established': crdsEstablished,
  'deployments-available': deploymentsAvailable,
  'stateful-sets-ready': statefulSetsReady,
  'certificates-ready': certificatesReady,
  'ca-bundles-injected': caBundlesInjected,
  accepted,
};

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface WithConditions {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** The API server serves every CRD. */
export async function crdsEstablished(client: KubernetesClient, crds: readonly KubernetesObject[]): Missing {
  return firstMissing(crds, async (crd) => {
    const why = await whyNotEstablished(client, crd);
    return why && `${describeObject(crd)} (${why})`;
  });
}

/** Every Deployment has its newest pods, and they are available. */
async function deploymentsAvailable(client: KubernetesClient, deployments: readonly KubernetesObject[]): Missing {
  return firstMissing(deployments, ({ metadata: { namespace = 'default', name } }) =>
    whyNotAvailable(client, { namespace, name }),
  );
}

/** Every StatefulSet has its newest pods, and they are ready. */
async function statefulSetsReady(client: KubernetesClient, sets: readonly KubernetesObject[]): Missing {
  return firstMissing(sets, ({ metadata: { namespace = 'default', name } }) =>
    whyNotReady(client, { namespace, name }),
  );
}

/** cert-manager has made every certificate. */
export async function certificatesReady(client: KubernetesClient, certificates: readonly KubernetesObject[]): Missing {
  return firstMissing(certificates, async (certificate) => {
    const { namespace, name } = certificate.metadata;
    const path = `${collectionPath(certificate.apiVersion, 'certificates', namespace)}/${name}`;
    const { status } = await client.request<WithConditions>('GET', path);
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return undefined;
    return `${describeObject(certificate)} (${ready?.message ?? 'cert-manager has not looked at it yet'})`;
  });
}

/** The API server knows the CA of every webhook, of those of CRDs too, that asks cert-manager for it. */
export async function caBundlesInjected(client: KubernetesClient, objects: readonly KubernetesObject[]): Missing {
  const mapper = new RESTMapper(client);
  return firstMissing(objects.filter(asksForCa), async (configuration) => {
    const path = await mapper.pathOf(configuration);
    const bare = isCustomResourceDefinition(configuration)
      ? unknownConversions(await client.request<WithConversion>('GET', path))
      : unknownWebhooks(await client.request<WebhookConfiguration>('GET', path));
    return bare.length === 0 ? undefined : `caBundle of ${describeObject(configuration)} (${bare.join(', ')})`;
  });
}

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

/** Of a CRD whose objects a webhook converts. */
interface WithConversion {
  readonly spec?: {
    readonly conversion?: {
      readonly strategy: string;
      readonly webhook?: { readonly clientConfig?: { readonly caBundle?: string } };
    };
  };
}

function unknownWebhooks({ webhooks = [] }: WebhookConfiguration): readonly string[] {
  return webhooks.filter(({ clientConfig }) => !clientConfig?.caBundle).map(({ name }) => name);
}

function unknownConversions({ spec }: WithConversion): readonly string[] {
  const { strategy, webhook } = spec?.conversion ?? {};
  return strategy === 'Webhook' && !webhook?.clientConfig?.caBundle ? ['conversion'] : [];
}

function asksForCa(object: KubernetesObject): boolean {
  const { kind, metadata } = object;
  const annotations = Object.keys(metadata.annotations ?? {});
  return (
    (kind.endsWith('WebhookConfiguration') || isCustomResourceDefinition(object)) &&
    annotations.some((key) => key.startsWith('cert-manager.io/inject-ca-from'))
  );
}

/** The API server would take the objects: the webhooks that it asks answer, and it trusts them. Nothing is stored. */
export async function accepted(client: KubernetesClient, probes: readonly KubernetesObject[]): Missing {
  const mapper = new RESTMapper(client);
  return firstMissing(probes, async ({ metadata: { name, ...metadata }, ...probe }) => {
    const isNot = (why: string) => `a ${probe.kind} is not accepted yet: ${why}`;
    const resource = await mapper.lookFor(probe.apiVersion, probe.kind);
    if (resource === undefined) return isNot('the API server does not serve the kind');
    const path = collectionPath(resource.apiVersion, resource.plural, metadata.namespace);
    const body = { ...probe, metadata: { ...metadata, generateName: name } };
    try {
      await client.request('POST', path, { query: { dryRun: 'All' }, body, retryMs: 0 });
      return undefined;
    } catch (error) {
      // A webhook that cannot be asked is a 5xx, and a kind that is not served yet a 404; what else is refused stays so.
      if (error instanceof ApiError && error.status !== 404 && error.status !== 429 && error.status < 500) throw error;
      return isNot((error as Error).message);
    }
  });
}

async function firstMissing<T>(items: readonly T[], missing: (item: T) => Missing): Missing {
  for (const item of items) {
    const what = await missing(item);
    if (what !== undefined) return what;
  }
  return undefined;
}
