import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inNamespace, withArguments, withoutWebhook, type Manifest } from '../../../lib/upstream';

describe('another namespace', () => {
  const object = (fields: object) =>
    ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, ...fields }) as Manifest;
  const moved = (fields: object) => inNamespace([object(fields)], 'old', 'new')[0]!;

  it('is put wherever a Kubernetes object names one', () => {
    const before = (namespace: string) => ({
      metadata: { name: 'old', namespace, annotations: { 'cert-manager.io/inject-ca-from': `${namespace}/cert` } },
      subjects: [{ name: 'old', namespace }],
      webhooks: [{ clientConfig: { service: { name: 'old', namespace } } }],
      spec: {
        conversion: { webhook: { clientConfig: { service: { namespace } } } },
        dnsNames: [`svc.${namespace}.svc`, `svc.${namespace}.svc.cluster.local`],
        args: [`--upstream=http://svc.${namespace}.svc:80/`],
        namespaceSelector: {
          matchLabels: { 'kubernetes.io/metadata.name': namespace },
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace, 'kept'] }],
        },
      },
    });
    assert.deepEqual(moved(before('old')), object(before('new')));
  });

  it('leaves names, other namespaces and texts that only look alike', () => {
    const before = {
      metadata: { name: 'old', namespace: 'older', annotations: { 'cert-manager.io/inject-ca-from': 'older/cert' } },
      spec: {
        dnsNames: ['old.other.svc', 'svc.older.svc', 'svc.very-old.svc', 'old.svc'],
        values: ['old'],
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['old'] }] },
        text: 'old',
      },
    };
    assert.deepEqual(moved(before), object(before));
  });

  it('renames the Namespace itself, and no other', () => {
    const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const names = inNamespace([namespace('old'), namespace('other')], 'old', 'new').map(
      ({ metadata }) => metadata.name,
    );
    assert.deepEqual(names, ['new', 'other']);
  });
});

describe('arguments with some replaced', () => {
  it('takes an argument out with its value, however it is written', () => {
    const replaced = new Set(['namespace', 'dev']);
    for (const args of [['--namespace=a'], ['-namespace=a'], ['--namespace', 'a'], ['-namespace', 'a'], ['--dev']]) {
      assert.deepEqual(withArguments(['--x', ...args, '--y', 'z'], replaced, ['--n']), ['--x', '--y', 'z', '--n']);
    }
  });

  it('leaves all others as they are, in their order', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const argument = name.chain((n) => fc.constantFrom([`--${n}`], [`--${n}=1`], [`--${n}`, '1'], [`-${n}`]));
    fc.assert(
      fc.property(fc.array(argument), (args) => {
        const kept = args.filter(([first]) => !/^--?a/.test(first)).flat();
        assert.deepEqual(withArguments(args.flat(), new Set(['a']), []), kept);
      }),
    );
  });
});

describe('a release without its webhook', () => {
  it('keeps certificates, Issuers and Services of others', () => {
    const namespace = 'bmo';
    const issuerRef = { name: 'issuer' };
    const certificate = (name: string, service: string): Manifest => ({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name, namespace },
      spec: { secretName: `${name}-secret`, dnsNames: [`${service}.${namespace}.svc`], issuerRef },
    });
    const service = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } });
    const issuer: Manifest = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name: 'issuer', namespace },
    };
    const webhook: Manifest = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'w' },
      webhooks: [{ clientConfig: { service: { name: 'webhook', namespace } } }],
    };
    const kept = [service('ironic'), certificate('ironic', 'ironic'), issuer];
    const { manifests, secretNames } = withoutWebhook([
      ...kept,
      service('webhook'),
      certificate('webhook', 'webhook'),
      webhook,
    ]);
    assert.deepEqual(manifests, kept);
    assert.deepEqual([...secretNames], ['webhook-secret']);
  });
});
