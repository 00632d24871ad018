/**
 * Keys and certificates that follow from a text, and are the same on every run: ECDSA on P-256, signed as RFC 6979 has it, by
 * @noble/curves, which needs nothing of the machine. They are as secret as the text.
 */
import { p256 } from '@noble/curves/nist.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import {
  bits,
  integer,
  objectIdentifier,
  octets,
  pem,
  sequence,
  set,
  tagged,
  text,
  time,
  TRUE,
  type Bytes,
} from './der';

/** A private key, with what is public of it; both PEM. */
export interface PemPair {
  /** A certificate, or for service accounts the public key. */
  readonly certificate: string;
  readonly key: string;
}

interface Key {
  readonly secret: Bytes;
  readonly public: Bytes;
}

const EC_PUBLIC_KEY = objectIdentifier('1.2.840.10045.2.1');
const P256 = objectIdentifier('1.2.840.10045.3.1.7');
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectIdentifier('2.5.4.3');
const ORGANIZATION = objectIdentifier('2.5.4.10');
const SUBJECT_KEY = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const CLIENT_AUTH = objectIdentifier('1.3.6.1.5.5.7.3.2');
/** The bits of a key's usages, with how many at the end are not used. */
const CA_USAGE = bits(Uint8Array.of(0b10100100), 2);
const CLIENT_USAGE = bits(Uint8Array.of(0b10100000), 5);

/** Without a clock, as good as for ever. */
const VALIDITY = sequence(time('20200101000000Z'), time('21200101000000Z'));

/** What a key is for, so that no two have the same. */
export type Purpose = readonly [namespace: string, cluster: string, purpose: string];

/** A certificate authority that signs itself. */
export function seededAuthority(seed: string, purpose: Purpose): PemPair {
  const key = seededKey(seed, purpose);
  const name = distinguishedName('kubernetes');
  const certificate = certificateOf(
    {
      key,
      name,
      extensions: [extension(BASIC_CONSTRAINTS, sequence(TRUE), true), extension(KEY_USAGE, CA_USAGE, true)],
    },
    { key, name },
  );
  return { certificate, key: privateKeyPem(key) };
}

/** A client of an authority that is seeded too. */
export function seededClient(
  seed: string,
  purpose: Purpose,
  authority: Purpose,
  holder: { readonly commonName: string; readonly organization: string },
): PemPair {
  const key = seededKey(seed, purpose);
  const certificate = certificateOf(
    {
      key,
      name: distinguishedName(holder.commonName, holder.organization),
      extensions: [extension(KEY_USAGE, CLIENT_USAGE, true), extension(EXTENDED_KEY_USAGE, sequence(CLIENT_AUTH))],
    },
    { key: seededKey(seed, authority), name: distinguishedName('kubernetes') },
  );
  return { certificate, key: privateKeyPem(key) };
}

/** A key that tokens of service accounts are signed with. */
export function seededSigner(seed: string, purpose: Purpose): PemPair {
  const key = seededKey(seed, purpose);
  return { certificate: pem('PUBLIC KEY', publicKeyInfo(key)), key: privateKeyPem(key) };
}

function seededKey(seed: string, purpose: Purpose): Key {
  const utf8 = new TextEncoder();
  // Names have no slash.
  const material = hkdf(sha256, utf8.encode(seed), utf8.encode('metal3-testbed'), utf8.encode(purpose.join('/')), 48);
  const secret = p256.utils.randomSecretKey(material);
  return { secret, public: p256.getPublicKey(secret, false) };
}

interface Holder {
  readonly key: Key;
  readonly name: Bytes;
  readonly extensions: readonly Bytes[];
}

function certificateOf(holder: Holder, issuer: Pick<Holder, 'key' | 'name'>): string {
  const identifier = extension(SUBJECT_KEY, octets(sha256(holder.key.public).subarray(0, 20)));
  const content = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    // Not negative, and not of an odd length: the top bit is off, the next one on.
    integer(serialNumber(holder, issuer)),
    ECDSA_WITH_SHA256,
    issuer.name,
    VALIDITY,
    holder.name,
    publicKeyInfo(holder.key),
    tagged(0xa3, sequence(...holder.extensions, identifier)),
  );
  const signature = p256.sign(content, issuer.key.secret, { format: 'der' });
  return pem('CERTIFICATE', sequence(content, ECDSA_WITH_SHA256, bits(signature)));
}

function serialNumber(holder: Holder, issuer: Pick<Holder, 'key' | 'name'>): Bytes {
  const digest = sha256(concatBytes(holder.key.public, holder.name, issuer.key.public)).subarray(0, 16);
  digest[0] = ((digest[0] ?? 0) & 0x7f) | 0x40;
  return digest;
}

function distinguishedName(commonName: string, organization?: string): Bytes {
  const of = (type: Bytes, value: string) => set(sequence(type, text(value)));
  const names = organization === undefined ? [] : [of(ORGANIZATION, organization)];
  return sequence(...names, of(COMMON_NAME, commonName));
}

function extension(type: string, value: Bytes, isCritical = false): Bytes {
  return sequence(objectIdentifier(type), ...(isCritical ? [TRUE] : []), octets(value));
}

function publicKeyInfo(key: Key): Bytes {
  return sequence(sequence(EC_PUBLIC_KEY, P256), bits(key.public));
}

function privateKeyPem(key: Key): string {
  const der = sequence(
    integer(Uint8Array.of(1)),
    octets(key.secret),
    tagged(0xa0, P256),
    tagged(0xa1, bits(key.public)),
  );
  return pem('EC PRIVATE KEY', der);
}
