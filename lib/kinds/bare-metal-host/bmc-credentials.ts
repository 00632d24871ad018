import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject, Chart } from 'cdk8s';
import { EnvValue, Resource, Secret, type EnvValueFromSecretOptions, type ISecret } from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import type { BmcCredentialsLiteral } from './credentials';
import { credentialsData } from './credentials';
import { secretManifest } from './manifests';
import { requireAnnotations, requireDnsLabel, requireDnsSubdomain, requireLabels } from '../../names';

/** Credentials of a BMC, and what else their Secret says of itself. */
export interface BmcCredentialsProps extends BmcCredentialsLiteral {
  /**
   * Metadata of the Secret.
   * @default - named as the construct's id, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata;
}

/** Credentials of a BMC in a Secret, written here or elsewhere. */
export type IBmcCredentials = ISecret;

/**
 * The Secret that `spec.bmc.credentialsName` of a BareMetalHost names. Username and password are in the Secret and
 * nowhere else: no other output of the construct shows them.
 */
export class BmcCredentials extends Resource implements IBmcCredentials {
  /** Credentials that are in the cluster already, in the namespace of the host. */
  static fromSecretName(scope: Construct, id: string, name: string): IBmcCredentials {
    return Secret.fromSecretName(scope, id, requireDnsSubdomain('credentials secretName', name));
  }

  readonly apiObject: ApiObject;
  readonly resourceType = 'secrets';

  /** @throws TestbedError (`invalid-input`) for an empty username or password, or metadata that Kubernetes refuses */
  constructor(scope: Construct, id: string, props: BmcCredentialsProps) {
    super(scope, id);
    const name = requireDnsSubdomain('Secret name', props.metadata?.name ?? id);
    const namespace = requireDnsLabel('namespace', namespaceOf(this, props.metadata));
    requireLabels(props.metadata?.labels ?? {});
    requireAnnotations(props.metadata?.annotations ?? {});
    const secret = secretManifest({ name, namespace, data: credentialsData(props) });
    this.apiObject = new ApiObject(this, 'Resource', { ...secret, metadata: { ...props.metadata, name, namespace } });
  }

  /** One of `username` and `password`, as the value of an environment variable. */
  envValue(key: string, options?: EnvValueFromSecretOptions): EnvValue {
    return EnvValue.fromSecretValue({ secret: this, key }, options);
  }
}

/** The namespace that an object of this construct ends up in. */
export function namespaceOf(construct: IConstruct, metadata: ApiObjectMetadata | undefined): string {
  return metadata?.namespace ?? Chart.of(construct).namespace ?? 'default';
}
