/** The conditions of a correct install. Each gives undefined where it holds, and otherwise says what is missing. */
import { ApiError } from '../kubernetes/api-error';
import { type KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { RESTMapper, collectionPath } from '../kubernetes/rest-mapper';
import { whyNotAvailable } from './workloads';

/** What is missing; undefined for nothing. */
export type Missing = Promise<string | undefined>;

/** A condition by its name, asked of the objects that it is about: of namespaces where something is tried in them. */
export const CONDITIONS = {
  'crds-established': crdsEstablished,
  'deployments-available': deploymentsAvailable,
  'certificates-ready': certificatesReady,
  'ca-bundles-injected': caBundlesInjected,
  'issuer-accepted': (client: KubernetesClient, namespaces: readonly KubernetesObject[]) =>
    firstMissing(namespaces, ({ metadata }) => issuerAccepted(client, metadata.name)),
  'host-accepted': (client: KubernetesClient, namespaces: readonly KubernetesObject[]) =>
    firstMissing(namespaces, ({ metadata }) => hostAccepted(client, metadata.name)),
} as const;

export type ConditionName = keyof typeof CONDITIONS;

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
  const path = collectionPath('apiextensions.k8s.io/v1', 'customresourcedefinitions');
  return firstMissing(crds, async ({ metadata: { name } }) => {
    const { status } = await client.request<WithConditions>('GET', `${path}/${name}`);
    const conditions = status?.conditions ?? [];
    if (conditions.some((each) => each.type === 'Established' && each.status === 'True')) return undefined;
    const refused = conditions.find((each) => each.type === 'NamesAccepted' && each.status === 'False');
    return `CustomResourceDefinition ${name} (${refused?.message ?? 'not established yet'})`;
  });
}

/** Every Deployment has its newest pods, and they are available. */
async function deploymentsAvailable(client: KubernetesClient, deployments: readonly KubernetesObject[]): Missing {
  return firstMissing(deployments, ({ metadata: { namespace = 'default', name } }) =>
    whyNotAvailable(client, { namespace, name }),
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

/** The API server knows the CA of every webhook that asks cert-manager for it. */
export async function caBundlesInjected(client: KubernetesClient, objects: readonly KubernetesObject[]): Missing {
  const mapper = new RESTMapper(client);
  return firstMissing(objects.filter(asksForCa), async (configuration) => {
    const path = await mapper.pathOf(configuration);
    const { webhooks = [] } = await client.request<WebhookConfiguration>('GET', path);
    const bare = webhooks.filter(({ clientConfig }) => !clientConfig?.caBundle).map(({ name }) => name);
    return bare.length === 0 ? undefined : `caBundle of ${describeObject(configuration)} (${bare.join(', ')})`;
  });
}

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

function asksForCa({ kind, metadata }: KubernetesObject): boolean {
  const annotations = Object.keys(metadata.annotations ?? {});
  return (
    kind.endsWith('WebhookConfiguration') && annotations.some((key) => key.startsWith('cert-manager.io/inject-ca-from'))
  );
}

/** An Issuer would be accepted: cert-manager's webhook answers, and the API server trusts it. */
function issuerAccepted(client: KubernetesClient, namespace: string): Missing {
  return accepted(client, 'issuers', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { generateName: PROBE_NAME, namespace },
    spec: { selfSigned: {} },
  });
}

/** A host would be accepted: the operator's webhook answers, and the API server trusts it. */
export function hostAccepted(client: KubernetesClient, namespace: string): Missing {
  return accepted(client, 'baremetalhosts', {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: { generateName: PROBE_NAME, namespace },
    spec: {
      online: false,
      // 192.0.2.0/24 is nobody's (RFC 5737), and nothing is stored.
      bmc: { address: 'libvirt://192.0.2.1:6233/', credentialsName: 'probe' },
      bootMACAddress: '00:00:5e:00:53:01',
    },
  });
}

const PROBE_NAME = 'metal3-testbed-probe-';

interface Probe {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly generateName: string; readonly namespace: string };
  readonly spec: object;
}

async function accepted(client: KubernetesClient, plural: string, probe: Probe): Missing {
  const path = collectionPath(probe.apiVersion, plural, probe.metadata.namespace);
  try {
    await client.request('POST', path, { query: { dryRun: 'All' }, body: probe, retryMs: 0 });
    return undefined;
  } catch (error) {
    // A webhook that cannot be asked is a 5xx, and a kind that is not served yet a 404; what else is refused stays so.
    if (error instanceof ApiError && error.status !== 404 && error.status !== 429 && error.status < 500) throw error;
    return `a ${probe.kind} is not accepted yet: ${(error as Error).message}`;
  }
}

async function firstMissing<T>(items: readonly T[], missing: (item: T) => Missing): Missing {
  for (const item of items) {
    const what = await missing(item);
    if (what !== undefined) return what;
  }
  return undefined;
}
