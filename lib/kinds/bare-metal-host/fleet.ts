import { bareMetalHostFace } from './kind-face';
import { withoutUndefined } from '../../without-undefined';
import { AddressPlan } from './address-plan';
import type { BmcProtocol } from './bmc-address';
import { bmcAddressDefaults, parseBmcAddress, requireBmcProtocol, requirePort } from './bmc-address';
import type { BmcCredentialsSource } from './credentials';
import { credentialsData, isReference, requireCredentialsSource, TEST_CREDENTIALS } from './credentials';
import { checkHost } from './host-rules';
import type { HostIdentity, HostOverride, HostSetProps } from './host-set-props';
import { MacPlan } from './mac-plan';
import type { BareMetalHostManifest, SecretManifest } from './manifests';
import { hostManifest, secretManifest } from './manifests';
import type { HostPlacement } from './host-placement';
import { NamePattern } from './name-pattern';
import type { BareMetalHostSpec } from './schema';
import { merged, Overrides } from '../overrides';
import { invalidInput } from '../../errors';
import { requireDnsLabel, requireDnsSubdomain, show } from '../../names';
import { requireWhole } from '../../whole-number';

/** The last index that a MAC address with a prefix of three octets, and an address of 10.0.0.0/8, can carry. */
export const LAST_INDEX = 2 ** 24 - 2;

const DEFAULT_ADDRESSES = ['192.168.122.0/24', '10.0.0.0/8'];
const DEFAULT_MAC_PREFIX = '00:60:2f';

/** One host of a fleet: what follows from its index, before any object is made of it. */
export interface FleetHost extends HostIdentity {
  /** The Secret that holds its credentials. */
  readonly secretName: string;
  readonly bmcAddress: string;
  /** undefined where the set has no MAC addresses. */
  readonly bootMACAddress: string | undefined;
  /** What this host has otherwise than its set, if anything. */
  readonly override: HostOverride | undefined;
}

/**
 * The hosts of a set, one at a time: nothing is kept, so that a million take no more memory than ten.
 *
 * The constructor checks everything that can be wrong with the set as a whole; hosts with overrides are checked when
 * they are reached, or all at once by {@link check}.
 */
export class Fleet {
  /** What its objects are. @internal */
  readonly kind = bareMetalHostFace.kind;
  readonly name: string;
  readonly count: number;
  readonly firstIndex: number;
  readonly protocol: BmcProtocol;
  /** Whether any host may differ from what its index gives. */
  readonly hasOverrides: boolean;

  private readonly names: NamePattern;
  private readonly macs: MacPlan | undefined;
  private readonly addressAt: (position: number, host: HostIdentity, mac: string | undefined) => string;
  private readonly namespaceAt: (position: number) => string;
  private readonly credentials: BmcCredentialsSource;
  private readonly overrides: Overrides<HostIdentity, HostOverride>;

  /**
   * @param props what its hosts are
   * @param placement which hosts there are, and where, if that does not follow from the props
   * @throws TestbedError (`invalid-input`)
   */
  constructor(
    readonly props: HostSetProps,
    private readonly placement?: HostPlacement,
  ) {
    this.name = requireDnsLabel('host set name', props.name ?? 'worker');
    this.count = requireWhole(`count of host set ${this.name}`, props.count, 0, LAST_INDEX);
    this.firstIndex = requireWhole(`firstIndex of host set ${this.name}`, props.firstIndex ?? 1, 0, LAST_INDEX);
    this.names = new NamePattern(props.namePattern ?? '{name}-{index}', this.name);
    this.protocol = requireBmcProtocol(props.bmcProtocol ?? 'libvirt');
    this.credentials = props.credentials ?? TEST_CREDENTIALS;
    requireCredentialsSource(this.credentials);
    this.macs = (props.bootMAC ?? true) ? new MacPlan(props.macPrefix ?? DEFAULT_MAC_PREFIX) : undefined;
    this.namespaceAt = this.namespacePlan();
    this.addressAt = this.addressPlan();
    const rules = (props.overrides ?? []).map(({ hosts, ...override }) => ({ indexes: hosts, override }));
    this.overrides = new Overrides('host', rules, props.override, joined);
    this.hasOverrides = this.overrides.areAny;
    this.overrides.requireMembers(this.name, this.firstIndex, this.lastIndex);
    this.requireRoom('macPrefix', this.macs?.prefix ?? '', this.macs?.size ?? Infinity, this.lastIndex + 1);
    if (this.count > 0) {
      for (const index of this.typicalIndexes()) {
        const host = { ...this.hostAt(index), override: undefined };
        checkHost(this.manifest(host), this.where(host));
        this.requireSecretName(host);
      }
    }
  }

