import type { CustomResourceDefinition } from '../../../crd';
import type { CertManagerVersion } from '../releases';
import { certificate } from './certificate';
import { certificateRequest } from './certificate-request';
import { challenge } from './challenge';
import { clusterIssuer, issuer } from './issuer';
import { order } from './order';

export type { CertificateSpec, CertificateStatus } from './certificate';
export type { CertificateRequestSpec, CertificateRequestStatus } from './certificate-request';
export type { ChallengeSpec, ChallengeStatus } from './challenge';
export type { IssuerSpec, IssuerStatus } from './issuer';
export type { OrderSpec, OrderStatus } from './order';

/** The definitions of a release's kinds, by name. */
export function customResourceDefinitions(version: CertManagerVersion): readonly CustomResourceDefinition[] {
  return [certificateRequest, certificate, challenge, clusterIssuer, issuer, order].map((define) => define(version));
}
