import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certManagerVersions, type CertManagerVersion } from '../../../../lib/components/cert-manager';
import { certManagerObjects, describeAgainstRelease, unexplained } from '../../../support/built-in';
import { differences, skipWithout, upstreamObjects, type Explanation } from '../../../support/upstream';

/**
 * What differs on purpose, by release. No subtree of a schema is left open that the release does not leave open: the
 * one free field, `config` of a DNS-01 webhook, is free there too.
 */
const explained: Readonly<Record<CertManagerVersion, readonly Explanation[]>> = {
  'v1.11.0': [
    {
      object: /^ConfigMap cert-manager\/cert-manager-webhook$/,
      path: /^data$/,
      reason: 'data: null says that there is none; ours leaves it out, and the API server keeps neither',
    },
    {
      object:
        /^(ClusterRoleBinding |RoleBinding [^/]+\/)(cert-manager:leaderelection|cert-manager-webhook:(dynamic-serving|subjectaccessreviews))$/,
      path: /^subjects\[0\]\.apiGroup$/,
      reason: 'an empty group is what a ServiceAccount has anyway; the release says it in three of its bindings',
    },
  ],
  'v1.21.1': [],
};

for (const version of certManagerVersions) {
  const manifest = `cert-manager/${version}.yaml`;
  describeAgainstRelease(`CertManager ${version}`, manifest, () => certManagerObjects(version), explained[version]);

  describe(`the comparison with cert-manager ${version}`, { skip: skipWithout(manifest) }, () => {
    /** What is found once one thing is taken out of our objects, beyond what is explained. */
    function foundWithout(kind: string, name: string, path: readonly (number | string)[], key: number | string) {
      const ours = structuredClone(certManagerObjects(version));
      const object = ours.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
      const container = path.reduce((at: unknown, step) => (at as Record<string, unknown>)[step], object);
      if (Array.isArray(container)) {
        assert.equal(typeof key, 'number');
        assert.equal(container.splice(key as number, 1).length, 1);
      } else {
        assert.ok(Object.hasOwn(container as object, key), `${name} has ${key}`);
        delete (container as Record<string, unknown>)[key];
      }
      return unexplained(differences(ours, upstreamObjects(manifest)), explained[version]).map(
        ({ object, path }) => `${object}: ${path}`,
      );
    }

    it('fails when one field of one CRD is taken away', () => {
      const spec = ['spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties'];
      const route53 = [
        ...spec,
        'acme',
        'properties',
        'solvers',
        'items',
        'properties',
        'dns01',
        'properties',
        'route53',
      ];
      assert.deepEqual(
        foundWithout('CustomResourceDefinition', 'issuers.cert-manager.io', [...route53, 'properties'], 'role'),
        [`CustomResourceDefinition issuers.cert-manager.io: ${pathText([...route53, 'properties', 'role'])}`],
      );
    });

    it('fails when one verb of one role is taken away', () => {
      assert.deepEqual(foundWithout('ClusterRole', 'cert-manager-controller-orders', ['rules', 1, 'verbs'], 2), [
        'ClusterRole cert-manager-controller-orders: rules[1].verbs[2]',
      ]);
    });

    it('fails when one argument is taken away', () => {
      const args = ['spec', 'template', 'spec', 'containers', 0, 'args'];
      assert.deepEqual(foundWithout('Deployment', 'cert-manager-cainjector', args, 1), [
        'Deployment cert-manager/cert-manager-cainjector: spec.template.spec.containers[0].args[1]',
      ]);
    });

    it('fails when one object is taken away', () => {
      const ours = certManagerObjects(version).filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
      const found = differences(ours, upstreamObjects(manifest)).map(({ object }) => object);
      assert.ok(found.includes('MutatingWebhookConfiguration cert-manager-webhook'));
    });
  });
}

function pathText(path: readonly (number | string)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
