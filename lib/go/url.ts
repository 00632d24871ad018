import { isIPv4, isIPv6 } from './ip';

/** A URL as Go's net/url takes it apart. */
export interface GoUrl {
  /** In lower case; '' for none. */
  readonly scheme: string;
  /** What follows the scheme where that is not a slash; '' for none. */
  readonly opaque: string;
  /** Host and port as written, an IPv6 address in its brackets. */
  readonly host: string;
  /** Without %-escapes. */
  readonly path: string;
  /** Whether something stands before an `@`. */
  readonly hasUser: boolean;
}

export interface GoUrlOptions {
  /** As `url.ParseRequestURI`: an absolute URL or path, and nothing is a fragment. */
  readonly isRequest?: boolean;
  /** Whether the host of an http URL may have one colon only, before its port: so from Go 1.26 on. */
  readonly hasStrictColons?: boolean;
}

/**
 * Reads a URL with the verdict of Go's `url.Parse`, which the Bare Metal Operator asks about addresses and images. The
 * WHATWG parser of JavaScript mends much of what Go refuses, and the other way round.
 *
 * @returns the URL; text where it is none, saying why
 */
export function parseGoUrl(text: string, options: GoUrlOptions = {}): GoUrl | string {
  const hash = options.isRequest === true ? -1 : text.indexOf('#');
  const url = parse(hash < 0 ? text : text.slice(0, hash), options);
  if (hash < 0 || typeof url === 'string') return url;
  return badEscape(text.slice(hash + 1)) ?? url;
}

/** Host and port of {@link GoUrl.host}: the address without its brackets; '' for what is not given. */
export function splitHost(host: string): { readonly name: string; readonly port: string } {
  const [, port = ''] = /:(\d*)$/.exec(host) ?? [];
  const name = host.replace(/:\d*$/, '');
  return { name: name.replace(/^\[(.*)\]$/s, '$1'), port };
}

function parse(text: string, { isRequest = false, hasStrictColons = false }: GoUrlOptions): GoUrl | string {
  if (/[\0-\x1f\x7f]/.test(text)) return 'it has a control character';
  const nothing: GoUrl = { scheme: '', opaque: '', host: '', path: '', hasUser: false };
  if (text === '' && isRequest) return 'it is empty';
  if (text === '*') return { ...nothing, path: '*' };
  if (text.startsWith(':')) return 'its scheme is missing';
  const scheme = (/^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1] ?? '').toLowerCase();
  const [rest = ''] = (scheme === '' ? text : text.slice(scheme.length + 1)).split('?', 1);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...nothing, scheme, opaque: rest };
    if (isRequest) return 'it has neither a scheme nor a leading slash';
    if (rest.split('/', 1)[0]?.includes(':')) return 'its first part has a colon and is not a valid scheme';
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? undefined : slash) : '';
  const path = slash < 0 ? '' : rest.slice(slash);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const problem =
    hostProblem(host, hasStrictColons && /^https?$/.test(scheme)) ?? userProblem(authority.slice(0, Math.max(at, 0)));
  return problem ?? badEscape(path) ?? { scheme, opaque: '', host, path: unescaped(path), hasUser: at >= 0 };
}

const HOST_CHARACTER = /^[\w.~!$&'()*+,;=:[\]<>"-]$/;
/** A host name may have escapes of bytes that are not ASCII, and of the percent sign. */
const HOST = /^(?:[\w.~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f]|%25|%[89a-f][0-9a-f])*$/i;
/** The zone of an IPv6 address may have any, as long as they stand for what may be there, a percent sign or a blank. */
const ZONE = /^(?:[\w.~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f]|%[0-9a-f]{2})*$/i;

function hostProblem(host: string, isStrict: boolean): string | undefined {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return 'its host has a bracket in the middle';
  if (bracket === 0) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "its host has no ']'";
    if (!isPort(host.slice(end + 1))) return 'its port is not a number';
    return isBracketed(host.slice(1, end)) ? undefined : 'its host in brackets is not a valid IPv6 address';
  }
  const first = host.indexOf(':');
  const colon = isStrict ? first : host.lastIndexOf(':');
  if (colon >= 0 && !isPort(host.slice(colon))) return 'its port is not a number';
  return HOST.test(host) ? undefined : 'its host has a character or %-escape that is not allowed there';
}

function isPort(text: string): boolean {
  return /^(?::\d*)?$/.test(text);
}

function isBracketed(text: string): boolean {
  const percent = text.indexOf('%25');
  const address = percent < 0 ? text : text.slice(0, percent);
  const zone = percent < 0 ? undefined : text.slice(percent);
  if (!isIPv6(address)) return false;
  if (zone === undefined) return true;
  const escaped = Array.from(zone.matchAll(/%(..)/g), ([, hex = '']) => String.fromCharCode(parseInt(hex, 16)));
  return zone !== '%25' && ZONE.test(zone) && escaped.every((each) => /[% ]/.test(each) || HOST_CHARACTER.test(each));
}

function userProblem(user: string): string | undefined {
  if (!/^[\w.~!$&'()*+,;=:%@-]*$/.test(user)) return 'its user name or password has a character that is not allowed';
  return badEscape(user);
}

function badEscape(text: string): string | undefined {
  return /%(?![0-9a-f]{2})/i.test(text) ? 'it has a % that no two hexadecimal digits follow' : undefined;
}

function unescaped(path: string): string {
  if (!path.includes('%')) return path;
  const bytes = new TextEncoder().encode(path);
  const kept: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const isEscape = bytes[i] === PERCENT;
    kept.push(isEscape ? parseInt(String.fromCharCode(...bytes.subarray(i + 1, i + 3)), 16) : (bytes[i] ?? 0));
    if (isEscape) i += 2;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(kept));
}

const PERCENT = 0x25;

/** Whether Go's `net.ParseIP` takes the text: an address of IPv4 or IPv6, without a zone. */
export function isGoIp(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

/** Whether Go's `net.SplitHostPort` takes the text: one colon, or the one behind a bracket. */
export function isHostPort(text: string): boolean {
  return /^(?:\[[^[\]]*\]|[^[\]:]*):[^[\]:]*$/.test(text);
}
