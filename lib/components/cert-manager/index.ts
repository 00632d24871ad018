export { CertManager } from './cert-manager';
export type { CertManagerProps, PerComponent } from './options';
export type { CertManagerResources } from './pods';
export { certManagerVersions, type CertManagerComponent, type CertManagerVersion } from './releases';
