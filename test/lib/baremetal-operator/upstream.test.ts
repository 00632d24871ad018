import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { BareMetalOperator, releases, type BareMetalOperatorVersion } from '../../../lib/baremetal-operator';
import { describeDifference, differences, type Difference, type KubernetesObject } from './compare';

/** The manifests of the releases, which are no part of the repository. */
const upstream = process.env.METAL3_TESTBED_UPSTREAM ?? resolve(__dirname, '../../../../../shared/upstream');

interface Explanation {
  readonly object: RegExp;
  readonly path: RegExp;
  readonly reason: string;
}

/** What differs on purpose, by release. */
const explained: Readonly<Record<BareMetalOperatorVersion, readonly Explanation[]>> = {
  'v0.13.2': [],
};

function explains({ object, path }: Explanation, difference: Difference): boolean {
  return object.test(difference.object) && path.test(difference.path);
}

function synthesized(version: BareMetalOperatorVersion): KubernetesObject[] {
  const chart = Testing.chart();
  new BareMetalOperator(chart, 'bmo', { version });
  return Testing.synth(chart) as KubernetesObject[];
}

for (const version of Object.keys(releases) as BareMetalOperatorVersion[]) {
  const file = join(upstream, 'baremetal-operator', `${version}.yaml`);
  const skip = existsSync(file) ? false : `the release's manifests are not there: set METAL3_TESTBED_UPSTREAM`;

  describe(`BareMetalOperator ${version} and the release's own manifests`, { skip }, () => {
    const theirs = () =>
      parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
        const object = document.toJSON() as KubernetesObject | null;
        return object === null ? [] : [object];
      });

    it('are equal, but for what is explained', () => {
      const unexplained = differences(synthesized(version), theirs()).filter(
        (difference) => !explained[version].some((explanation) => explains(explanation, difference)),
      );
      assert.deepEqual(unexplained.map(describeDifference), []);
    });

    it('differ in all that is explained', () => {
      const found = differences(synthesized(version), theirs());
      const stale = explained[version].filter((entry) => !found.some((difference) => explains(entry, difference)));
      assert.deepEqual(stale, []);
    });

    it('have as many objects', () => {
      assert.equal(synthesized(version).length, theirs().length);
    });
  });
}

describe('the comparison with a release', () => {
  const version = 'v0.13.2';

  /** What is found once the text of one object is changed, which stands for a slip in its source. */
  function foundAfter(kind: string, name: string, from: string, to: string): string[] {
    const changed = synthesized(version).map((object) => {
      if (object.kind !== kind || !object.metadata.name.endsWith(name)) return object;
      const text = JSON.stringify(object);
      assert.ok(text.includes(from), `${name} has ${from}`);
      return JSON.parse(text.replace(from, to)) as KubernetesObject;
    });
    return differences(changed, synthesized(version)).map(describeDifference);
  }

  it('finds nothing where nothing differs', () => {
    assert.deepEqual(differences(synthesized(version), synthesized(version)), []);
  });

  it('fails when one field of one CRD is missing', () => {
    assert.deepEqual(
      foundAfter('CustomResourceDefinition', 'hardwaredata.metal3.io', '"hostname":{"type":"string"},', ''),
      [
        'CustomResourceDefinition hardwaredata.metal3.io: spec.versions[0].schema.openAPIV3Schema.properties.spec' +
          '.properties.hardware.properties.hostname: ours undefined, theirs {"type":"string"}',
      ],
    );
  });

  it('fails when a field called description is missing', () => {
    assert.equal(
      foundAfter('CustomResourceDefinition', 'baremetalhosts.metal3.io', '"description":{"type":"string"},', '').length,
      1,
    );
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
    assert.deepEqual(
      foundAfter('ClusterRole', 'manager-role', '["get","list","update","watch"]', '["get","list","update"]'),
      ['ClusterRole baremetal-operator-manager-role: rules[8].verbs[3]: ours undefined, theirs "watch"'],
    );
  });

  it('fails when one argument is missing', () => {
    assert.deepEqual(foundAfter('Deployment', 'controller-manager', '"--enable-leader-election"', ''), [
      'Deployment baremetal-operator-system/baremetal-operator-controller-manager: spec.template.spec.containers[0]' +
        '.args[0]: ours undefined, theirs "--enable-leader-election"',
    ]);
  });

  it('fails when an object is missing, and when there is one too many', () => {
    const all = synthesized(version);
    const [first] = all;
    assert.deepEqual(
      differences(all.slice(1), all).map(({ object, path, ours }) => ({ object, path, ours })),
      [{ object: `Namespace ${first?.metadata.name}`, path: '', ours: undefined }],
    );
    assert.equal(differences(all, all.slice(1)).length, 1);
  });
});
