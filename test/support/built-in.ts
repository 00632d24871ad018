/** The releases that are built in, as they are without props, and their comparison with the releases themselves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { BareMetalOperator, type BareMetalOperatorVersion } from '../../lib/components/baremetal-operator';
import { CertManager, type CertManagerVersion } from '../../lib/components/cert-manager';
import {
  describeDifference,
  differences,
  explains,
  skipWithout,
  stale,
  upstreamObjects,
  type Difference,
  type Explanation,
  type KubernetesObject,
} from './upstream';
import { testChart } from './charts';

export function operatorObjects(version: BareMetalOperatorVersion): KubernetesObject[] {
  const chart = testChart();
  new BareMetalOperator(chart, 'bmo', { version });
  return Testing.synth(chart) as KubernetesObject[];
}

export function certManagerObjects(version?: CertManagerVersion): KubernetesObject[] {
  const chart = testChart();
  new CertManager(chart, 'cert-manager', { version });
  return Testing.synth(chart) as KubernetesObject[];
}

/** @returns what differs and is not meant to */
export function unexplained(found: readonly Difference[], explained: readonly Explanation[]): Difference[] {
  return found.filter((difference) => !explained.some((explanation) => explains(explanation, difference)));
}

/**
 * @param manifest the release's own, such as `cert-manager/v1.11.0.yaml`
 * @param explained what differs on purpose
 */
export function describeAgainstRelease(
  name: string,
  manifest: string,
  objects: () => readonly KubernetesObject[],
  explained: readonly Explanation[],
): void {
  describe(`${name} and the release's own manifests`, { skip: skipWithout(manifest) }, () => {
    it('are equal, but for what is explained', () => {
      const found = unexplained(differences(objects(), upstreamObjects(manifest)), explained);
      assert.deepEqual(found.map(describeDifference), []);
    });

    it('differ in all that is explained', () => {
      const found = differences(objects(), upstreamObjects(manifest));
      assert.deepEqual(stale(explained, found), []);
    });

    it('have as many objects', () => {
      assert.equal(objects().length, upstreamObjects(manifest).length);
    });
  });
}
