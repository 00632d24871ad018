import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { readTestbedFile } from '../../../src/testbed/file';
import { settingsOf, withSettings } from '../../../src/tune/settings';
import { writeSettings } from '../../../src/tune/write-settings';
import { refuses } from '../../support/refuses';
import { tempDir } from '../../support/temp-dir';

const BEST = { kubeApiQps: 500, concurrency: 16, hostsPerNamespace: 25 };

describe('settings of a description', () => {
  it('are what its operators and host sets have, and can be changed', () => {
    const { settings, canSpread } = settingsOf({ operators: [{ concurrency: 4 }], hostSets: [{ count: 100 }] });
    assert.deepEqual(settings, { kubeApiQps: 1_000, concurrency: 4, hostsPerNamespace: 20 });
    assert.ok(canSpread);
    const changed = withSettings({ operators: [{ concurrency: 4 }], hostSets: [{ count: 100 }] }, BEST, true);
    assert.deepEqual(settingsOf(changed).settings, BEST);
    assert.equal(resolveTestbed(changed).operators[0]?.kubeApiBurst, 1_000);
  });

  it('leave hosts where they are, where namespaces are named or an operator watches some', () => {
    const bound = { operators: [{ watchedNamespaces: ['lab'] }], hostSets: [{ count: 9, namespace: 'lab' }] };
    assert.equal(settingsOf(bound).canSpread, false);
    assert.equal(settingsOf({ hostSets: [{ count: 9, namespaces: ['a', 'b'] }] }).canSpread, false);
    assert.deepEqual(resolveTestbed(withSettings(bound, BEST, false)).fleets[0]?.namespaces(), ['lab']);
  });

  it('are refused where there is nothing to tune', () => {
    refuses(() => settingsOf({ operators: [] }), /operators is empty/);
    refuses(() => settingsOf({ hostSets: [{ count: 0 }] }), /hostSets have no host/);
  });
});

describe('writeSettings', () => {
  it('leaves the rest of a description as it is, comments too', async (t) => {
    const file = join(tempDir(t), 'testbed.yaml');
    writeFileSync(
      file,
      `# ours
operators:
  - { version: v0.13.2, concurrency: 4 } # slow
hostSets:
  # the first rack
  - count: 12
    credentials: { username: a, password: b }
  - { name: second, count: 3, firstIndex: 100 }
`,
    );
    await writeSettings(file, BEST, true);
    assert.equal(
      readFileSync(file, 'utf8'),
      `# ours
operators:
  - { version: v0.13.2, concurrency: 16, kubeApiQps: 500, kubeApiBurst: 1000 } # slow
hostSets:
  # the first rack
  - count: 12
    credentials: { username: a, password: b }
    hostsPerNamespace: 25
  - { name: second, count: 3, firstIndex: 100, hostsPerNamespace: 25 }
`,
    );
    assert.deepEqual(settingsOf(await readTestbedFile(file)).settings, BEST);
  });

  it('makes a description of one operator and the default hosts, where there is none or an empty one', async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'empty.yaml'), '# nothing yet\n');
    for (const name of ['missing.yaml', 'empty.yaml']) {
      const file = join(dir, name);
      await writeSettings(file, BEST, true);
      assert.deepEqual(settingsOf(await readTestbedFile(file)).settings, BEST);
      assert.equal(resolveTestbed(await readTestbedFile(file)).fleets[0]?.count, 10);
    }
  });

  it('says nothing of namespaces where hosts cannot be spread', async (t) => {
    const file = join(tempDir(t), 'testbed.yaml');
    writeFileSync(file, 'hostSets: [{ count: 4, namespaces: [a, b] }]\n');
    await writeSettings(file, BEST, false);
    assert.doesNotMatch(readFileSync(file, 'utf8'), /hostsPerNamespace/);
  });
});
