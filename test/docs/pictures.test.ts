import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { terminalSvg } from '../../docs/generate/terminal-svg';
import { UPSTREAM_SOURCES, withImageTag } from '../support/upstream-sources';
import { root } from '../support/cli';

const commands = [
  {
    text: 'metal3-testbed up --hosts 10',
    seconds: 9,
    lines: Array.from({ length: 30 }, (_, i) => ({ at: i < 29 ? i / 10 : 9, text: `line ${i} <of & 30>` })),
  },
];

describe('the recording of a terminal', () => {
  const svg = terminalSvg(commands, 'light');

  it('has every line as text, each from when it came on', () => {
    for (let i = 0; i < 30; i++) assert.ok(svg.includes(`>line ${i} &lt;of &amp; 30&gt;</text>`), String(i));
    const starts = [...svg.matchAll(/@keyframes a\d+ \{ 0%, ([\d.]+)%/g)].map(([, at]) => Number(at));
    assert.equal(starts.length, 32);
    assert.deepEqual(
      starts,
      [...starts].sort((a, b) => a - b),
    );
  });

  it('stands still, on the last screen, for whoever wants less motion', () => {
    const still = svg.slice(0, svg.indexOf('@media (prefers-reduced-motion: no-preference)'));
    assert.match(still, /#screen \{ transform: translateY\(-152px\); \}/);
    assert.doesNotMatch(still, /animation/);
  });

  it('is in the repository, light and dark, if the README shows it', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const [, file = ''] of readme.matchAll(/(?:src|srcset)="([^"]+)"/g)) {
      assert.ok(existsSync(join(root, file)), file);
      assert.ok(statSync(join(root, file)).size < 300_000, file);
      if (file.endsWith('.svg'))
        assert.doesNotMatch(readFileSync(join(root, file), 'utf8'), /\/(root|home|work|tmp|Users)\//, file);
    }
  });
});

describe('the releases that built-in ones are compared with', () => {
  it('come from addresses of their own, pinned by a version', () => {
    assert.equal(new Set(UPSTREAM_SOURCES.map(({ file }) => file)).size, 10);
    for (const { file, from } of UPSTREAM_SOURCES) {
      const version = /\/(v[^/]+)\.yaml$/.exec(file)?.[1] ?? '';
      const address = 'url' in from ? from.url : `${from.repository}@${from.tag}`;
      assert.ok(address.startsWith('https://github.com/') && address.includes(version), address);
    }
  });

  it('name their image by the tag of the release', () => {
    const image = { name: 'quay.io/metal3-io/baremetal-operator', tag: 'v0.13.2' };
    const pod = (name: string) => [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ image: name }] } },
    ];
    const [source] = UPSTREAM_SOURCES;
    for (const given of [image.name, `${image.name}:latest`])
      assert.deepEqual(withImageTag(pod(given), { ...source!, image }), pod(`${image.name}:v0.13.2`));
    assert.deepEqual(withImageTag(pod('quay.io/other'), { ...source!, image }), pod('quay.io/other'));
  });
});
