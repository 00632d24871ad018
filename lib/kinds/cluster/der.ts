/** The part of ASN.1's distinguished encoding (DER) that keys and certificates of one kind need. */
import { concatBytes } from '@noble/hashes/utils.js';

export type Bytes = Uint8Array;

const utf8 = new TextEncoder();

/** One value with its tag and length. */
export function tagged(tag: number, ...contents: readonly Bytes[]): Bytes {
  const content = concatBytes(...contents);
  const { length } = content;
  const size: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) size.unshift(rest & 0xff);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | size.length, ...size];
  return concatBytes(Uint8Array.from(header), content);
}

export const sequence = (...items: readonly Bytes[]): Bytes => tagged(0x30, ...items);
export const set = (...items: readonly Bytes[]): Bytes => tagged(0x31, ...items);
export const octets = (value: Bytes): Bytes => tagged(0x04, value);
export const text = (value: string): Bytes => tagged(0x0c, utf8.encode(value));
export const TRUE: Bytes = tagged(0x01, Uint8Array.of(0xff));

/** @param unused bits at its end */
export const bits = (value: Bytes, unused = 0): Bytes => tagged(0x03, Uint8Array.of(unused), value);

/** @param value of a number that is not negative, the first byte first */
export function integer(value: Bytes): Bytes {
  const start = value.findIndex((byte) => byte !== 0);
  const rest = start < 0 ? Uint8Array.of(0) : value.subarray(start);
  return tagged(0x02, (rest[0] ?? 0) >= 0x80 ? concatBytes(Uint8Array.of(0), rest) : rest);
}

/** @param dotted such as `1.2.840.10045.2.1` */
export function objectIdentifier(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((value) => {
    const groups = [value & 0x7f];
    for (let more = value >>> 7; more > 0; more >>>= 7) groups.unshift((more & 0x7f) | 0x80);
    return groups;
  });
  return tagged(0x06, Uint8Array.from(bytes));
}

/** @param value `YYYYMMDDHHMMSSZ`; as the standard has it, years before 2050 are written with two digits */
export function time(value: string): Bytes {
  const isShort = Number(value.slice(0, 4)) < 2050;
  return tagged(isShort ? 0x17 : 0x18, utf8.encode(isShort ? value.slice(2) : value));
}

export function pem(label: string, der: Bytes): string {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/(.{64})(?!$)/g, '$1\n')}\n-----END ${label}-----\n`;
}
