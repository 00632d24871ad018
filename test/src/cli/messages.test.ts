import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TestbedError } from '../../../lib/errors';
import { wrap, wrapFor } from '../../../src/cli/printers/wrap';
import { withDescription } from '../../../src/testbed/file';
import { cli, root, runProgram } from '../../support/cli';
import { tempDir } from '../../support/temp-dir';

describe('an error about a description', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['operators:\n  - version: v0.12.0', 2, 'operators[0].version: must be one of'],
    ['operators:\n  - namePrefix: A\n', 2, 'operators[0].namePrefix: must be a DNS label'],
    ['operators:\n  - {}\n  - {}\n', 1, 'operators: 2 operators, of which 2 watch all namespaces'],
    ['hostSets:\n  - count: 1\n  - count: 10\n    name: A_B\n', 3, "hostSets[1]: host set name 'A_B'"],
    ['hostSets:\n  - count: 1\n  - count: 1\n', 1, 'hostSets: host default/worker-1 of host set worker and'],
    [
      'scenario:\n  steps:\n    - rest: { seconds: 1 }\n    - provision: {}\n',
      4,
      'scenario.steps[1].provision: all of',
    ],
    ['hostSets:\n  - count: 1\n    onlin: true\n', 3, "hostSets[0].onlin: unknown field; did you mean 'online'?"],
  ];
  for (const [text, line, message] of cases)
    it(`names the file and the line: ${message}`, async (t) => {
      const dir = tempDir(t);
      writeFileSync(join(dir, 't.yaml'), text);
      const synth = await runProgram(process.execPath, [join(root, 'build', 'src', 'app.js')], {
        cwd: dir,
        env: { METAL3_TESTBED_FILE: 't.yaml', CDK8S_OUTDIR: 'dist' },
      });
      const up = await cli(['up', 't.yaml', '--state-dir', join(dir, 'state')], { cwd: dir });
      assert.equal(up.code, 2, up.stderr);
      for (const { stderr } of [synth, up]) {
        assert.ok(stderr.includes(`t.yaml:${line}: ${message}`), stderr);
        assert.doesNotMatch(stderr, /testbed-2-baremetal-operator/);
      }
    });

  it('stays as it is where it is about something else', async () => {
    const error = new TestbedError('environment', 'operators[0].version: of a machine');
    await assert.rejects(
      withDescription('t.yaml', () => Promise.reject(error)),
      (thrown) => thrown === error,
    );
  });
});

describe('the command line', () => {
  it('says that there is no such command, in help too', async () => {
    for (const args of [['nosuch'], ['help', 'nosuch'], ['statsu'], ['help', 'statsu']]) {
      const { code, stdout, stderr } = await cli(args);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, new RegExp(`^error: unknown command '${args.at(-1)}'`));
      if (args.includes('statsu')) assert.match(stderr, /Did you mean status\?/);
    }
    for (const args of [['help'], ['help', 'up']]) assert.equal((await cli(args)).code, 0);
  });
});

describe('a message on a terminal', () => {
  it('breaks at words, and nothing of it is lost', () => {
    const words = fc.array(fc.stringMatching(/^[a-z/:.]{1,30}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 120 }), (given, width) => {
        const text = given.join(' ');
        const lines = wrap(text, width).split('\n');
        assert.equal(lines.map((line) => line.trim()).join(' '), text);
        for (const line of lines) assert.ok(line.length <= width || !line.trim().includes(' '), line);
      }),
    );
  });

  it('keeps its own lines and their indents, and is left alone elsewhere', () => {
    assert.equal(wrap('error: a b\n  - c dddd eeee', 10), 'error: a b\n  - c dddd\n    eeee');
    assert.equal(
      wrap('✔ name       detail that is long', 22, 13),
      '✔ name       detail\n             that is\n             long',
    );
    // A path that does not fit there is moved to the left, and stays whole.
    assert.equal(
      wrap('✔ name       at /a/long/path (PATH)', 22, 13),
      '✔ name       at\n          /a/long/path\n             (PATH)',
    );
    const output = { write: () => true };
    const long = 'word '.repeat(50).trim();
    assert.equal(wrapFor({ ...output, isTTY: false }, long), long);
    assert.ok(wrapFor({ ...output, isTTY: true, columns: 40 }, long).includes('\n'));
    assert.ok(wrapFor({ ...output, isTTY: true }, long).includes('\n'));
  });
});