  /** The host of an index. Pure: the same index gives the same host. */
  hostAt(index: number): FleetHost {
    const position = this.positionOf(index);
    const identity: HostIdentity = this.placement?.hostAt(index) ?? {
      index,
      name: this.names.at(index),
      namespace: this.namespaceAt(position),
    };
    const mac = this.macs?.at(index);
    const override = this.overrides.of(identity);
    return {
      ...identity,
      secretName: this.secretName(identity, override),
      bmcAddress: override?.bmc?.address ?? this.addressAt(position, identity, mac),
      bootMACAddress: override !== undefined && 'bootMACAddress' in override ? override.bootMACAddress : mac,
      override,
    };
  }

  /** The hosts in the order of their index. */
  *hosts(): Generator<FleetHost, void, undefined> {
    for (let position = 0; position < this.count; position++) yield this.nth(position);
  }

  /** Of all its hosts the one at a position from 0 on, in the order of their index. */
  nth(position: number): FleetHost {
    return this.hostAt(this.placement?.indexAt(position) ?? this.firstIndex + position);
  }

  private get lastIndex(): number {
    if (this.placement !== undefined && this.count > 0) return this.placement.indexAt(this.count - 1);
    return this.firstIndex + this.count - 1;
  }

  /**
   * The first host of each namespace, then the second of each, and so on. Operators take hosts on in the order in which
   * they come, and hosts of one namespace conflict over what they share there: in this order, those that are worked on at
   * the same time are in different ones. (1,000 hosts, 20 to a namespace, 32 at a time: 0.1 conflicts a host and not 2.5.)
   */
  *hostsInTurns(): Generator<FleetHost, void, undefined> {
    const { hostsPerNamespace: step } = this.props;
    if (this.placement !== undefined) {
      for (const index of this.placement.indexesInTurns()) yield this.hostAt(index);
      return;
    }
    if (step === undefined) return yield* this.hosts();
    const offset = Math.min(this.firstIndex, 1);
    const first = this.positionOf(this.firstIndex);
    for (let turn = 0; turn < step; turn++) {
      // The first namespace may have begun with hosts before this set's.
      const start = first - (first % step) + turn;
      for (let position = start; position < first + this.count; position += step)
        if (position >= first) yield this.hostAt(position + offset);
    }
  }

  /** Which of its namespace's hosts one is, from 0, as {@link Fleet.hostsInTurns} has it. */
  turnOf({ index }: Pick<FleetHost, 'index'>): number {
    return this.placement?.turnOf(index) ?? this.positionOf(index) % (this.props.hostsPerNamespace ?? 1);
  }

  /** Checks every host that has an override, which may take as long as generating them. */
  check(): void {
    if (!this.hasOverrides) return;
    for (const host of this.hosts()) {
      if (host.override === undefined) continue;
      checkHost(this.manifest(host), this.where(host));
      this.requireSecretName(host);
    }
  }

  /** The names of the namespaces, in the order in which hosts reach them. */
  namespaces(): readonly string[] {
    const { namespaces, hostsPerNamespace, namespace } = this.props;
    if (this.count === 0) return [];
    if (this.placement !== undefined) return this.placement.namespaces();
    if (hostsPerNamespace === undefined && namespaces === undefined) return [namespace ?? 'default'];
    const seen = new Set<string>();
    const last = this.positionOf(this.firstIndex + this.count - 1);
    // Each step reaches a new namespace, so this takes as many turns as there are namespaces.
    const first = this.positionOf(this.firstIndex);
    const step = hostsPerNamespace ?? 1;
    const turns = hostsPerNamespace === undefined ? Math.min(last, first + (namespaces?.length ?? 1) - 1) : last;
    for (let position = first; position <= turns; position += step) seen.add(this.namespaceAt(position));
    seen.add(this.namespaceAt(last));
    return [...seen];
  }

  /**
   * The objects of a host, in the order in which they should be applied. A Secret that several hosts share comes with
   * the first of them.
   */
  objectsOf(host: FleetHost): readonly (SecretManifest | BareMetalHostManifest)[] {
    const manifest = this.manifest(host);
    const secret = this.secretOf(host);
    return secret === undefined ? [manifest] : [secret, manifest];
  }

