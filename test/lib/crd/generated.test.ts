import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { generatedDefinitions, generatedReleases } from '../../../lib/crd/generated';
import { root } from '../../support/cli';
import { generatedFile, generatedFolder, manifestOf } from '../../support/generated-crds';
import { skipWithout } from '../../support/upstream';

describe('the CRDs that are data', () => {
  for (const release of generatedReleases) {
    it(`are those of ${release}`, { skip: skipWithout(manifestOf(release)) }, () => {
      const text = readFileSync(join(root, generatedFolder, `${release}.json`), 'utf8');
      assert.ok(text === generatedFile(release), "run 'npm run crds' and commit the files");
    });

    it(`have every node of ${release} in its place, and no text`, () => {
      const text = JSON.stringify(generatedDefinitions(release));
      assert.doesNotMatch(text, /"\$ref"/);
      assert.doesNotMatch(text, /"description":"/);
    });
  }

  it('are not loaded before somebody asks for a release, and then no others', () => {
    const script = `
      const { App, Chart } = require('cdk8s');
      const { IpAddressManager, resolveTestbed } = require('./build/lib');
      const loaded = () => Object.keys(require.cache).filter((file) => /generated.*json$/.test(file)).map((file) => file.split('/').at(-1));
      resolveTestbed({ clusterApi: {} });
      const before = loaded();
      new IpAddressManager(new Chart(new App(), 'c'), 'ipam');
      console.log(JSON.stringify([before, loaded()]));`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8', timeout: 60_000 });
    assert.deepEqual(JSON.parse(output), [[], ['ip-address-manager-v1.13.2.json']]);
  });
});
