import { isCustomResourceDefinition } from '../../lib/order';
import { isWebhookConfiguration } from '../../lib/components/component';
import type { KubernetesObject } from '../kubernetes/objects';

/** Where a manager serves its webhooks as a process of this machine. */
export interface WebhookServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The CA of its certificate, PEM. */
  readonly ca: string;
}

/** What is there for the pods of a manager alone, and what cert-manager would make of its webhooks' certificate. */
const OF_PODS: ReadonlySet<string> = new Set(['Deployment', 'Service', 'Certificate', 'Issuer']);
const INJECTION = 'cert-manager.io/inject-ca-from';

/** The objects of a provider as a cluster has them beside which its manager runs: its webhooks are asked by URL. */
export function besideManager(
  objects: readonly KubernetesObject[],
  server: WebhookServer,
): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => !OF_PODS.has(kind)).map((object) => askedByUrl(object, server));
}

interface ClientConfig {
  readonly service?: { readonly path?: string };
}

interface Definition {
  readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } };
}

function askedByUrl(object: KubernetesObject, server: WebhookServer): KubernetesObject {
  if (isWebhookConfiguration(object)) {
    const webhooks = (object['webhooks'] ?? []) as readonly { readonly clientConfig: ClientConfig }[];
    const changed = webhooks.map((webhook) => ({ ...webhook, clientConfig: byUrl(webhook.clientConfig, server) }));
    return { ...withoutInjection(object), webhooks: changed };
  }
  if (!isCustomResourceDefinition(object)) return object;
  const spec = object['spec'] as Definition;
  const { conversion } = spec;
  const clientConfig = conversion?.webhook?.clientConfig;
  if (clientConfig === undefined) return withoutInjection(object);
  const webhook = { ...conversion?.webhook, clientConfig: byUrl(clientConfig, server) };
  return { ...withoutInjection(object), spec: { ...spec, conversion: { ...conversion, webhook } } };
}

function byUrl({ service }: ClientConfig, { port, ca }: WebhookServer): object {
  return { url: `https://127.0.0.1:${port}${service?.path ?? '/'}`, caBundle: Buffer.from(ca).toString('base64') };
}

/** Nobody is to write another CA into it. */
function withoutInjection(object: KubernetesObject): KubernetesObject {
  const { annotations = {}, ...metadata } = object.metadata;
  const kept = Object.entries(annotations).filter(([key]) => !key.startsWith(INJECTION));
  return { ...object, metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) } };
}
