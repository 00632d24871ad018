/** Issues certificates. In a file of its own because loading the library takes 0.2 s, and most starts issue none. */
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
/** As OpenSSL and as Web Cryptography call them. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** What one certificate says. */
export interface LeafSubject {
  readonly commonName: string;
  /** DNS names and addresses it serves. @default none: no server certificate */
  readonly serverNames?: { readonly dns: readonly string[]; readonly ip: readonly string[] };
  readonly client: boolean;
}

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Issues a CA that signs itself. */
export async function issueCa(validity: Validity): Promise<KeyPair> {
  const keys = await generate();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['metal3-testbed'] }],
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString('pem') + '\n', key: await exportKey(keys.privateKey) };
}

/** Issues a certificate that the CA signs. @param ca with a key of RSA, or of ECDSA on a curve of NIST */
export async function issueLeaf(ca: KeyPair, subject: LeafSubject, validity: Validity): Promise<KeyPair> {
  const keys = await generate();
  const signer = await importKey(ca.key);
  const usages = [
    ...(subject.serverNames ? [ExtendedKeyUsage.serverAuth] : []),
    ...(subject.client ? [ExtendedKeyUsage.clientAuth] : []),
  ];
  const names = [
    ...(subject.serverNames?.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(subject.serverNames?.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [subject.commonName] }],
    issuer: new X509Certificate(ca.cert).subjectName,
    publicKey: keys.publicKey,
    signingKey: signer,
    signingAlgorithm: { ...signer.algorithm, hash: 'SHA-256' },
    serialNumber: serialNumber(),
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: certificate.toString('pem') + '\n', key: await exportKey(keys.privateKey) };
}

/** 16 random bytes, positive as RFC 5280 asks. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem);
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  const algorithm = curve === undefined ? RSA : { ...ALGORITHM, namedCurve: curve };
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}
