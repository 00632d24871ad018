import type { Manifest } from '../../upstream';
import { apply, isWebhookConfiguration, ofKind, probe, wait, type Component } from '../component';
import { CertManager } from './cert-manager';
import type { CertManagerProps } from './options';

export const CERT_MANAGER = 'cert-manager';

/** cert-manager, which is ready once its pods are and its own webhooks have a CA. */
export function certManagerComponent(props: CertManagerProps): Component<CertManager> {
  return {
    name: CERT_MANAGER,
    needs: [],
    namespaces: [props.namespace ?? 'cert-manager'],
    addTo: (scope) => [new CertManager(scope, 'cert-manager', props)],
    steps: (objects) => [
      apply('cert-manager', objects),
      wait('cert-manager available', 'deployments-available', ofKind(objects, 'Deployment')),
      wait('CA of cert-manager', 'ca-bundles-injected', objects.filter(isWebhookConfiguration)),
    ],
  };
}

/** Issuers where certificates are asked for: once they are accepted its webhook answers, and the API server trusts it. */
export function issuerProbes(certificates: readonly Manifest[]): readonly Manifest[] {
  const namespaces = new Set(certificates.map(({ metadata }) => metadata.namespace ?? 'default'));
  return [...namespaces].map((namespace) => probe('cert-manager.io/v1', 'Issuer', namespace, { selfSigned: {} }));
}
