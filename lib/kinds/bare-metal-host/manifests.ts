import { withoutUndefined } from '../../without-undefined';
import type { BareMetalHostSpec, StartingStatus } from './schema';

/** The annotations by which users steer a host. */
export const hostAnnotations = {
  /** Leaves a host alone as long as it is there, whatever its value. */
  paused: 'baremetalhost.metal3.io/paused',
  detached: 'baremetalhost.metal3.io/detached',
  /** BMO takes the status of a host that has none from here, as JSON. */
  status: 'baremetalhost.metal3.io/status',
  /** Alone, or as a prefix before "/". */
  reboot: 'reboot.metal3.io',
  inspect: 'inspect.metal3.io',
  /** Hardware details to take over, as JSON. */
  hardwareDetails: 'inspect.metal3.io/hardwaredetails',
  /** Not the operator's: what is wrong with the Secret that the host names, which kwok cannot see for itself. */
  credentialsError: 'metal3-testbed/credentials-error',
} as const;

/** With this value CAPM3 has paused a host, together with its cluster, and lets it go again with that. */
export const PAUSED_BY_CAPM3 = 'metal3.io/capm3';

/** A Secret, as it is written. */
export interface SecretManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly type: 'Opaque';
  readonly data: { readonly username: string; readonly password: string };
}

/** A BareMetalHost, as it is written. */
export interface BareMetalHostManifest {
  readonly apiVersion: 'metal3.io/v1alpha1';
  readonly kind: 'BareMetalHost';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: BareMetalHostSpec;
}

/** The credentials Secret of a BMC; values in base64. */
export function secretManifest(secret: {
  readonly name: string;
  readonly namespace: string;
  readonly data: SecretManifest['data'];
}): SecretManifest {
  const { name, namespace, data } = secret;
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data };
}

/** A BareMetalHost with what BMO reads from annotations put into them. */
export function hostManifest(host: {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly paused: boolean;
  readonly status: StartingStatus | undefined;
  readonly spec: BareMetalHostSpec;
}): BareMetalHostManifest {
  const annotations: Record<string, string> = { ...host.annotations };
  if (host.paused) annotations[hostAnnotations.paused] = '';
  if (host.status !== undefined) annotations[hostAnnotations.status] = JSON.stringify(host.status);
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: withoutUndefined({
      name: host.name,
      namespace: host.namespace,
      labels: Object.keys(host.labels).length > 0 ? host.labels : undefined,
      annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    }),
    spec: withoutUndefined(host.spec),
  };
}
