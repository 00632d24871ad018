import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { IBmcCredentials } from './bmc-credentials';
import { namespaceOf } from './bmc-credentials';
import { checkHostRelease } from './host-release';
import { checkHost } from './host-rules';
import { hostManifest } from './manifests';
import { claimHost, hostReleaseOf } from './host-scope';
import type { BareMetalHostSpec, BMCDetails, StartingStatus } from './schema';
import { invalidInput } from '../errors';

/** The fields of `BareMetalHostSpec`, and what else makes a host. */
export interface BareMetalHostProps extends Omit<BareMetalHostSpec, 'bmc' | 'online'> {
  /** @default - named as the construct's id, in the namespace of the chart */
  readonly metadata?: ApiObjectMetadata;
  /**
   * Whether the host shall be powered on.
   * @default true
   */
  readonly online?: boolean;
  /**
   * How the host's BMC is reached. `credentialsName` may come from `credentials`.
   * @default - none: the host stays unmanaged
   */
  readonly bmc?: Omit<BMCDetails, 'credentialsName'> & { readonly credentialsName?: string };
  /**
   * Credentials of the BMC, instead of `bmc.credentialsName`.
   * @default - `bmc.credentialsName`
   */
  readonly credentials?: IBmcCredentials;
  /**
   * Whether BMO shall leave the host alone (annotation `baremetalhost.metal3.io/paused`).
   * @default false
   */
  readonly paused?: boolean;
  /**
   * The status that the host starts with (annotation `baremetalhost.metal3.io/status`), or some of its fields.
   * @default - none: the host starts at registering
   */
  readonly status?: StartingStatus;
}

/**
 * One BareMetalHost, checked as BMO's webhook would when it is constructed: that of its operator's release in a
 * `Testbed`, and elsewhere that of any release since v0.13.
 */
export class BareMetalHost extends Construct {
  readonly name: string;
  readonly namespace: string;
  readonly online: boolean;
  readonly apiObject: ApiObject;

  /**
   * @throws TestbedError (`invalid-input`) for what the API server or BMO's webhook would refuse, and where another host
   * of the testbed has the same name, boot MAC or BMC address
   */
  constructor(scope: Construct, id: string, props: BareMetalHostProps) {
    super(scope, id);
    const { metadata, online = true, bmc, credentials, paused = false, status, ...rest } = props;
    this.name = metadata?.name ?? id;
    this.namespace = namespaceOf(this, metadata);
    this.online = online;
    const host = hostManifest({
      name: this.name,
      namespace: this.namespace,
      labels: metadata?.labels ?? {},
      annotations: metadata?.annotations ?? {},
      paused,
      status,
      spec: { online, ...(bmc === undefined ? {} : { bmc: this.bmcDetails(bmc, credentials) }), ...rest },
    });
    checkHost(host, this.node.path);
    const release = hostReleaseOf(this, this.namespace);
    if (release !== undefined) checkHostRelease(host, release, this.node.path);
    claimHost(this, {
      name: this.name,
      namespace: this.namespace,
      bmcAddress: bmc?.address,
      bootMACAddress: props.bootMACAddress,
    });
    this.apiObject = new ApiObject(this, 'Resource', { ...host, metadata: { ...metadata, ...host.metadata } });
  }

  private bmcDetails(
    bmc: NonNullable<BareMetalHostProps['bmc']>,
    credentials: IBmcCredentials | undefined,
  ): BMCDetails {
    const credentialsName = bmc.credentialsName ?? credentials?.secretName;
    if (credentialsName === undefined || (bmc.credentialsName !== undefined && credentials !== undefined)) {
      throw invalidInput(
        `${this.node.path} needs either credentials or bmc.credentialsName, and has ${credentialsName === undefined ? 'neither' : 'both'}`,
      );
    }
    return { ...bmc, credentialsName };
  }
}
