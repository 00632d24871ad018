import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { root } from '../support/cli';
import { install, pack, succeeds } from '../support/packed';
import { sampleReport } from '../support/sample-report';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-package-'));

describe('the packed package', { timeout: 600_000 }, () => {
  let tarball = '';
  before(async () => {
    const { paths, ...packed } = await pack(dir);
    tarball = packed.tarball;
    assert.ok(paths.includes('tools/kube-apiserver/go.sum') && paths.includes('testbed.schema.json'));
    // Nothing that no source is left of, and no maps, which would be of sources that are not in it.
    const withoutSource = paths.filter((path) => {
      const [, source] = /^build\/(.*?)(?:\.d\.ts|\.js)$/.exec(path) ?? [];
      return source !== undefined && !existsSync(join(root, `${source}.ts`));
    });
    assert.deepEqual(withoutSource, [], 'rm -r build, and npm run build, to be rid of what was moved');
    assert.ok(packed.bytes < 2_000_000 && packed.unpackedBytes < 7_000_000, JSON.stringify(packed));
    assert.deepEqual(
      paths.filter((path) => /^build\/(test|bench)\/|\.(tsbuildinfo|map)$|^(test|bench|src|lib)\//.test(path)),
      [],
    );
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  // Profile node16: the oldest way of resolving modules, node10, knows no patterns such as metal3-testbed/pulumi/plugins/*.
  it('is what publint and attw expect of a package', async () => {
    await succeeds('publint', [tarball, '--strict']);
    await succeeds('attw', [tarball, '--profile', 'node16', '--format', 'ascii']);
  });

  it('synthesizes in an empty folder, from CommonJS and from ES modules, and has a command', async () => {
    const project = join(dir, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"private": true}');
    await install(project, [tarball, 'cdk8s', 'cdk8s-plus-27', 'constructs']);
    const program = [
      'const app = new App({ outdir: process.argv[2] });',
      "new Testbed(app, 'testbed', { hostSets: [{ count: 3 }] });",
      'app.synth();',
    ].join('\n');
    writeFileSync(
      join(project, 'one.cjs'),
      `const { App } = require('cdk8s');\nconst { Testbed } = require('metal3-testbed');\n${program}`,
    );
    writeFileSync(
      join(project, 'two.mjs'),
      `import { App } from 'cdk8s';\nimport { Testbed } from 'metal3-testbed';\n${program}`,
    );
    await succeeds(process.execPath, ['one.cjs', 'one'], project);
    await succeeds(process.execPath, ['two.mjs', 'two'], project);
    for (const file of readdirSync(join(project, 'one'))) {
      assert.equal(readFileSync(join(project, 'one', file), 'utf8'), readFileSync(join(project, 'two', file), 'utf8'));
    }
    const hosts = parseAllDocuments(
      readFileSync(
        join(project, 'one', readdirSync(join(project, 'one')).find((file) => file.includes('-3-hosts-')) ?? ''),
        'utf8',
      ),
    ) as unknown[];
    assert.equal(hosts.length, 6);
    const bin = join(project, 'node_modules', '.bin', 'metal3-testbed');
    const { stdout } = await succeeds(process.execPath, [bin, 'generate', '--count', '1'], project);
    assert.match(stdout, /name: worker-1\n/);
    // As its page says: a description, and a cdk8s.yaml that names the app of the package.
    const [, cdk8sYaml = ''] =
      /```yaml\n(# cdk8s\.yaml\n[^`]*)```/.exec(readFileSync(join(root, 'docs', 'how-to', 'cdk8s.md'), 'utf8')) ?? [];
    writeFileSync(join(project, 'cdk8s.yaml'), cdk8sYaml);
    writeFileSync(join(project, 'testbed.yaml'), 'hostSets: [{ count: 3, name: described }]\n');
    const cdk8s = join(root, 'node_modules', '.bin', 'cdk8s');
    const synth = await succeeds(process.execPath, [cdk8s, 'synth', '--check-upgrade=false'], project);
    assert.match(synth.stderr, /^dist\/apply\.sh applies it in one run/m);
    const hostsFile = readdirSync(join(project, 'dist')).find((file) => file.startsWith('testbed-3-hosts-')) ?? '';
    assert.match(readFileSync(join(project, 'dist', hostsFile), 'utf8'), /name: described-3\n/);
    assert.match(readFileSync(join(project, 'dist', 'apply.sh'), 'utf8'), /apply --server-side -f testbed-3-hosts/);
    // A project to begin with, which needs nothing but what it asks for.
    await succeeds(process.execPath, [bin, 'init', 'my-lab', '--template', 'cdk8s'], project);
    await succeeds(process.execPath, [cdk8s, 'synth', '--check-upgrade=false'], join(project, 'my-lab'));
    assert.ok(readdirSync(join(project, 'my-lab', 'dist')).some((file) => file.startsWith('testbed-3-hosts-')));
    await succeeds(process.execPath, [bin, 'init', 'my-stack', '--template', 'pulumi'], project);
    symlinkSync(join(root, 'node_modules', '@pulumi'), join(project, 'node_modules', '@pulumi'));
    const strict = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', 'index.ts'];
    await succeeds(process.execPath, [join(root, 'node_modules', '.bin', 'tsc'), ...strict], join(project, 'my-stack'));
    writeFileSync(join(project, 'report.json'), JSON.stringify(sampleReport({ hosts: 20 })));
    await succeeds(process.execPath, [bin, 'report', 'report.json'], project);
    assert.match(readFileSync(join(project, 'report.html'), 'utf8'), /uPlot[^]*panelsOf/);
  });
});
