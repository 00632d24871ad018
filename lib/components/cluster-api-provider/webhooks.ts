import type { ProviderRelease, ReviewedKind } from './release';

interface WebhookPlace {
  readonly serviceName: string;
  readonly namespace: string;
}

/** The webhooks of a release that fill in defaults, or those that refuse. */
export function webhooks(
  verb: 'mutate' | 'validate',
  release: ProviderRelease,
  { serviceName, namespace }: WebhookPlace,
): readonly object[] {
  const kinds = verb === 'mutate' ? release.mutating : release.validating;
  const prefix = verb === 'mutate' ? 'default' : 'validation';
  return kinds.map((reviewed) => {
    const { group, version, kind, plural, subresource, leavesMatchPolicy = false } = reviewed;
    return {
      name: reviewed.name ?? `${prefix}.${kind}.${group}`,
      admissionReviewVersions: release.reviewVersions,
      clientConfig: { service: { name: serviceName, namespace, path: pathOf(verb, reviewed) } },
      rules: [
        {
          apiGroups: [group],
          apiVersions: [version],
          operations: reviewed.operations ?? ['CREATE', 'UPDATE'],
          resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
        },
      ],
      failurePolicy: 'Fail',
      matchPolicy: leavesMatchPolicy ? undefined : 'Equivalent',
      sideEffects: 'None',
    };
  });
}

/** As controller-runtime forms them: `/validate-cluster-x-k8s-io-v1beta2-machine`. */
function pathOf(verb: string, { group, version, kind, subresource }: ReviewedKind): string {
  const parts = [verb, ...(subresource === undefined ? [] : [subresource]), group.replaceAll('.', '-'), version, kind];
  return `/${parts.join('-')}`;
}
