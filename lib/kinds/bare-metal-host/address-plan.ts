import { invalidInput } from '../../errors';
import { isIPv4, isIPv6 } from '../../go/ip';
import { show } from '../../names';

/** A CIDR block. */
export interface Block {
  readonly cidr: string;
  readonly version: 4 | 6;
  /** First usable address. */
  readonly first: bigint;
  /** How many addresses can be used. */
  readonly size: number;
  /** The first and the last address of the block, whether they can be used or not. */
  readonly network: bigint;
  readonly last: bigint;
}

interface Range extends Block {
  /** Position of the range's first address in the whole plan. */
  readonly start: number;
}

/** More hosts than this have no place in any plan: MAC addresses with a prefix of three octets end here. */
const ENOUGH = 2 ** 24;

/**
 * Hands out one IP address for each position, from CIDR blocks that are filled one after the other.
 *
 * The network and broadcast address of an IPv4 block (and the subnet-router address of an IPv6 block) are not handed
 * out; /31 and /32, /127 and /128 are used whole. Position 0 of `192.168.122.0/24` is `192.168.122.1`.
 */
export class AddressPlan {
  /** How many addresses there are, at most 2^24. */
  readonly size: number;
  private readonly ranges: readonly Range[];

  /**
   * @param cidrs blocks in the order in which they are filled
   * @param what the field that gives them, as errors name it
   * @throws TestbedError (`invalid-input`) for what is not a valid CIDR, or blocks that overlap
   */
  constructor(cidrs: readonly string[], what = 'bmcAddresses') {
    if (cidrs.length === 0) throw invalidInput(`${what} is empty: give at least one CIDR, such as '10.0.0.0/8'`);
    const ranges: Range[] = [];
    let start = 0;
    for (const cidr of cidrs) {
      const range = { ...parseCidr(cidr, what), start };
      const clash = ranges.find((other) => overlap(range, other));
      if (clash !== undefined) {
        throw invalidInput(`${what} ${show(clash.cidr)} and ${show(cidr)} overlap: give blocks that share no address`);
      }
      ranges.push(range);
      start += range.size;
    }
    this.ranges = ranges;
    this.size = Math.min(start, ENOUGH);
  }

  /** The address at a position from 0 on, as it stands in a URL: IPv6 in brackets. */
  at(position: number): string {
    for (const range of this.ranges) {
      const offset = position - range.start;
      if (offset >= range.size) continue;
      // Numbers hold IPv4 exactly and are many times faster than bigint, which a million hosts would notice.
      if (range.version === 4) return formatIPv4(Number(range.first) + offset);
      return `[${formatIPv6(range.first + BigInt(offset))}]`;
    }
    throw new RangeError(`position ${position} is outside a plan of ${this.size}`);
  }
}

/**
 * @param what the field that gives it, as errors name it
 * @throws TestbedError (`invalid-input`) for what is not a valid CIDR, and for one that names an address inside its block
 */
export function parseCidr(cidr: string, what: string): Block {
  const [address = '', prefixText = '', ...more] = cidr.split('/');
  // An IPv4 address has no place in a block of IPv6.
  const version = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('.') ? 6 : undefined;
  const bits = version === 4 ? 32 : 128;
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (version === undefined || more.length > 0 || prefix < 0 || prefix > bits) {
    throw invalidInput(
      `${what} ${show(cidr)} is not a valid CIDR: write an address, a slash and a prefix length, such as '192.168.122.0/24' or 'fd00::/64'`,
    );
  }
  const value = addressValue(address);
  const host = BigInt(bits - prefix);
  const network = (value >> host) << host;
  if (network !== value) {
    const right = version === 4 ? formatIPv4(Number(network)) : formatIPv6(network);
    throw invalidInput(`${what} ${show(cidr)} names an address inside its block: write '${right}/${prefix}'`);
  }
  const all = 1n << host;
  const isPointToPoint = host <= 1n;
  const usable = isPointToPoint ? all : version === 4 ? all - 2n : all - 1n;
  return {
    cidr,
    version,
    network,
    last: network + all - 1n,
    first: isPointToPoint ? network : network + 1n,
    size: usable > BigInt(ENOUGH) ? ENOUGH : Number(usable),
  };
}

/** Whether two blocks have an address in common. */
export function overlap(a: Block, b: Block): boolean {
  return a.version === b.version && a.network <= b.last && b.network <= a.last;
}

/** A valid address as a number. */
export function addressValue(address: string): bigint {
  return address.includes(':') ? parseIPv6(address) : parseIPv4(address);
}

/** A number as an address, without brackets. */
export function addressOf(value: bigint, version: 4 | 6): string {
  return version === 4 ? formatIPv4(Number(value)) : formatIPv6(value);
}

function parseIPv4(address: string): bigint {
  return BigInt(address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0));
}

function formatIPv4(value: number): string {
  return `${Math.floor(value / 2 ** 24)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function parseIPv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`)));
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<bigint>(8 - front.length - back.length).fill(0n);
  return [...front, ...zeros, ...back].reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** RFC 5952: lower case, no leading zeros, the longest run of zero groups as `::`. */
function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.at < 0) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}
