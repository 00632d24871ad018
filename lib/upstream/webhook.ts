import type { PodSpec } from './container';
import type { Manifest } from './manifest';

interface WebhookConfiguration extends Manifest {
  readonly webhooks?: readonly {
    readonly clientConfig?: { readonly service?: { readonly name: string; readonly namespace: string } };
    readonly [field: string]: unknown;
  }[];
}

interface Certificate extends Manifest {
  readonly spec: {
    readonly secretName?: string;
    readonly dnsNames?: readonly string[];
    readonly issuerRef?: { readonly name?: string; readonly kind?: string };
  };
}

const injectionAnnotation = 'cert-manager.io/inject-ca-from';

/** What is left of a release once it has no webhook. */
export interface WithoutWebhook {
  readonly manifests: readonly Manifest[];
  /** The Secrets that its certificates would have been in: pods must not wait for them. */
  readonly secretNames: ReadonlySet<string>;
}

/**
 * Takes the webhooks out: their configurations, the Services that these name, the certificates of those Services, the
 * Issuers that nothing else needs then, and the request for a CA in other objects.
 */
export function withoutWebhook(manifests: readonly Manifest[]): WithoutWebhook {
  const services = manifests.filter(isWebhookConfiguration).flatMap(servicesOf);
  const isTheirs = (certificate: Certificate) =>
    (certificate.spec.dnsNames ?? []).some((name) => services.some((service) => name.startsWith(`${service}.`)));
  const certificates = manifests.filter(isCertificate);
  const [gone, kept] = [certificates.filter(isTheirs), certificates.filter((each) => !isTheirs(each))];
  const isNeeded = (issuer: Manifest) => kept.some(({ spec }) => spec.issuerRef?.name === issuer.metadata.name);
  const wasTheirs = (issuer: Manifest) => gone.some(({ spec }) => spec.issuerRef?.name === issuer.metadata.name);
  const gonePaths = new Set(gone.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));

  const left = manifests
    .filter((manifest) => !isWebhookConfiguration(manifest))
    .filter(({ kind, metadata }) => kind !== 'Service' || !services.includes(`${metadata.name}.${metadata.namespace}`))
    .filter((manifest) => !isCertificate(manifest) || !isTheirs(manifest))
    .filter((manifest) => manifest.kind !== 'Issuer' || isNeeded(manifest) || !wasTheirs(manifest))
    .map((manifest) => withoutInjection(manifest, gonePaths));
  return { manifests: left, secretNames: new Set(gone.flatMap(({ spec }) => spec.secretName ?? [])) };
}

/** The pod without the volumes of some Secrets; mounts of them go with them. */
export function withoutSecretVolumes(pod: PodSpec, secretNames: ReadonlySet<string>): PodSpec {
  const isGone = (secretName: string | undefined) => secretName !== undefined && secretNames.has(secretName);
  const gone = new Set(pod.volumes?.filter(({ secret }) => isGone(secret?.secretName)).map(({ name }) => name));
  if (gone.size === 0) return pod;
  const volumes = pod.volumes?.filter(({ name }) => !gone.has(name)) ?? [];
  const containers = pod.containers.map((container) => ({
    ...container,
    volumeMounts: container.volumeMounts?.filter(({ name }) => !gone.has(name)),
  }));
  return { ...pod, volumes, containers };
}

/** The webhook asked about objects of these namespaces only. */
export function checkingOnly(manifest: Manifest, namespaces: readonly string[]): Manifest {
  if (!isWebhookConfiguration(manifest)) return manifest;
  const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [...namespaces] }];
  const webhooks = manifest.webhooks?.map((webhook) => ({ ...webhook, namespaceSelector: { matchExpressions } }));
  return { ...manifest, webhooks };
}

function isWebhookConfiguration(manifest: Manifest): manifest is WebhookConfiguration {
  return ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].includes(manifest.kind);
}

function isCertificate(manifest: Manifest): manifest is Certificate {
  return manifest.kind === 'Certificate' && manifest.apiVersion.startsWith('cert-manager.io/');
}

/** As their DNS names begin: `name.namespace`. */
function servicesOf({ webhooks = [] }: WebhookConfiguration): readonly string[] {
  return webhooks.flatMap(({ clientConfig }) => {
    const service = clientConfig?.service;
    return service === undefined ? [] : [`${service.name}.${service.namespace}`];
  });
}

function withoutInjection(manifest: Manifest, certificates: ReadonlySet<string>): Manifest {
  const { annotations } = manifest.metadata;
  const from = annotations?.[injectionAnnotation];
  if (annotations === undefined || from === undefined || !certificates.has(from)) return manifest;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== injectionAnnotation));
  return { ...manifest, metadata: { ...manifest.metadata, annotations: kept } };
}
