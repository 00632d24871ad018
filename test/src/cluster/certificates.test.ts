import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureCertificates, tokenOf } from '../../../src/cluster/local/certificates';
import { tempDir } from '../../support/temp-dir';

const LEAVES = ['kube-apiserver', 'etcd', 'kube-controller-manager', 'webhooks/tls', 'etcd-client'];
const ALL = ['ca', ...LEAVES, 'service-account', 'tokens'];
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

describe('ensureCertificates', () => {
  it('issues all of them from one CA, readable by their owner alone', async (t) => {
    const dir = join(tempDir(t), 'pki');
    const { files, issued } = await ensureCertificates(dir);
    assert.deepEqual(issued, ALL);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
      assert.equal(statSync(join(dir, name)).mode & 0o777, name === 'webhooks' ? 0o700 : 0o600, name);

    const ca = new X509Certificate(readFileSync(files.ca.cert));
    const server = new X509Certificate(readFileSync(files.apiServer.cert));
    assert.ok(server.verify(ca.publicKey));
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(server.checkHost('localhost'), 'localhost');
    assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    const webhooks = new X509Certificate(readFileSync(join(dir, 'webhooks', 'tls.crt')));
    assert.ok(webhooks.verify(ca.publicKey) && webhooks.checkIP('127.0.0.1') !== undefined);
    assert.deepEqual(webhooks.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'no certificate that etcd would take');
    const client = new X509Certificate(readFileSync(files.etcdClient.cert));
    assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.notEqual(server.serialNumber, client.serialNumber);
    const other = await ensureCertificates(tempDir(t));
    const tokens = [files, other.files].flatMap((each) => [tokenOf(each, 'admin'), tokenOf(each, 'controllerManager')]);
    for (const token of tokens) assert.match(token ?? '', /^[\w-]{43}$/);
    assert.equal(new Set(tokens).size, 4);
  });

  it('keeps what is sound', async (t) => {
    const dir = tempDir(t);
    const { files } = await ensureCertificates(dir);
    const read = () => [files.etcd.cert, files.tokens].map((file) => readFileSync(file, 'utf8'));
    const before = read();
    assert.deepEqual((await ensureCertificates(dir, inDays(300))).issued, []);
    assert.deepEqual(read(), before);
  });

  it('renews certificates that are about to expire, from the same CA', async (t) => {
    const dir = tempDir(t);
    const { files } = await ensureCertificates(dir);
    const ca = readFileSync(files.ca.cert, 'utf8');
    assert.deepEqual((await ensureCertificates(dir, inDays(340))).issued, LEAVES);
    assert.equal(readFileSync(files.ca.cert, 'utf8'), ca);
    const renewed = new X509Certificate(readFileSync(files.etcd.cert));
    assert.ok(renewed.validToDate > inDays(600));
  });

  it('issues everything but the service account key and the token anew when the CA is about to expire', async (t) => {
    const dir = tempDir(t);
    await ensureCertificates(dir);
    assert.deepEqual((await ensureCertificates(dir, inDays(3640))).issued, ['ca', ...LEAVES]);
  });

  it('mends a folder in which files are missing, damaged or of another CA', async (t) => {
    const dir = tempDir(t);
    const { files } = await ensureCertificates(dir);
    rmSync(files.etcdClient.key);
    assert.deepEqual((await ensureCertificates(dir)).issued, ['etcd-client']);
    for (const damaged of ['', 'short,metal3-testbed-admin,metal3-testbed-admin,"system:masters"\n']) {
      writeFileSync(files.tokens, damaged);
      assert.deepEqual((await ensureCertificates(dir)).issued, ['tokens']);
    }
    // As an earlier version wrote it, of which clients have the token.
    const [admin = ''] = readFileSync(files.tokens, 'utf8').split('\n');
    writeFileSync(files.tokens, `${admin}\n`);
    assert.deepEqual((await ensureCertificates(dir)).issued, ['tokens']);
    assert.ok(admin.startsWith(`${tokenOf(files, 'admin')},`));
    assert.notEqual(tokenOf(files, 'controllerManager'), undefined);
    writeFileSync(files.etcd.cert, '-----BEGIN CERTIFICATE-----\n');
    assert.deepEqual((await ensureCertificates(dir)).issued, ['etcd']);
    copyFileSync(files.etcd.key, files.apiServer.key);
    assert.deepEqual((await ensureCertificates(dir)).issued, ['kube-apiserver']);
    writeFileSync(files.serviceAccountKey, '');
    assert.deepEqual((await ensureCertificates(dir)).issued, ['service-account']);

    const other = (await ensureCertificates(tempDir(t))).files;
    copyFileSync(other.etcdClient.cert, files.etcdClient.cert);
    copyFileSync(other.etcdClient.key, files.etcdClient.key);
    assert.deepEqual((await ensureCertificates(dir)).issued, ['etcd-client']);
    rmSync(files.ca.key);
    assert.deepEqual((await ensureCertificates(dir)).issued, ['ca', ...LEAVES]);
    assert.deepEqual((await ensureCertificates(dir)).issued, []);
  });
});
