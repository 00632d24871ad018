import type { BareMetalHostSpec, StartingStatus } from './schema';

/** Leaves a host alone as long as it is there, whatever its value. */
export const PAUSED_ANNOTATION = 'baremetalhost.metal3.io/paused';
/** BMO takes the status of a host that has none from here. */
export const STATUS_ANNOTATION = 'baremetalhost.metal3.io/status';

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
  const annotations = {
    ...host.annotations,
    ...(host.paused ? { [PAUSED_ANNOTATION]: '' } : {}),
    ...(host.status === undefined ? {} : { [STATUS_ANNOTATION]: JSON.stringify(host.status) }),
  };
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: {
      name: host.name,
      namespace: host.namespace,
      ...(Object.keys(host.labels).length > 0 ? { labels: host.labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: host.spec,
  };
}