  /** The BareMetalHost of a host. */
  manifest(host: FleetHost): BareMetalHostManifest {
    const { props } = this;
    const { override = {} } = host;
    const { bmc, labels, annotations, credentials: _, paused, status, ...specOverride } = override;
    const spec: BareMetalHostSpec = {
      online: props.online ?? true,
      bmc: withoutUndefined({
        address: host.bmcAddress,
        credentialsName: bmc?.credentialsName ?? host.secretName,
        disableCertificateVerification: bmc?.disableCertificateVerification ?? props.disableCertificateVerification,
      }),
      image: props.image,
      userData: props.userData,
      networkData: props.networkData,
      rootDeviceHints: props.rootDeviceHints,
      inspectionMode: props.inspectionMode,
      automatedCleaningMode: props.automatedCleaningMode,
      ...props.spec,
      ...specOverride,
      bootMACAddress: host.bootMACAddress,
    };
    return hostManifest({
      name: host.name,
      namespace: host.namespace,
      labels: { ...props.labels, ...labels },
      annotations: { ...props.annotations, ...annotations },
      paused: paused ?? props.paused ?? false,
      status: status ?? props.status,
      spec,
    });
  }

  /**
   * Names only grow with the index, and the hosts are alike but for overrides: the ends stand for all of them, and one of
   * each length between, since a name of some length may be a UUID.
   */
  private typicalIndexes(): readonly number[] {
    if (this.placement !== undefined) return [this.placement.indexAt(0), this.lastIndex];
    const last = this.lastIndex;
    const longer = Array.from({ length: String(last).length }, (_, i) => 10 ** i).filter((index) => index < last);
    return [this.firstIndex, ...longer.filter((index) => index > this.firstIndex), last];
  }

  /** A host's name may be as long as that of a Secret, and leave no room for what is put behind it. */
  private requireSecretName(host: FleetHost): void {
    const secret = this.secretOf(host);
    if (secret !== undefined) requireDnsSubdomain(`Secret of ${this.where(host)},`, secret.metadata.name);
  }

  private secretOf(host: FleetHost): SecretManifest | undefined {
    const source = host.override?.credentials ?? this.credentials;
    if (isReference(source) || host.override?.bmc?.credentialsName !== undefined) return undefined;
    const isOwn = this.props.secretPer !== 'namespace' || host.override?.credentials !== undefined;
    if (!isOwn && this.isNotFirstOfNamespace(host)) return undefined;
    return secretManifest({ name: host.secretName, namespace: host.namespace, data: credentialsData(source) });
  }

  /** Names in the error what a person would look for: the set and the host. */
  private where(host: HostIdentity): string {
    return `host ${host.namespace}/${host.name} of host set ${this.name}`;
  }

  private secretName(host: HostIdentity, override: HostOverride | undefined): string {
    const source = override?.credentials ?? this.credentials;
    if (isReference(source)) return source.secretName;
    const isShared = this.props.secretPer === 'namespace' && override?.credentials === undefined;
    return `${isShared ? this.name : host.name}-bmc-secret`;
  }

  private isNotFirstOfNamespace(host: HostIdentity): boolean {
    const { namespaces, hostsPerNamespace } = this.props;
    if (this.placement !== undefined) return !this.placement.isFirstOfNamespace(host.index);
    const position = this.positionOf(host.index);
    const first = this.positionOf(this.firstIndex);
    // The hosts before this one that share its namespace, skipping those that bring a Secret of their own.
    const stride = namespaces !== undefined && hostsPerNamespace === undefined ? namespaces.length : 1;
    for (let other = position - stride; other >= first; other -= stride) {
      if (this.namespaceAt(other) !== host.namespace) return false;
      const override = this.hasOverrides ? this.hostAt(other - position + host.index).override : undefined;
      if (override?.credentials === undefined && override?.bmc?.credentialsName === undefined) return true;
    }
    return false;
  }

  /** Position in the plans: index 1 is the first of all sets but those that start at 0. */
  private positionOf(index: number): number {
    return index - Math.min(this.firstIndex, 1);
  }

  private namespacePlan(): (position: number) => string {
    const { namespace, namespaces, hostsPerNamespace } = this.props;
    if (namespace !== undefined && namespaces !== undefined) {
      throw invalidInput(`host set ${this.name} gives both namespace and namespaces: give one of them`);
    }
    const size =
      hostsPerNamespace === undefined
        ? undefined
        : requireWhole(`hostsPerNamespace of host set ${this.name}`, hostsPerNamespace, 1, LAST_INDEX);
    if (namespaces !== undefined) {
      if (namespaces.length === 0)
        throw invalidInput(`namespaces of host set ${this.name} is empty: name at least one`);
      namespaces.forEach((name) => requireDnsLabel('namespace', name));
      if (new Set(namespaces).size < namespaces.length) {
        throw invalidInput(`namespaces of host set ${this.name} name one twice: ${namespaces.join(', ')}`);
      }
      if (size === undefined) return (position) => namespaces[position % namespaces.length] ?? '';
      this.requireRoom('namespaces', `${namespaces.length} of ${size} hosts`, size * namespaces.length);
      return (position) => namespaces[Math.floor(position / size)] ?? '';
    }
    const name = requireDnsLabel('namespace', namespace ?? 'default');
    if (size === undefined) return () => name;
    const last = this.count === 0 ? 0 : this.positionOf(this.firstIndex + this.count - 1);
    const named = (position: number) => {
      const before = Math.floor(position / size);
      return before === 0 ? name : `${name}-${before + 1}`;
    };
    requireDnsLabel('namespace', named(last));
    return named;
  }

