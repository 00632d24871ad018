import { urlHost } from '../../url-host';
import { invalidInput } from '../../errors';
import { type GoUrl, isGoIp, isHostPort, parseGoUrl, splitHost } from '../../go/url';
import { show } from '../../names';
import { isAtLeast } from '../../version';

interface Scheme {
  /** Whether BMO refuses a host of this scheme without `bootMACAddress` even while inspection is on. */
  readonly needsMac: boolean | 'before v0.14';
  /** The path of one machine behind a BMC of its own. */
  readonly path: string;
  /** The port of the address where none is given; none means that BMO's own default holds. */
  readonly port?: number;
  readonly supportsSecureBoot: boolean;
}

const redfish: Scheme = { needsMac: 'before v0.14', path: '/redfish/v1/Systems/1', supportsSecureBoot: true };
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
} as const satisfies Record<PlainProtocol, Scheme>;

/** Schemes that earlier releases of BMO had, with what to use instead. */
const REMOVED: Readonly<Record<string, string>> = {
  idrac: 'idrac-redfish',
  ilo4: 'redfish',
  'ilo4-virtualmedia': 'redfish-virtualmedia',
  ilo5: 'ilo5-redfish',
  irmc: 'redfish',
  ibmc: 'redfish',
};

/** A scheme of Redfish, over https unless it says otherwise. */
export type RedfishProtocol =
  | 'redfish'
  | 'redfish-virtualmedia'
  | 'redfish-uefihttp'
  | 'idrac-redfish'
  | 'idrac-virtualmedia'
  | 'ilo5-redfish'
  | 'ilo5-virtualmedia';

/** A scheme without a transport, which BMO then chooses. */
export type PlainProtocol = RedfishProtocol | 'ipmi' | 'libvirt';

/** How BMO talks to a host's BMC: the scheme of `spec.bmc.address`. */
export type BmcProtocol = PlainProtocol | `${RedfishProtocol}+http` | `${RedfishProtocol}+https`;

/** Every {@link BmcProtocol}, as a description may name it. */
export const BMC_PROTOCOLS: readonly BmcProtocol[] = (Object.keys(SCHEMES) as PlainProtocol[]).flatMap((name) =>
  name === 'ipmi' || name === 'libvirt' ? [name] : [name, `${name}+http` as const, `${name}+https` as const],
);

const KNOWN: ReadonlySet<string> = new Set(BMC_PROTOCOLS);
/** BMO's rule: each label at most 63 characters long, the whole of any length. */
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

/** Whether a release of BMO refuses a host of this protocol that has no `bootMACAddress` (inspection being on). */
export function needsBootMac(protocol: BmcProtocol, release: string): boolean {
  const { needsMac } = schemeOf(protocol);
  return needsMac === 'before v0.14' ? !isAtLeast(release, 'v0.14') : needsMac;
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
  /** Address or name of the BMC, IPv6 without its brackets, in lower case; '' for none, which BMO takes. */
  readonly host: string;
  readonly port: number | undefined;
  /** What follows host and port, with its leading slash and without query; '' for none. */
  readonly path: string;
}

/**
 * Reads `spec.bmc.address` as BMO does: `scheme://host[:port][/path]`, `scheme:host…`, and `address[:port]` for IPMI (a
 * name with a port needs its scheme, as in BMO, which takes `name:623` for a scheme).
 *
 * One thing is stricter: a user name or password in the address, which BMO drops, is refused, since everybody may read it
 * there.
 *
 * @throws TestbedError (`invalid-input`) for an unknown or removed scheme, a host that is neither an address nor a DNS
 * name, or what is not a valid URL to Go
 */
export function parseBmcAddress(address: string): BmcAddress {
  const url = readAddress(address);
  const { name, port } = typeof url === 'string' ? { name: '', port: '' } : splitHost(url.host);
  if (typeof url === 'string' || !(name === '' || isGoIp(name) || HOST_NAME.test(name))) {
    const why = typeof url === 'string' ? `: ${url}` : '';
    throw invalidInput(
      `BMC address ${show(redact(address))} has no valid host${why}; write scheme://host[:port][/path], the host an IP address (IPv6 in brackets) or DNS name`,
    );
  }
  if (url.hasUser) {
    throw invalidInput(
      `BMC address ${show(redact(address))} has a user name, which is not allowed: put user name and password into the Secret of the credentials`,
    );
  }
  const protocol = requireBmcProtocol(url.scheme);
  return { protocol, host: name.toLowerCase(), port: port === '' ? undefined : Number(port), path: url.path };
}

/** The steps in which BMO guesses what an address without a scheme, or without `//`, means. */
function readAddress(address: string): GoUrl | string {
  const url = parseGoUrl(address);
  if (typeof url === 'string') {
    if (address.includes(':') && !isHostPort(address)) return url;
    return { scheme: 'ipmi', opaque: '', host: address, path: '', hasUser: false };
  }
  if (url.opaque !== '') return parseGoUrl(address.replace(':', '://'));
  return url.scheme === '' && splitHost(url.host).name === '' ? parseGoUrl(`ipmi://${address}`) : url;
}

/**
 * The same machine gives the same key, however its address is written: upper case, an IP address in another form, the
 * port left out or with zeros in front, what BMO does not look at, a path with escapes, dots or slashes too many.
 */
export function bmcAddressKey(address: BmcAddress): string {
  const base = `${hostKey(address.host)}|${address.port ?? defaultPort(address.protocol)}`;
  // BMO gives Ironic the host and port of these, and nothing else.
  if (address.protocol === 'ipmi' || address.protocol === 'libvirt') return `${base}|`;
  const path = pathKey(address.path);
  return `${base}|${path === '/redfish/v1' ? '' : path}`;
}

/** A path without `.` and `..`, slashes too many and escapes that it does not need. */
function pathKey(path: string): string {
  if (!/\/\/|\/\.|[^\w/.-]|\/$/.test(path)) return path;
  const url = new URL('http://host/');
  url.pathname = path.replace(/\/{2,}/g, '/');
  return url.pathname.replace(/\/$/, '');
}

/** An IP address in its shortest form, and as IPv4 where it is one that IPv6 has taken in. */
function hostKey(host: string): string {
  // A name has a letter that no number has; most addresses are IPv4 as it is usually written.
  if (!/^[\da-fx.:]+$/.test(host) || /^(?:(?:0|[1-9]\d*)\.){3}(?:0|[1-9]\d*)$/.test(host)) return host;
  const url = `http://${urlHost(host)}/`;
  if (!URL.canParse(url)) return host;
  const { hostname } = new URL(url);
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname.replace(/^\[(.*)\]$/, '$1');
  return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join('.');
}

/** @throws TestbedError (`invalid-input`) for what is not a valid port */
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
  return address.replace(/^((?:[^/@:]*:)?(?:\/\/)?).*@/s, '$1…@');
}
