/** The releases of cert-manager that are built in, oldest first. */
export const certManagerVersions = ['v1.11.0', 'v1.21.1'] as const;
export type CertManagerVersion = (typeof certManagerVersions)[number];

/**
 * Whether a release has what came with another one.
 *
 * Of the releases between two that are built in, nothing is said here: what `v1.21.1` has and `v1.11.0` lacks is noted
 * as new in `v1.21.1`, whichever release brought it.
 */
export function isAtLeast(version: CertManagerVersion, first: CertManagerVersion): boolean {
  return certManagerVersions.indexOf(version) >= certManagerVersions.indexOf(first);
}

/** The three programs of cert-manager, each a Deployment of its own. */
export type CertManagerComponent = 'controller' | 'webhook' | 'cainjector';
export const certManagerComponents: readonly CertManagerComponent[] = ['controller', 'webhook', 'cainjector'];

/** Gates of which every component has two: all that are alpha, and all that are beta, at once. */
const sweepingGates = ['AllAlpha', 'AllBeta'];

/**
 * The feature gates that a component of a release knows: `internal/<component>/feature/features.go` at the release's
 * tag. A component that is given a gate it does not know exits.
 */
export function featureGatesOf(version: CertManagerVersion, component: CertManagerComponent): readonly string[] {
  return [...sweepingGates, ...featureGates[version][component]];
}

const featureGates: Readonly<Record<CertManagerVersion, Readonly<Record<CertManagerComponent, readonly string[]>>>> = {
  'v1.11.0': {
    controller: [
      'AdditionalCertificateOutputFormats',
      'ExperimentalCertificateSigningRequestControllers',
      'ExperimentalGatewayAPISupport',
      'LiteralCertificateSubject',
      'ServerSideApply',
      'StableCertificateRequestName',
      'UseCertificateRequestBasicConstraints',
      'ValidateCAA',
    ],
    webhook: ['AdditionalCertificateOutputFormats', 'LiteralCertificateSubject'],
    cainjector: [],
  },
  'v1.21.1': {
    controller: [
      'ACMEHTTP01IngressPathTypeExact',
      'ACMEUseARI',
      'AdditionalCertificateOutputFormats',
      'DefaultPrivateKeyRotationPolicyAlways',
      'DisallowInsecureCSRUsageDefinition',
      'ExperimentalCertificateSigningRequestControllers',
      'ExperimentalGatewayAPISupport',
      'ListenerSets',
      'LiteralCertificateSubject',
      'NameConstraints',
      'OtherNames',
      'SecretsFilteredCaching',
      'ServerSideApply',
      'StableCertificateRequestName',
      'UseCertificateRequestBasicConstraints',
      'UseDomainQualifiedFinalizer',
      'ValidateCAA',
    ],
    webhook: [
      'AdditionalCertificateOutputFormats',
      'DisallowInsecureCSRUsageDefinition',
      'LiteralCertificateSubject',
      'NameConstraints',
      'OtherNames',
    ],
    cainjector: ['CAInjectorMerging', 'ServerSideApply'],
  },
};
