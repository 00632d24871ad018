import { invalidInput } from '../errors';
import { show } from '../names';

interface Scheme {
  /** Whether BMO refuses a host of this scheme without `bootMACAddress` even while inspection is on. */
  readonly needsMac: boolean;
  /** The path of one machine behind a BMC of its own. */
  readonly path: string;
  /** The port of the address where none is given; none means that BMO's own default holds. */
  readonly port?: number;
  readonly supportsSecureBoot: boolean;
}

const redfish: Scheme = { needsMac: true, path: '/redfish/v1/Systems/1', supportsSecureBoot: true };
const redfishVirtualMedia: Scheme = { ...redfish, needsMac: false };
const idracSystem = '/redfish/v1/Systems/System.Embedded.1';
const ipmi: Scheme = { needsMac: false, path: '', supportsSecureBoot: false };

/**
 * The BMC address schemes of BMO v0.13 and v0.14 (pkg/hardwareutils/bmc), each also as `+http` and `+https` where it
 * is one of Redfish. 6233 is the port of the blog's libvirt hosts.
 */
const SCHEMES = {
  ipmi,
  libvirt: { ...ipmi, needsMac: true, path: '/', port: 6233 },
  redfish,
  'redfish-virtualmedia': redfishVirtualMedia,
  'redfish-uefihttp': redfish,
  'idrac-redfish': { ...redfish, path: idracSystem },
  'idrac-virtualmedia': { ...redfishVirtualMedia, path: idracSystem },
  'ilo5-redfish': redfish,
  'ilo5-virtualmedia': redfishVirtualMedia,
} as const satisfies Record<string, Scheme>;

/** Schemes that earlier releases of BMO had, with what to use instead. */
const REMOVED: Readonly<Record<string, string>> = {
  idrac: 'idrac-redfish',
  ilo4: 'redfish',
  'ilo4-virtualmedia': 'redfish-virtualmedia',
  ilo5: 'ilo5-redfish',
  irmc: 'redfish',
  ibmc: 'redfish',
};

type PlainProtocol = keyof typeof SCHEMES;
type RedfishProtocol = Exclude<PlainProtocol, 'ipmi' | 'libvirt'>;

/** How BMO talks to a host's BMC: the scheme of `spec.bmc.address`. */
export type BmcProtocol = PlainProtocol | `${RedfishProtocol}+http` | `${RedfishProtocol}+https`;

/** Every {@link BmcProtocol}, as a description may name it. */
export const BMC_PROTOCOLS: readonly BmcProtocol[] = (Object.keys(SCHEMES) as PlainProtocol[]).flatMap((name) =>
  name === 'ipmi' || name === 'libvirt' ? [name] : [name, `${name}+http` as const, `${name}+https` as const],
);

const KNOWN: ReadonlySet<string> = new Set(BMC_PROTOCOLS);
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * @returns the protocol, typed
 * @throws TestbedError (`invalid-input`) where BMO does not know the scheme, naming the successor of a removed one
 */
export function requireBmcProtocol(value: string): BmcProtocol {
  if (KNOWN.has(value)) return value as BmcProtocol;
  const successor = Object.hasOwn(REMOVED, value.replace(/\+https?$/, ''))
    ? REMOVED[value.replace(/\+https?$/, '')]
    : undefined;
  throw invalidInput(
    successor === undefined
      ? `BMC protocol ${show(value)} is unknown to the Bare Metal Operator: use one of ${Object.keys(SCHEMES).join(', ')} (those of Redfish also with +http or +https)`
      : `BMC protocol ${show(value)} was removed from the Bare Metal Operator: use ${successor} instead`,
  );
}

/** Whether BMO refuses a host of this protocol that has no `bootMACAddress` (inspection being on). */
export function needsBootMac(protocol: BmcProtocol): boolean {
  return schemeOf(protocol).needsMac;
}

/** Whether hosts of this protocol may have `bootMode: UEFISecureBoot`. */
export function supportsSecureBoot(protocol: BmcProtocol): boolean {
  return schemeOf(protocol).supportsSecureBoot;
}

/** The path and port that an address of this protocol has where nothing else is asked for. */
export function bmcAddressDefaults(protocol: BmcProtocol): {
  readonly path: string;
  readonly port: number | undefined;
} {
  const { path, port }: Scheme = schemeOf(protocol);
  return { path, port };
}

/** A BMC address taken apart. */
export interface BmcAddress {
  readonly protocol: BmcProtocol;
  /** Address or name of the BMC, IPv6 without its brackets, in lower case. */
  readonly host: string;
  readonly port: number | undefined;
  /** What follows host and port, with its leading slash; '' for none. */
  readonly path: string;
}

/**
 * Reads `spec.bmc.address` as BMO does: `scheme://host[:port][/path]`, `scheme:host…`, and `address[:port]` for IPMI (a name with a port needs its scheme, as
 * in BMO, which takes `name:623` for a scheme).
 *
 * @throws TestbedError (`invalid-input`) for an unknown or removed scheme, a host that is neither an address nor a DNS
 * name, or a port outside 1 to 65535
 */
export function parseBmcAddress(address: string): BmcAddress {
  const [, scheme = 'ipmi', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):(?:\/\/)?)?(.*)$/is.exec(address) ?? [];
  const protocol = requireBmcProtocol(scheme.toLowerCase());
  const parts = /^(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?([/?#].*)?$/s.exec(rest);
  const host = parts?.[1]?.replace(/^\[(.*)\]$/, '$1').toLowerCase() ?? '';
  const isIpv6 = parts?.[1]?.startsWith('[') ?? false;
  if (parts === null || host === '' || !(isIpv6 ? /^[0-9a-f:.]+(%25[\w.-]+)?$/.test(host) : HOST_NAME.test(host))) {
    throw invalidInput(
      `BMC address ${show(redact(address))} has no valid host: write scheme://host[:port][/path], the host an IP address or DNS name`,
    );
  }
  const port = parts[2] === undefined || parts[2] === '' ? undefined : Number(parts[2]);
  if (port !== undefined) requirePort('BMC port', port);
  return { protocol, host, port, path: parts[3] ?? '' };
}

/** The same machine gives the same key, however its address is written (upper case, port left out, trailing slash). */
export function bmcAddressKey(address: BmcAddress): string {
  const path = address.path.replace(/\/+$/, '');
  return `${address.host}|${address.port ?? defaultPort(address.protocol)}|${path}`;
}

/** @throws TestbedError (`invalid-input`) for what is no port */
export function requirePort(what: string, port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw invalidInput(`${what} ${show(port)} is not allowed: use a whole number from 1 to 65535`);
  }
  return port;
}

/** The ports that BMO's drivers fall back on. */
function defaultPort(protocol: BmcProtocol): number {
  if (protocol === 'ipmi' || protocol === 'libvirt') return 623;
  return protocol.endsWith('+http') ? 80 : 443;
}

function schemeOf(protocol: BmcProtocol): Scheme {
  return SCHEMES[protocol.replace(/\+https?$/, '') as PlainProtocol];
}

/** An address may carry a password that somebody put before the host; errors must not show it. */
function redact(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//…@');
}
