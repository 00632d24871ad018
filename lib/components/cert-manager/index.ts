export { CertManager } from './cert-manager';
export type {
  CertificateRequestSpec,
  CertificateRequestStatus,
  CertificateSpec,
  CertificateStatus,
  ChallengeSpec,
  ChallengeStatus,
  IssuerSpec,
  IssuerStatus,
  OrderSpec,
  OrderStatus,
} from './crds';
export type { CertManagerProps, PerComponent } from './options';
export type { CertManagerResources } from './pods';
export { certManagerVersions, type CertManagerComponent, type CertManagerVersion } from './releases';
