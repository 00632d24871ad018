import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import { Resource, type IResource } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import { namespaceOf, type IBmcCredentials } from './bmc-credentials';
import { HostClaimsRoot } from './host-claims';
import type { HostClaims } from './host-registry';
import { checkHostRelease } from './host-release';
import { checkHost } from './host-rules';
import { hostManifest, type BareMetalHostManifest } from './manifests';
import type { BareMetalHostSpec, BMCDetails, StartingStatus } from './schema';
import { invalidInput, TestbedError } from '../../errors';
import { isResolved } from '../../lazy';
import { requireHostName } from '../../names';

/** The fields of `BareMetalHostSpec`, and what else makes a host. Any of them may be a `Lazy`. */
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
   * Credentials of the BMC, instead of `bmc.credentialsName`; a Secret of cdk8s-plus will do too.
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

/** A BareMetalHost, described here or in the cluster already. */
export type IBareMetalHost = IResource;

const API_GROUP = 'metal3.io';
const RESOURCE_TYPE = 'baremetalhosts';

/**
 * One BareMetalHost, checked as BMO's webhook would: that of its operator's release in a `Testbed`, and elsewhere that of any
 * release since v0.13. What is known when it is constructed is checked then; what comes later (a `Lazy`, a label that is
 * added to `metadata`, another host of the same name) when the app is synthesized.
 */
export class BareMetalHost extends Resource implements IBareMetalHost {
  /** A host that is in the cluster already. */
  static fromBareMetalHostName(scope: Construct, id: string, name: string): IBareMetalHost {
    return new ImportedBareMetalHost(scope, id, requireHostName(name));
  }

  readonly apiObject: ApiObject;
  readonly resourceType = RESOURCE_TYPE;
  readonly namespace: string;
  /** Whether it shall be powered on. */
  readonly online: boolean;
  /** Whether BMO is told to leave it alone. */
  readonly paused: boolean;

  /** @throws TestbedError (`invalid-input`) for what the API server or BMO's webhook would refuse */
  constructor(scope: Construct, id: string, props: BareMetalHostProps) {
    super(scope, id);
    const { metadata, online = true, bmc, credentials, paused = false, status, ...rest } = props;
    this.namespace = namespaceOf(this, metadata);
    this.online = online;
    this.paused = paused;
    const host = hostManifest({
      name: metadata?.name ?? id,
      namespace: this.namespace,
      labels: metadata?.labels ?? {},
      annotations: metadata?.annotations ?? {},
      paused,
      status,
      spec: { online, bmc: bmc && this.bmcDetails(bmc, credentials), ...rest },
    });
    if (isResolved(host)) this.check(host);
    this.apiObject = new ApiObject(this, 'Resource', { ...host, metadata: { ...metadata, ...host.metadata } });
    this.node.addValidation({ validate: () => this.problems() });
    HostClaimsRoot.of(this).add(this);
  }

  /** @internal */
  *hostClaims(): Iterable<HostClaims> {
    const { metadata, spec } = this.manifest;
    yield {
      name: metadata.name,
      namespace: metadata.namespace,
      bmcAddress: spec.bmc?.address,
      bootMACAddress: spec.bootMACAddress,
    };
  }

  /** As it will be written. */
  private get manifest(): BareMetalHostManifest {
    return this.apiObject.toJson() as BareMetalHostManifest;
  }

  private check(host: BareMetalHostManifest): void {
    checkHost(host, this.node.path);
    const release = HostClaimsRoot.of(this).releaseOf(this.namespace);
    if (release !== undefined) checkHostRelease(host, release, this.node.path);
  }

  private problems(): string[] {
    try {
      this.check(this.manifest);
      return [];
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return [error.message];
    }
  }

  private bmcDetails(
    bmc: NonNullable<BareMetalHostProps['bmc']>,
    credentials: IBmcCredentials | undefined,
  ): BMCDetails {
    const credentialsName = bmc.credentialsName ?? credentials?.name;
    if (credentialsName === undefined || (bmc.credentialsName !== undefined && credentials !== undefined)) {
      throw invalidInput(
        `${this.node.path} needs either credentials or bmc.credentialsName, and has ${credentialsName === undefined ? 'neither' : 'both'}`,
      );
    }
    return { ...bmc, credentialsName };
  }
}

class ImportedBareMetalHost extends Construct implements IBareMetalHost {
  readonly apiVersion = `${API_GROUP}/v1alpha1`;
  readonly apiGroup = API_GROUP;
  readonly kind = 'BareMetalHost';
  readonly resourceType = RESOURCE_TYPE;

  constructor(
    scope: IConstruct,
    id: string,
    readonly name: string,
  ) {
    super(scope, id);
  }

  get resourceName(): string {
    return this.name;
  }
}
