import { describe, it } from 'node:test';
import { releases, type BareMetalOperatorVersion } from '../../../../lib/components/baremetal-operator';
import { operatorObjects } from '../../../support/built-in';
import { goldenFile, goldenYaml } from '../../../support/golden';

describe('BareMetalOperator without props', () => {
  for (const version of Object.keys(releases) as BareMetalOperatorVersion[]) {
    it(`installs the objects of golden/${version}.yaml`, (t) => {
      const file = goldenFile(__dirname, `${version}.yaml`);
      t.assert.fileSnapshot(goldenYaml(operatorObjects(version)), file, { serializers: [String] });
    });
  }
});
