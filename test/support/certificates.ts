/** Certificates of CAs as Cluster API makes them. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { issueCa, type KeyPair } from '../../src/cluster/local/issue';

export const VALIDITY = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 864_000_000) };

export function ecdsaCa(): Promise<KeyPair> {
  return issueCa(VALIDITY);
}

/** As kubeadm and Cluster API make them where nothing else is asked for; the key is PKCS #1, as Go writes it. */
export async function rsaCa(): Promise<KeyPair> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=kubernetes',
    keys,
    signingAlgorithm: algorithm,
    ...VALIDITY,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  const { createPrivateKey } = await import('node:crypto');
  const pkcs8 = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const key = createPrivateKey(pkcs8).export({ type: 'pkcs1', format: 'pem' }) as string;
  return { cert: certificate.toString('pem'), key };
}
