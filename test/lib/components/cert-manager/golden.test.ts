import { describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { CertManager, certManagerVersions } from '../../../../lib/components/cert-manager';
import { goldenFile, goldenYaml } from '../../../support/golden';
import type { KubernetesObject } from '../../../support/upstream';

describe('CertManager without props', () => {
  for (const version of certManagerVersions) {
    it(`installs the objects of golden/${version}.yaml`, (t) => {
      const chart = Testing.chart();
      new CertManager(chart, 'cert-manager', { version });
      const text = goldenYaml(Testing.synth(chart) as KubernetesObject[]);
      t.assert.fileSnapshot(text, goldenFile(__dirname, `${version}.yaml`), { serializers: [String] });
    });
  }
});
