/** The scenarios of `examples/` are what a testbed takes, whatever the number of their clusters. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { root } from '../../support/cli';
import { readExample, scaledExample } from '../../support/scaled-example';

const folder = join(root, 'examples');

describe('an example of a scenario', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  it('is there for each part of the blog, and for clusters', () => {
    const names = ['blog-part-2-clusters', 'blog-part-3-scale', 'blog-scenario'];
    const all = [...names, 'remediation-storm', 'thousand-clusters', 'upgrade-under-latency'];
    assert.deepEqual(files.sort(), all.map((name) => `${name}.yaml`).sort());
  });

  for (const file of files)
    it(`is taken as it stands, and with few clusters: ${file}`, () => {
      const props = readExample(file);
      const { fleets } = resolveTestbed(props);
      assert.ok(fleets.length > 0);
      const few = resolveTestbed(scaledExample(props, 6));
      assert.equal(few.clusterSets.length, props.clusterSets?.length ?? 0);
      assert.ok(few.clusterSets.every(({ count }) => count >= 1 && count <= 6));
    });
});
