/** The scenarios of `examples/` are what a testbed takes, whatever the number of their clusters. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { requireTestbedShape } from '../../../lib/testbed/schema';

const folder = join(__dirname, '..', '..', '..', '..', 'examples');

describe('an example of a scenario', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  it('is there for each part of the blog, and for clusters', () => {
    const names = ['blog-part-2-clusters', 'blog-part-3-scale', 'blog-scenario'];
    const all = [...names, 'remediation-storm', 'thousand-clusters', 'upgrade-under-latency'];
    assert.deepEqual(files.sort(), all.map((name) => `${name}.yaml`).sort());
  });

  for (const file of files)
    it(`is taken as it stands: ${file}`, () => {
      const props: unknown = parse(readFileSync(join(folder, file), 'utf8'));
      requireTestbedShape(props, file);
      const { fleets } = resolveTestbed(props as TestbedProps);
      assert.ok(fleets.length > 0);
    });
});
