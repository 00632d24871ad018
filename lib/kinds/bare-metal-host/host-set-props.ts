import type { BmcProtocol } from './bmc-address';
import type { BmcCredentialsSource } from './credentials';
import type { BareMetalHostSpec, StartingStatus } from './schema';

/** What one host may have that its set does not give it: the fields of the spec, and those below. */
export interface HostOverride extends Partial<Omit<BareMetalHostSpec, 'bmc'>> {
  /** Parts of `spec.bmc`; what is not given stays as the set computes it. */
  readonly bmc?: Partial<NonNullable<BareMetalHostSpec['bmc']>>;
  /** Added to the labels of the set. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Added to the annotations of the set. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The host's own credentials instead of the set's. */
  readonly credentials?: BmcCredentialsSource;
  /** Whether BMO shall leave the host alone. */
  readonly paused?: boolean;
  /** The status that the host starts with, or some of its fields. */
  readonly status?: StartingStatus;
}

/** An override for the hosts of some indexes, in a form that YAML can hold. */
export interface HostOverrideRule extends HostOverride {
  /** Which hosts, by index: `7`, `'7'`, `'10-20'` or `'1,5,10-20'`. */
  readonly hosts: string | number;
}

/** What identifies a host of a set; all of it follows from the index. */
export interface HostIdentity {
  /** Its place in the set, from `firstIndex` on. */
  readonly index: number;
  /** Its name, as `namePattern` has it. */
  readonly name: string;
  /** Its namespace, one of those of the set. */
  readonly namespace: string;
}

/**
 * Any number of BareMetalHosts that are alike, with their credentials Secrets.
 *
 * Everything that differs between them is computed from a host's index, so that it is the same on every run and does
 * not change when `count` does. With no more than a count these are the hosts of the Metal3 blog post "Scaling to 1000
 * clusters, part 1".
 */
export interface HostSetProps extends Pick<
  BareMetalHostSpec,
  'automatedCleaningMode' | 'inspectionMode' | 'networkData' | 'rootDeviceHints' | 'userData'
> {
  /** How many hosts. From 0 to 16,777,214. */
  readonly count: number;
  /**
   * Name of the set: the first part of its hosts' names, and of Secrets that they share.
   * @default 'worker'
   */
  readonly name?: string;
  /**
   * How a host is named: `{index}` once, with a width such as `{index:5}` for leading zeros, and `{name}` for the set's.
   * @default '{name}-{index}'
   */
  readonly namePattern?: string;
  /**
   * Index of the first host. Sets that differ in nothing but this and `count` continue each other.
   * @default 1
   */
  readonly firstIndex?: number;
  /**
   * Namespace of the hosts. With `hostsPerNamespace`, the first of several: `{namespace}-2` and on follow.
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * Namespaces by name, instead of `namespace`. Hosts go round them one by one, or, with `hostsPerNamespace`, fill one
   * after the other.
   * @default - `namespace`
   */
  readonly namespaces?: readonly string[];
  /**
   * How many hosts a namespace takes. All hosts of a namespace share one FirmwareSchema that each of them updates: 20 to
   * a namespace brought 1,000 hosts to available in 58 s where one namespace took 106 s.
   * @default - no limit; 20 for a set of a testbed that names no namespace, where no operator is bound to namespaces
   */
  readonly hostsPerNamespace?: number;

  /**
   * Scheme of the BMC addresses.
   * @default 'libvirt'
   */
  readonly bmcProtocol?: BmcProtocol;
  /**
   * Where the BMCs are: CIDR blocks, filled one after the other, an address a host.
   * @default ['192.168.122.0/24', '10.0.0.0/8'] - the blog's block first, then one with room for 16 million
   */
  readonly bmcAddresses?: readonly string[];
  /**
   * One Redfish endpoint for all hosts instead of addresses of their own: `host` or `host:port`. Each host is a system
   * of it, as with sushy-tools.
   * @default - an address for each host
   */
  readonly bmcEndpoint?: string;
  /**
   * Id of a host's system at `bmcEndpoint`. `{uuid}` is made from the MAC address, `{index}` and `{host}` are the host's.
   * @default '{uuid}'
   */
  readonly systemId?: string;
  /**
   * Port of the BMCs (1 to 65535).
   * @default - 6233 for libvirt, as in the blog; for others none is written and BMO's default holds
   */
  readonly bmcPort?: number;
  /**
   * Whether BMO takes any certificate of a BMC.
   * @default - not written, which BMO takes for false
   */
  readonly disableCertificateVerification?: boolean;
  /**
   * Credentials of the BMCs.
   * @default - user admin with the password password, as in the blog
   */
  readonly credentials?: BmcCredentialsSource;
  /**
   * `host`: a Secret for each host, named `{host}-bmc-secret`, as in the blog. `namespace`: all hosts of a namespace
   * share the Secret `{name}-bmc-secret`.
   * @default 'host'
   */
  readonly secretPer?: 'host' | 'namespace';
  /**
   * First octets (one to five) of the boot MAC addresses; the others are the index.
   * @default '00:60:2f' - the blog's
   */
  readonly macPrefix?: string;
  /**
   * Whether hosts have a boot MAC address. BMO asks for one with libvirt, before v0.14 with every protocol but ipmi and
   * those of virtual media, and where inspection is disabled.
   * @default true
   */
  readonly bootMAC?: boolean;

  /**
   * Whether the hosts shall be powered on.
   * @default true
   */
  readonly online?: boolean;
  /**
   * Image to provision at once.
   * @default - none: hosts stop at available
   */
  readonly image?: BareMetalHostSpec['image'];
  /**
   * Whether BMO shall leave the hosts alone (annotation `baremetalhost.metal3.io/paused`).
   * @default false
   */
  readonly paused?: boolean;
  /**
   * The status that hosts start with, or some of its fields (annotation `baremetalhost.metal3.io/status`, from which BMO
   * fills in a host that has none).
   * @default - none: hosts start at registering
   */
  readonly status?: StartingStatus;
  /**
   * Any other field of `BareMetalHostSpec`, the same for all hosts.
   * @default - none
   */
  readonly spec?: Partial<Omit<BareMetalHostSpec, 'bmc' | 'bootMACAddress' | 'online'>>;
  /**
   * Labels of the hosts.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Annotations of the hosts.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * What some hosts have otherwise, by index. Where several rules name a host, later ones win.
   * @default - all hosts are alike
   */
  readonly overrides?: readonly HostOverrideRule[];
  /**
   * What a host has otherwise, computed; wins over `overrides`. Must give the same for the same host each time.
   * @default - all hosts are alike
   */
  readonly override?: (host: HostIdentity) => HostOverride | undefined;
}
