import { generatedDefinitions } from '../../crd/generated';
import type { Manifest } from '../../upstream';
import type { ProviderRelease, ProviderSpec } from './release';

/** The label by which Cluster API and clusterctl tell whose an object is. */
export const PROVIDER_LABEL = 'cluster.x-k8s.io/provider';

/** The annotation by which cert-manager writes the CA of the webhooks into an object. */
export function caInjection({ prefix }: ProviderSpec, namespace: string): Record<string, string> {
  return { 'cert-manager.io/inject-ca-from': `${namespace}/${prefix}-serving-cert` };
}

/** The CRDs of a release, whose objects the manager in that namespace converts. */
export function customResourceDefinitions(
  spec: ProviderSpec,
  release: ProviderRelease,
  namespace: string,
): readonly Manifest[] {
  return generatedDefinitions(release.crds).map((definition) => {
    const { group, kind, plural, shortNames, categories, scope, conversionReviewVersions, versions } = definition;
    const service = { name: `${spec.prefix}-webhook-service`, namespace, path: '/convert' };
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.${group}`,
        labels: { [PROVIDER_LABEL]: spec.label, ...release.contracts },
        annotations: { ...caInjection(spec, namespace), ...release.crdAnnotations?.[kind] },
      },
      spec: {
        group,
        names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames, categories },
        scope,
        conversion: conversionReviewVersions && {
          strategy: 'Webhook',
          webhook: { clientConfig: { service }, conversionReviewVersions },
        },
        versions: versions.map(({ schema, ...version }) => ({ ...version, schema: { openAPIV3Schema: schema } })),
      },
    };
  });
}
