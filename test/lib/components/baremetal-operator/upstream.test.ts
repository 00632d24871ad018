import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releases, type BareMetalOperatorVersion } from '../../../../lib/components/baremetal-operator';
import { describeAgainstRelease, operatorObjects } from '../../../support/built-in';
import { describeDifference, differences, type Explanation, type KubernetesObject } from '../../../support/upstream';

/** The configuration is made for an image that changes under its tag; a release's does not, and may be on the node already. */
const PULLED_IF_NOT_PRESENT: Explanation = {
  object: /^Deployment baremetal-operator-system\/baremetal-operator-controller-manager$/,
  path: /^spec\.template\.spec\.containers\[0\]\.imagePullPolicy$/,
  reason: "the repository's configuration pulls always, for a tag that moves; that of a release does not",
  isOptional: true,
};

/** What differs on purpose, by release. */
const explained: Readonly<Record<BareMetalOperatorVersion, readonly Explanation[]>> = {
  'v0.13.2': [PULLED_IF_NOT_PRESENT],
  'v0.14.0-rc.0': [PULLED_IF_NOT_PRESENT],
};

const versions = Object.keys(releases) as BareMetalOperatorVersion[];

for (const version of versions) {
  const objects = () => operatorObjects(version);
  describeAgainstRelease(
    `BareMetalOperator ${version}`,
    `baremetal-operator/${version}.yaml`,
    objects,
    explained[version],
  );
}

for (const version of versions) {
  describe(`the comparison with BMO ${version}`, () => {
    /** What is found once the text of one object is changed, which stands for a slip in its source. */
    function foundAfter(kind: string, name: string, from: RegExp | string, to: string): string[] {
      const changed = operatorObjects(version).map((object) => {
        if (object.kind !== kind || !object.metadata.name.endsWith(name)) return object;
        const text = JSON.stringify(object);
        assert.notEqual(text.replace(from, to), text, `${name} has ${from}`);
        return JSON.parse(text.replace(from, to)) as KubernetesObject;
      });
      return differences(changed, operatorObjects(version)).map(describeDifference);
    }

    it('finds nothing where nothing differs', () => {
      assert.deepEqual(differences(operatorObjects(version), operatorObjects(version)), []);
    });

    it('fails when one field of one CRD is missing', () => {
      assert.deepEqual(foundAfter('CustomResourceDefinition', 'hardwaredata.metal3.io', /"hostname":\{[^}]*\},/, ''), [
        'CustomResourceDefinition hardwaredata.metal3.io: spec.versions[0].schema.openAPIV3Schema.properties.spec' +
          '.properties.hardware.properties.hostname: ours undefined, theirs {"type":"string"}',
      ]);
    });

    it('fails when a field called description is missing', () => {
      const found = foundAfter('CustomResourceDefinition', 'baremetalhosts.metal3.io', /"description":\{[^}]*\},/, '');
      assert.equal(found.length, 1);
    });

    it('fails when one value of an enum, one pattern or one default is missing', () => {
      const crd = ['CustomResourceDefinition', 'baremetalhosts.metal3.io'] as const;
      assert.notEqual(foundAfter(...crd, '"legacy"', '"Legacy"').length, 0);
      assert.notEqual(foundAfter(...crd, '"pattern":"[0-9a-fA-F]', '"pattern":"[0-9A-F]').length, 0);
      assert.notEqual(foundAfter(...crd, '"default":"metadata",', '').length, 0);
      assert.notEqual(
        foundAfter(...crd, '"x-kubernetes-list-type":"map"', '"x-kubernetes-list-type":"atomic"').length,
        0,
      );
    });

    it('fails when one verb of a role is missing', () => {
      const found = foundAfter('ClusterRole', 'manager-role', '"get","list","update","watch"', '"get","list","update"');
      assert.notEqual(found.length, 0);
      assert.ok(
        found.every((line) => line.startsWith('ClusterRole baremetal-operator-manager-role: rules[')),
        found[0],
      );
    });

    it('fails when one argument is missing', () => {
      const [first] = foundAfter('Deployment', 'controller-manager', /"--enable-leader-election",?/, '');
      assert.match(
        first ?? '',
        /^Deployment .*-controller-manager: spec\.template\.spec\.containers\[0\]\.args\[0\]: ours (undefined|"--hostclaims"), theirs "--enable/,
      );
    });

    it('fails when an object is missing, and when there is one too many', () => {
      const all = operatorObjects(version);
      const [first] = all;
      assert.deepEqual(
        differences(all.slice(1), all).map(({ object, path, ours }) => ({ object, path, ours })),
        [{ object: `Namespace ${first?.metadata.name}`, path: '', ours: undefined }],
      );
      assert.equal(differences(all, all.slice(1)).length, 1);
    });
  });
}

describe('the comparison with BMO v0.14', () => {
  it('fails when a field is missing that v0.13 does not have', () => {
    const [older, newer] = [operatorObjects('v0.13.2'), operatorObjects('v0.14.0-rc.0')];
    const paths = differences(older, newer).map(({ object, path }) => `${object}: ${path}`);
    const host =
      'CustomResourceDefinition baremetalhosts.metal3.io: spec.versions[0].schema.openAPIV3Schema.properties';
    for (const path of [
      'spec.properties.inspectionMode.enum[2]',
      'spec.properties.networkInterfaces',
      'spec.properties.raid.properties.softwareRAIDVolumes.items.properties.rootVolume',
      'status.properties.lastAttemptedImage',
      'status.properties.provisioning.properties.raid.properties.softwareRAIDVolumes.items.properties.rootVolume',
      'status.properties.provisioningFailCount',
      'status.required[5]',
    ]) {
      assert.ok(paths.includes(`${host}.${path}`), path);
    }
  });
});
