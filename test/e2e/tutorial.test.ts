/** What docs/tutorial.md tells a reader to type, typed in an empty folder, from nothing to a report. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { root, runProgram } from '../support/cli';
import { blocksOf } from '../support/documents';
import { atEnd, tempDir } from '../support/temp-dir';

describe('the tutorial', { timeout: 300_000 }, () => {
  it('leads to a report, word for word', async (t) => {
    const dir = tempDir(t);
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    // In a reader's folder npx finds what npm install has put there; here it is what is built.
    const own = `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(root, 'build', 'src', 'cli', 'main.js')}' "$@"\n`;
    writeFileSync(join(bin, 'npx'), own, { mode: 0o755 });
    const env = {
      PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: join(dir, 'home'),
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'),
      XDG_STATE_HOME: join(dir, 'home', 'state'),
    };
    const type = async (text: string) => {
      const result = await runProgram('bash', ['-euc', text], { cwd: dir, env });
      assert.equal(result.code, 0, `${text}\n${result.stdout}\n${result.stderr}`);
      return result.stdout;
    };
    atEnd(t, () => runProgram('bash', ['-c', 'npx metal3-testbed down --delete'], { cwd: dir, env }));
    // The second run would take as long as the first: its report stands for it.
    const shorter = (text: string) =>
      text.replace(/^npx metal3-testbed run .* slower\.json$/m, 'cp report.json slower.json');
    let printed = '';
    for (const { info, text } of blocksOf('docs/tutorial.md')) {
      if (info === 'yaml') writeFileSync(join(dir, 'testbed.yaml'), text);
      // What is installed and how this machine is are not this test's concern.
      if (info === 'sh')
        printed += await type(
          shorter(text)
            .replace(/^mkdir .* npm init .*\nnpm install .*\n/m, '')
            .replace(/^npx metal3-testbed doctor\n/m, '')
            .replace(/^npx metal3-testbed compare .*$/m, '$& || [ $? = 1 ]'),
        );
    }
    assert.match(printed, /10 hosts: 10 available, in /);
    assert.match(printed, /### first walk\n/);
    assert.ok(existsSync(join(dir, 'report.html')));
    const { steps } = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as {
      steps: readonly { name: string; objects: number; done: number }[];
    };
    assert.deepEqual(steps.map(({ name }) => name).sort(), [
      'deprovision',
      'enroll',
      'provision',
      'rest',
      'slowApiServer',
    ]);
    for (const { name, objects, done } of steps) assert.equal(done, objects, name);
  });
});
