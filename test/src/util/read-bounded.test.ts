import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createWriteStream, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveHostSet } from '../../../src/testbed/host-set-entry';
import { readRecord, kindLayout } from '../../../src/cluster/kind/record';
import { readPorts, stateLayout } from '../../../src/cluster/local/state';
import { readState } from '../../../src/testbed/state';
import { readBounded, readBoundedSync } from '../../../src/util/read-bounded';
import { tempDir } from '../../support/temp-dir';

describe('a file of a state folder', () => {
  it('is read at once', (t) => {
    const file = join(tempDir(t), 'a');
    writeFileSync(file, 'x'.repeat(200_000));
    assert.equal(readBoundedSync(file, 200_000).length, 200_000);
  });

  it('is not read where it has no end, is too large, or nobody writes to it', (t) => {
    const dir = tempDir(t);
    const large = join(dir, 'large');
    writeFileSync(large, '');
    truncateSync(large, 1_500_000_000);
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.throws(() => readBoundedSync(large), { code: 'it has more than 8388608 bytes' });
    for (const endless of ['/dev/zero', pipe])
      assert.throws(() => readBoundedSync(endless), { code: 'it is not a file' });
    assert.throws(() => readBoundedSync(dir), { code: 'EISDIR' });
    assert.throws(() => readBoundedSync(join(dir, 'none')), { code: 'ENOENT' });
  });

  it('does not keep a command waiting where somebody has put a pipe in its place', (t) => {
    const dir = tempDir(t);
    for (const name of ['cluster.json', 'testbed.json']) execFileSync('mkfifo', [join(dir, name)]);
    assert.equal(readPorts(stateLayout(dir)), undefined);
    assert.equal(readRecord(kindLayout(dir)), undefined);
    assert.throws(() => readState(dir), /testbed\.json is damaged: delete it/);
  });
});

describe('a file that somebody named', () => {
  it('is read whole', async (t) => {
    const file = join(tempDir(t), 'a');
    writeFileSync(file, 'x'.repeat(200_000));
    assert.equal((await readBounded(file, 200_000)).length, 200_000);
  });

  it('is refused where it has no end, or is too large, before memory is taken for it', async (t) => {
    const file = join(tempDir(t), 'large');
    writeFileSync(file, '');
    truncateSync(file, 1_500_000_000);
    const before = process.memoryUsage().rss;
    for (const large of ['/dev/zero', file]) await assert.rejects(readBounded(large, 1_000_000), /more than 1000000/);
    assert.ok(process.memoryUsage().rss - before < 100_000_000);
  });

  it('is not waited for for ever where it is a pipe without a writer', async (t) => {
    const pipe = join(tempDir(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(readBounded(pipe, 100, 100), /nobody has written all of it after 0.1 s/);
    const read = readBounded(pipe, 100, 10_000);
    createWriteStream(pipe).end('secret\n');
    assert.equal((await read).toString(), 'secret\n');
  });

  it('gives an error of one sentence where it was to hold credentials', async (t) => {
    const set = { count: 1, credentials: { username: 'a', passwordFrom: { file: '/dev/zero' } } };
    await assert.rejects(resolveHostSet(set, tempDir(t)), {
      code: 'invalid-input',
      message: /passwordFrom\.file \/dev\/zero cannot be read \(it has more than 1048576 bytes\)/,
    });
  });
});
