import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { SensitiveText } from '../../../../lib/kinds/bare-metal-host/credentials';
import { ClusterPlan } from '../../../../lib/kinds/cluster/cluster-plan';
import type { ClusterSetProps } from '../../../../lib/kinds/cluster/cluster-set-props';
import { issueCa } from '../../../../src/cluster/local/issue';
import { refuses } from '../../../support/refuses';

/** The Secrets of a cluster, in plain text, by what stands behind the cluster's name. */
function secretsOf(
  props: ClusterSetProps,
  index = 1,
): Readonly<Record<string, { readonly crt: string; readonly key: string }>> {
  const plan = new ClusterPlan(props);
  const cluster = plan.clusterAt(index);
  const secrets = plan
    .objectsOf(cluster)
    .filter(({ kind, metadata }) => kind === 'Secret' && !metadata.name.endsWith('-kubeconfig'));
  return Object.fromEntries(
    secrets.map((secret) => {
      assert.equal(secret['type'], 'cluster.x-k8s.io/secret');
      assert.deepEqual(secret.metadata.labels, { 'cluster.x-k8s.io/cluster-name': cluster.name });
      const data = secret['data'] as Readonly<Record<string, string>>;
      const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
      return [secret.metadata.name.slice(cluster.name.length + 1), { crt: text('tls.crt'), key: text('tls.key') }];
    }),
  );
}

const ofOpenssl = (certificate: string) => new X509Certificate(certificate);

describe('the keys of a cluster', () => {
  it("are Cluster API's own unless somebody says otherwise", () => {
    assert.deepEqual(secretsOf({ count: 1 }), {});
  });

  it('are the same for the same seed, and others for another cluster, seed or purpose', () => {
    const one = secretsOf({ count: 2, keySeed: 'a' });
    assert.deepEqual(Object.keys(one), ['ca', 'proxy', 'sa', 'etcd']);
    assert.deepEqual(secretsOf({ count: 9, keySeed: 'a' }), one);
    const all = [one, secretsOf({ count: 2, keySeed: 'a' }, 2), secretsOf({ count: 2, keySeed: 'b' })].flatMap((each) =>
      Object.values(each),
    );
    assert.equal(new Set(all.map(({ key }) => key)).size, 12);
    assert.equal(new Set(all.map(({ crt }) => crt)).size, 12);
  });

  it('are certificate authorities that sign themselves, as OpenSSL sees them', () => {
    for (const [purpose, { crt, key }] of Object.entries(secretsOf({ count: 1, keySeed: 'a' }))) {
      if (purpose === 'sa') {
        assert.ok(createPublicKey(crt).equals(createPublicKey(createPrivateKey(key))));
        continue;
      }
      const certificate = ofOpenssl(crt);
      assert.ok(certificate.ca, purpose);
      assert.ok(certificate.verify(certificate.publicKey), purpose);
      assert.ok(certificate.checkPrivateKey(createPrivateKey(key)), purpose);
      assert.equal(certificate.subject, 'CN=kubernetes');
      assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
      assert.ok(new Date(certificate.validTo) > new Date('2100-01-01'));
      assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
    }
  });

  it('come with the kubeconfig that managers look for before Cluster API has made one', () => {
    const endpoint = { host: 'fd00::7', port: 6443 };
    const plan = new ClusterPlan({ count: 1, keySeed: 'a', override: () => ({ endpoint }) });
    const [secret] = plan
      .objectsOf(plan.clusterAt(1))
      .filter(({ metadata }) => metadata.name === 'cluster-1-kubeconfig');
    const { value = '' } = secret?.['data'] as Readonly<Record<string, string>>;
    const config = parse(Buffer.from(value, 'base64').toString()) as {
      readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
      readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
    };
    const pem = (text = '') => Buffer.from(text, 'base64').toString();
    const [{ cluster }, { user }] = [config.clusters[0]!, config.users[0]!];
    assert.equal(cluster['server'], 'https://[fd00::7]:6443');
    const authority = pem(cluster['certificate-authority-data']);
    assert.equal(authority, secretsOf({ count: 1, keySeed: 'a' })['ca']?.crt);
    const certificate = ofOpenssl(pem(user['client-certificate-data']));
    assert.ok(certificate.verify(ofOpenssl(authority).publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(pem(user['client-key-data']))));
    assert.match(certificate.subject, /O=system:masters\nCN=kubernetes-admin/);
    assert.deepEqual(secret?.['type'], 'cluster.x-k8s.io/secret');
  });

  it('are there for an external etcd before Cluster API asks for them, its client signed by its authority', () => {
    const {
      etcd,
      'apiserver-etcd-client': client,
      ...rest
    } = secretsOf({ count: 1, etcd: 'external', controlPlanes: 2 });
    assert.deepEqual(rest, {});
    const certificate = ofOpenssl(client?.crt ?? '');
    const authority = ofOpenssl(etcd?.crt ?? '');
    assert.ok(certificate.checkIssued(authority));
    assert.ok(certificate.verify(authority.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(client?.key ?? '')));
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.match(certificate.subject, /O=system:masters\nCN=kube-apiserver-etcd-client/);
  });

  it('may be those of one authority, which no error shows', async () => {
    const { cert, key } = await issueCa({ notBefore: new Date(0), notAfter: new Date('2100-01-01') });
    const secrets = secretsOf(
      { count: 2, certificateAuthority: { certificate: cert, key: new SensitiveText(key) } },
      2,
    );
    assert.deepEqual(secrets, { ca: { crt: cert, key }, etcd: { crt: cert, key }, proxy: { crt: cert, key } });
    const said = refuses(
      () => new ClusterPlan({ count: 1, certificateAuthority: { certificate: cert, key: `secret ${key}` } }),
      /certificateAuthority\.key of cluster set cluster is not PEM of one PRIVATE KEY/,
    );
    assert.doesNotMatch(said, /secret/);
    refuses(
      () => new ClusterPlan({ count: 1, keySeed: 'a', certificateAuthority: { certificate: cert, key } }),
      /both given/,
    );
    refuses(() => new ClusterPlan({ count: 1, keySeed: '' }), /keySeed .* is empty/);
    refuses(
      () => new ClusterPlan({ count: 1, certificateAuthority: { certificate: key, key } }),
      /not PEM of one CERTIFICATE/,
    );
  });
});
