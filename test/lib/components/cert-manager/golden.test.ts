import { describe, it } from 'node:test';
import { certManagerVersions } from '../../../../lib/components/cert-manager';
import { certManagerObjects } from '../../../support/built-in';
import { goldenFile, goldenYaml } from '../../../support/golden';

describe('CertManager without props', () => {
  for (const version of certManagerVersions) {
    it(`installs the objects of golden/${version}.yaml`, (t) => {
      const file = goldenFile(__dirname, `${version}.yaml`);
      t.assert.fileSnapshot(goldenYaml(certManagerObjects(version)), file, { serializers: [String] });
    });
  }
});
