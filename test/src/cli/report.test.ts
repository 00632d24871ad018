import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseReport } from '../../../src/report/read-report';
import { cli, root, runProgram } from '../../support/cli';
import { sampleReport, type SampleOptions } from '../../support/sample-report';

describe('report and compare on the command line', () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-report-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const write = (name: string, options: SampleOptions) => {
    const file = join(dir, name);
    writeFileSync(file, JSON.stringify(sampleReport({ hosts: 200, ...options })));
    return file;
  };
  const a = write('a.json', {});
  const slower = write('slower.json', { slowdown: 1.3 });
  const single = write('single.json', { runs: 1 });

  it('writes the page beside the report, and other formats to stdout', async () => {
    const page = await cli(['report', a]);
    assert.equal(page.code, 0, page.stderr);
    assert.equal(page.stdout, `${join(dir, 'a.html')}\n`);
    assert.match(readFileSync(join(dir, 'a.html'), 'utf8'), /^<!doctype html>/);
    const metrics = await cli(['report', a, '--format', 'openmetrics']);
    assert.match(metrics.stdout, /\n# EOF\n$/);
  });

  it('merges several runs into one report', async () => {
    const target = join(dir, 'merged.json');
    const { code, stderr } = await cli(['report', single, single, '--format', 'json', '-o', target]);
    assert.equal(code, 0, stderr);
    assert.equal(parseReport(readFileSync(target, 'utf8'), target).runs, 2);
  });

  it('writes to stdout, and nothing else there, for - and for what leads there', async () => {
    const { stdout } = await cli(['report', a, '--format', 'openmetrics']);
    for (const target of ['-', '/dev/stdout', '/dev/fd/1']) {
      const result = await cli(['report', a, '--format', 'openmetrics', '-o', target]);
      assert.equal(result.stdout, stdout, target);
    }
    assert.ok(!existsSync('-'));
  });

  it('says that stdout cannot be written, and ends quietly where its reader has had enough', async () => {
    const main = join(root, 'build', 'src', 'cli', 'main.js');
    const shell = (redirection: string) =>
      runProgram('bash', ['-c', `set -o pipefail; '${process.execPath}' '${main}' report '${a}' -o - ${redirection}`]);
    if (existsSync('/dev/full')) {
      const full = await shell('> /dev/full');
      assert.match(full.stderr, /^error: the standard output cannot be written .*ENOSPC/);
      assert.equal(full.code, 3);
    }
    const cut = await shell('| head -c 1');
    assert.deepEqual({ ...cut, stdout: cut.stdout.length }, { code: 0, stdout: 1, stderr: '' });
  });

  it('writes nothing where a report is none', async () => {
    const { code, stderr } = await cli(['report', join(dir, 'a.html'), '-o', join(dir, 'none.html')]);
    assert.equal(code, 2);
    assert.match(stderr, /a\.html is not valid JSON/);
    assert.ok(!existsSync(join(dir, 'none.html')));
  });

  it('ends with 1 where something became worse, and with 0 where not', async () => {
    const worse = await cli(['compare', a, slower]);
    assert.equal(worse.code, 1, worse.stderr);
    assert.match(worse.stdout, /^step_objects_per_second\{kind="BareMetalHost", step="enroll"\} .* −\d+ % .* worse$/m);
    assert.match(worse.stdout, /\d+ metrics worse, 0 better, \d+ the same \(5 and 5 runs\)/);
    const better = await cli(['compare', slower, a, '--json']);
    assert.equal(better.code, 0, better.stderr);
    assert.equal((JSON.parse(better.stdout) as { isWorse: boolean }).isWorse, false);
  });
});
