import type { Applier } from '../apply/apply';
import type { Listener } from '../events';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { waitFor } from '../util/wait-for';
import type { Installation } from './installation';
import { allObjects } from './installation';
import type { Missing } from './waits';
import {
  caBundlesInjected,
  certificatesReady,
  crdsEstablished,
  deploymentsAvailable,
  hostAccepted,
  issuerAccepted,
} from './waits';

export interface InstallOptions {
  /** How long each wait may take, in milliseconds; a pull of an image is part of one. @default 300000 */
  readonly timeoutMs?: number;
  /** Whether fields that somebody else owns are taken over. @default false */
  readonly forceConflicts?: boolean;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 300_000;

/**
 * Installs cert-manager and the operators on a cluster with pods, each part once what it needs is there. Each wait is an
 * event with its duration. Running it again goes on.
 *
 * @throws TestbedError (`timeout`) naming what is missing, down to the pod and its reason; ApiError for what is refused
 */
export async function install(
  client: KubernetesClient,
  applier: Applier,
  installation: Installation,
  options: InstallOptions = {},
): Promise<void> {
  const { listener, signal, forceConflicts = false } = options;
  const { certManager, operators } = installation;
  const apply = (task: string, objects: readonly KubernetesObject[]) =>
    applier.applyAll(objects, { task, forceConflicts, ...(listener && { listener }), ...(signal && { signal }) });
  const wait = (task: string, missing: () => Missing) =>
    waitFor({ task, deadlineMs: options.timeoutMs ?? TIMEOUT_MS, listener, signal }, missing);

  const foundations = allObjects(installation).filter(isFoundation);
  await apply('namespaces and CRDs', foundations);
  await wait('CRDs established', () => crdsEstablished(client, ofKind(foundations, 'CustomResourceDefinition')));

  if (certManager.length > 0) {
    await apply(
      'cert-manager',
      certManager.filter((object) => !isFoundation(object)),
    );
    await wait('cert-manager available', () => deploymentsAvailable(client, ofKind(certManager, 'Deployment')));
    await wait('CA of cert-manager', () => caBundlesInjected(client, certManager));
  }
  const certificates = ofKind(operators, 'Certificate');
  for (const namespace of new Set(certificates.map(({ metadata }) => metadata.namespace ?? 'default')))
    await wait('Issuer accepted', () => issuerAccepted(client, namespace));

  // A pod that is made before its certificate is retried by the kubelet ever more rarely: it comes after it.
  const rest = operators.filter((object) => !isFoundation(object));
  await apply(
    'operator',
    rest.filter((object) => !NEEDS_CERTIFICATE.has(object.kind)),
  );
  if (certificates.length > 0) await wait('Certificate ready', () => certificatesReady(client, certificates));
  await apply(
    'operator pods',
    rest.filter((object) => NEEDS_CERTIFICATE.has(object.kind)),
  );
  if (certificates.length > 0) await wait('caBundle injected', () => caBundlesInjected(client, operators));
  await wait('operator available', () => deploymentsAvailable(client, ofKind(operators, 'Deployment')));
  for (const namespace of new Set(installation.probeNamespaces))
    await wait('host accepted', () => hostAccepted(client, namespace));
}

const NEEDS_CERTIFICATE: ReadonlySet<string> = new Set(['Deployment', 'ValidatingWebhookConfiguration']);

function isFoundation({ kind }: KubernetesObject): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition';
}

function ofKind(objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}
