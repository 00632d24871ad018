import { describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import {
  BareMetalOperator,
  releases,
  type BareMetalOperatorVersion,
} from '../../../../lib/components/baremetal-operator';
import { goldenFile, goldenYaml } from '../../../support/golden';
import type { KubernetesObject } from '../../../support/upstream';

describe('BareMetalOperator without props', () => {
  for (const version of Object.keys(releases) as BareMetalOperatorVersion[]) {
    it(`installs the objects of golden/${version}.yaml`, (t) => {
      const chart = Testing.chart();
      new BareMetalOperator(chart, 'bmo', { version });
      const text = goldenYaml(Testing.synth(chart) as KubernetesObject[]);
      t.assert.fileSnapshot(text, goldenFile(__dirname, `${version}.yaml`), { serializers: [String] });
    });
  }
});
