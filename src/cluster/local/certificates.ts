/**
 * The certificates of a local cluster: one CA of its own, which nothing else trusts, and what it signs; and the tokens of
 * its two users.
 * Everything is checked against everything at each start, so a folder that was half written, tampered with or has
 * grown old is mended rather than believed.
 */
import { X509Certificate, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LeafSubject } from './issue';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { readBoundedSync } from '../../util/read-bounded';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A certificate with less than this left is issued anew. */
const RENEW_BEFORE_MS = 30 * DAY_MS;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;

/** One certificate as files. */
export interface KeyPairFiles {
  readonly cert: string;
  readonly key: string;
}

/** All the files of a local cluster's certificates. */
export interface Certificates {
  readonly ca: KeyPairFiles;
  /** What kube-apiserver shows its clients. */
  readonly apiServer: KeyPairFiles;
  /** What kube-controller-manager shows those who ask how it is. */
  readonly controllerManager: KeyPairFiles;
  /** What managers beside it show kube-apiserver, which asks their webhooks. */
  readonly webhooks: KeyPairFiles;
  /** What etcd shows kube-apiserver, and itself as its only peer. */
  readonly etcd: KeyPairFiles;
  /** What kube-apiserver shows etcd. */
  readonly etcdClient: KeyPairFiles;
  /**
   * kube-apiserver's token file, with the user of the kubeconfig and the controller manager, both in group `system:masters`.
   * No client certificates: a chain would be verified anew at every request, which is a seventh of what kube-apiserver does
   * under load, and etcd's own would be taken for users as well.
   */
  readonly tokens: string;
  /** Signs service account tokens. */
  readonly serviceAccountKey: string;
}

/** Name, UID and group of the users, as a token file has them. */
const USERS = {
  admin: 'metal3-testbed-admin,metal3-testbed-admin,"system:masters"',
  // What its controllers delete may be of any kind.
  controllerManager: 'system:kube-controller-manager,metal3-testbed-controller-manager,"system:masters"',
} as const;
/** 32 random bytes. */
const TOKEN = /^[\w-]{43}$/;

const LOOPBACK = ['127.0.0.1', '::1'];

const WEBHOOKS = 'webhooks/tls';

const LEAVES = {
  'kube-apiserver': {
    commonName: 'kube-apiserver',
    serverNames: {
      dns: [
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ],
      // The first address of the service range is the Service `kubernetes`.
      ip: [...LOOPBACK, '10.0.0.1'],
    },
    client: false,
  },
  // A client as well: etcd dials itself for its JSON gateway.
  etcd: { commonName: 'etcd', serverNames: { dns: ['localhost'], ip: LOOPBACK }, client: true },
  'kube-controller-manager': {
    commonName: 'kube-controller-manager',
    serverNames: { dns: ['localhost'], ip: LOOPBACK },
    client: false,
  },
  // In a folder of its own, by the one name that every manager looks for.
  [WEBHOOKS]: { commonName: 'webhooks', serverNames: { dns: ['localhost'], ip: LOOPBACK }, client: false },
  'etcd-client': { commonName: 'kube-apiserver-etcd-client', client: true },
} as const satisfies Record<string, LeafSubject>;

/** Where the certificates lie below a folder. */
export function certificateFiles(dir: string): Certificates {
  return {
    ca: keyPairFiles(dir, 'ca'),
    apiServer: keyPairFiles(dir, 'kube-apiserver'),
    controllerManager: keyPairFiles(dir, 'kube-controller-manager'),
    webhooks: keyPairFiles(dir, WEBHOOKS),
    etcd: keyPairFiles(dir, 'etcd'),
    etcdClient: keyPairFiles(dir, 'etcd-client'),
    tokens: join(dir, 'tokens.csv'),
    serviceAccountKey: join(dir, 'service-account.key'),
  };
}

/**
 * Makes the certificates below `dir`, or keeps those that are sound and good for another 30 days.
 *
 * @param dir made (0700) where it is missing; every file in it is 0600
 * @returns the files, and the names of those that were issued now
 */
export async function ensureCertificates(
  dir: string,
  now = new Date(),
): Promise<{ readonly files: Certificates; readonly issued: readonly string[] }> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const files = certificateFiles(dir);
  const issued: string[] = [];
  let ca = readSound(files.ca, now);
  if (ca !== undefined && (!ca.ca || !ca.verify(ca.publicKey))) ca = undefined;
  if (ca === undefined) {
    const { issueCa } = await import('./issue.js');
    write(files.ca, await issueCa(days(now, CA_DAYS)));
    issued.push('ca');
    ca = new X509Certificate(readBoundedSync(files.ca.cert));
  }
  for (const [name, subject] of Object.entries(LEAVES)) {
    const pair = keyPairFiles(dir, name);
    const leaf = readSound(pair, now);
    if (leaf?.checkIssued(ca) && leaf.verify(ca.publicKey)) continue;
    const { issueLeaf } = await import('./issue.js');
    const caFiles = { cert: readBoundedSync(files.ca.cert).toString(), key: readBoundedSync(files.ca.key).toString() };
    write(pair, await issueLeaf(caFiles, subject, days(now, LEAF_DAYS)));
    issued.push(name);
  }
  if (!isPrivateKey(files.serviceAccountKey)) {
    // SEC 1: kube-apiserver takes the public half from the same file, which it cannot from PKCS #8.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileAtomicSync(files.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }));
    issued.push('service-account');
  }
  const users = Object.keys(USERS) as readonly User[];
  if (users.some((user) => tokenOf(files, user) === undefined)) {
    const lines = users.map(
      (user) => `${tokenOf(files, user) ?? randomBytes(32).toString('base64url')},${USERS[user]}\n`,
    );
    writeFileAtomicSync(files.tokens, lines.join(''));
    issued.push('tokens');
  }
  return { files, issued };
}

type User = keyof typeof USERS;

/** The token of the kubeconfig's user, or of the controller manager; undefined where the file does not have it. */
export function tokenOf({ tokens }: Certificates, wanted: User): string | undefined {
  try {
    for (const line of readBoundedSync(tokens).toString().split('\n')) {
      const [token = '', ...user] = line.trim().split(',');
      if (TOKEN.test(token) && user.join(',') === USERS[wanted]) return token;
    }
  } catch {
    // Then it is made.
  }
  return undefined;
}

function keyPairFiles(dir: string, name: string): KeyPairFiles {
  return { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
}

/** From when until when; an hour is given to clocks that differ. */
function days(now: Date, count: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now.getTime() - DAY_MS / 24), notAfter: new Date(now.getTime() + count * DAY_MS) };
}

/** The certificate, where it is readable, has time left, and its key is beside it. */
function readSound(files: KeyPairFiles, now: Date): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(readBoundedSync(files.cert));
    if (!certificate.checkPrivateKey(createPrivateKey(readBoundedSync(files.key)))) return undefined;
    const left = certificate.validToDate.getTime() - now.getTime();
    return left > RENEW_BEFORE_MS && certificate.validFromDate <= now ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function isPrivateKey(file: string): boolean {
  try {
    createPrivateKey(readBoundedSync(file));
    return true;
  } catch {
    return false;
  }
}

/** Two files cannot change at once; a pair that was cut short does not match, and is issued again at the next start. */
function write(files: KeyPairFiles, pair: { readonly cert: string; readonly key: string }): void {
  mkdirSync(dirname(files.key), { recursive: true, mode: 0o700 });
  writeFileAtomicSync(files.key, pair.key);
  writeFileAtomicSync(files.cert, pair.cert);
}