  private addressPlan(): (position: number, host: HostIdentity, mac: string | undefined) => string {
    const { bmcAddresses, bmcEndpoint, bmcPort, systemId } = this.props;
    const defaults = bmcAddressDefaults(this.protocol);
    const port = bmcPort === undefined ? defaults.port : requirePort(`bmcPort of host set ${this.name}`, bmcPort);
    const suffix = port === undefined ? '' : `:${port}`;
    if (bmcEndpoint === undefined) {
      if (systemId !== undefined) {
        throw invalidInput(
          `host set ${this.name} gives systemId without bmcEndpoint: system ids tell the hosts of one Redfish endpoint apart`,
        );
      }
      const plan = new AddressPlan(bmcAddresses ?? DEFAULT_ADDRESSES);
      this.requireRoom('bmcAddresses', (bmcAddresses ?? DEFAULT_ADDRESSES).join(', '), plan.size);
      return (position) => `${this.protocol}://${plan.at(position)}${suffix}${defaults.path}`;
    }
    if (bmcAddresses !== undefined) {
      throw invalidInput(`host set ${this.name} gives both bmcAddresses and bmcEndpoint: give one of them`);
    }
    if (this.protocol === 'ipmi' || this.protocol === 'libvirt') {
      throw invalidInput(
        `host set ${this.name} gives bmcEndpoint with the protocol ${this.protocol}: only Redfish protocols have systems behind one endpoint`,
      );
    }
    const endpoint = parseBmcAddress(`${this.protocol}://${bmcEndpoint}`);
    const isMore = endpoint.host === '' || endpoint.path !== '' || /[?#]|:$/.test(bmcEndpoint);
    if (isMore || (endpoint.port !== undefined && bmcPort !== undefined)) {
      throw invalidInput(
        `bmcEndpoint ${show(bmcEndpoint)} of host set ${this.name} is not host or host:port: leave out scheme and path, and give the port once`,
      );
    }
    const base = `${this.protocol}://${bmcEndpoint}${suffix}/redfish/v1/Systems/`;
    const pattern = requireSystemId(systemId ?? '{uuid}', this.macs !== undefined);
    return (_position, host, mac) =>
      base + pattern.replace('{index}', String(host.index)).replace('{host}', host.name).replace('{uuid}', uuidOf(mac));
  }

  /** Refuses a plan that is too small, saying how far it would reach. */
  private requireRoom(
    field: string,
    given: string,
    size: number,
    needed = this.count === 0 ? 0 : this.positionOf(this.lastIndex) + 1,
  ): void {
    if (this.count > 0 && needed > size) {
      throw invalidInput(
        `${field} ${show(given)} of host set ${this.name} has room for ${size} hosts, and ${this.count} from index ${this.firstIndex} on need ${needed}: widen it, or lower count`,
      );
    }
  }
}

function requireSystemId(pattern: string, hasMac: boolean): string {
  const isUnique = /\{(index|host|uuid)\}/.test(pattern);
  if (!isUnique || !/^[A-Za-z0-9._~-]+$/.test(pattern.replace(/\{(index|host|uuid)\}/, 'x'))) {
    throw invalidInput(
      `systemId ${show(pattern)} is not allowed: use {index}, {host} or {uuid} once, and letters, digits, '.', '_', '~' and '-'`,
    );
  }
  if (pattern.includes('{uuid}') && !hasMac) {
    throw invalidInput(`systemId {uuid} is made from the MAC address, and bootMAC is false: use {index} or {host}`);
  }
  return pattern;
}

/** A UUID with the MAC address as its node part, so that it is as unique as that. */
function uuidOf(mac: string | undefined): string {
  return `00000000-0000-4000-8000-${(mac ?? '').replaceAll(':', '')}`;
}

function joined(base: HostOverride, over: HostOverride): HostOverride {
  return {
    ...base,
    ...over,
    bmc: merged(base.bmc, over.bmc),
    labels: merged(base.labels, over.labels),
    annotations: merged(base.annotations, over.annotations),
  };
}
