/** What is built in, as digests: a change of any object shows, on machines without the releases' manifests too. */
import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import { describe, it, snapshot } from 'node:test';
import { Testing } from 'cdk8s';
import { CertManager, certManagerVersions, type CertManagerVersion } from '../../../../lib/components/cert-manager';
import { objectName, type Json, type KubernetesObject } from '../../../support/upstream';

// Beside the source, not beside what is compiled.
snapshot.setResolveSnapshotPath((path) => `${path?.replace(`${sep}build${sep}`, sep).replace(/\.js$/, '')}.snapshot`);
snapshot.setDefaultSnapshotSerializers([String]);

function digests(version: CertManagerVersion): string {
  const chart = Testing.chart();
  new CertManager(chart, 'cert-manager', { version });
  return (Testing.synth(chart) as KubernetesObject[])
    .map((object) => `${objectName(object)} ${digest(object)}`)
    .join('\n');
}

/** Of the object with its keys sorted: their order means nothing. */
function digest(object: KubernetesObject): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(object)))
    .digest('hex')
    .slice(0, 16);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => sorted(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, sorted(child)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('the objects of CertManager', () => {
  for (const version of certManagerVersions) {
    it(`are those of ${version} that were compared with the release`, (t) => {
      t.assert.snapshot(digests(version));
    });
  }
});
