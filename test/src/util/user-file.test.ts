import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { requireUserFile, writeUserFile } from '../../../src/util/user-file';
import { rejects } from '../../support/rejects';
import { tempDir } from '../../support/temp-dir';

const isRoot = process.geteuid?.() === 0;

function fifo(dir: string): string {
  const path = join(dir, 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

describe('a file that a user named', () => {
  it('is made with 0644, and keeps its mode where it is there', async (t) => {
    const file = join(tempDir(t), 'report.html');
    await writeUserFile(file, 'new');
    assert.equal(fs.statSync(file).mode & 0o777, 0o644 & ~process.umask());
    fs.chmodSync(file, 0o666);
    await writeUserFile(file, 'newer');
    assert.equal(fs.readFileSync(file, 'utf8'), 'newer');
    assert.equal(fs.statSync(file).mode & 0o777, 0o666);
    assert.deepEqual(fs.readdirSync(join(file, '..')), ['report.html']);
  });

  it('is written where its links lead, to a file that is there or not yet, and the links stay', async (t) => {
    const dir = tempDir(t);
    fs.mkdirSync(join(dir, 'there'));
    fs.writeFileSync(join(dir, 'there', 'old'), 'old');
    fs.symlinkSync('there/old', join(dir, 'first'));
    fs.symlinkSync('first', join(dir, 'second'));
    fs.symlinkSync('there/new', join(dir, 'dangling'));
    await writeUserFile(join(dir, 'second'), 'a');
    await writeUserFile(join(dir, 'dangling'), 'b');
    assert.equal(fs.readFileSync(join(dir, 'there', 'old'), 'utf8'), 'a');
    assert.equal(fs.readFileSync(join(dir, 'there', 'new'), 'utf8'), 'b');
    for (const link of ['first', 'second', 'dangling'])
      assert.ok(fs.lstatSync(join(dir, link)).isSymbolicLink(), `${link} is a link still`);
  });

  it('stays the same file where it has several names', async (t) => {
    const dir = tempDir(t);
    const [a, b] = [join(dir, 'a'), join(dir, 'b')];
    fs.writeFileSync(a, 'longer than what comes');
    fs.linkSync(a, b);
    await writeUserFile(a, 'short');
    assert.equal(fs.readFileSync(b, 'utf8'), 'short');
  });

  it('stays a device where it is one', { skip: isRoot ? false : 'only root makes devices' }, async (t) => {
    const dir = tempDir(t);
    const device = join(dir, 'null');
    if (spawnSync('mknod', [device, 'c', '1', '3']).status !== 0) return t.skip('devices cannot be made here');
    fs.symlinkSync('null', join(dir, 'link'));
    // A file system may have been mounted so that its devices cannot be opened; they have to stay all the same.
    for (const name of ['null', 'link'])
      await writeUserFile(join(dir, name), 'x'.repeat(200_000)).catch(() => undefined);
    assert.ok(fs.lstatSync(device).isCharacterDevice());
    assert.deepEqual(fs.readdirSync(dir).sort(), ['link', 'null']);
  });

  it('gives a FIFO as a whole to its reader, who may come later', async (t) => {
    const path = fifo(tempDir(t));
    const content = 'x'.repeat(300_000);
    const written = writeUserFile(path, content);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => reader.kill());
    assert.equal(await text(reader.stdout), content);
    await written;
    assert.ok(fs.lstatSync(path).isFIFO());
  });

  it('is done with a FIFO whose reader has had enough', async (t) => {
    const path = fifo(tempDir(t));
    const reader = spawn('head', ['-c', '1', path], { stdio: 'ignore' });
    t.after(() => reader.kill());
    const ended = once(reader, 'exit');
    await writeUserFile(path, 'x'.repeat(1_000_000));
    await ended;
  });

  it('does not wait for ever for the reader of a FIFO, and not beyond an interrupt', async (t) => {
    const path = fifo(tempDir(t));
    await rejects(writeUserFile(path, 'x', { readerMs: 60 }), /fifo is a FIFO that nobody read for 0\.06 s/, 'timeout');
    const controller = new AbortController();
    const waiting = writeUserFile(path, 'x', { signal: controller.signal });
    controller.abort(new Error('interrupted'));
    await assert.rejects(waiting, /interrupted/);
  });

  it('is refused by name with what is wrong', async (t) => {
    const dir = tempDir(t);
    fs.writeFileSync(join(dir, 'file'), '');
    fs.symlinkSync('circle', join(dir, 'circle'));
    await rejects(
      writeUserFile(dir, ''),
      /cannot be written \(it is a folder, EISDIR\): name another file/,
      'environment',
    );
    await rejects(writeUserFile(join(dir, 'no', 'file'), ''), /its folder does not exist, ENOENT/, 'environment');
    await rejects(writeUserFile(join(dir, 'file', 'x'), ''), /a part of the path is a file, ENOTDIR/, 'environment');
    await rejects(writeUserFile(join(dir, 'circle'), ''), /its links lead in a circle, ELOOP/, 'environment');
    assert.deepEqual(fs.readdirSync(dir).sort(), ['circle', 'file']);
  });

  it('is refused before the work where it could not be written after it', async (t) => {
    const dir = tempDir(t);
    await rejects(requireUserFile(dir), /is a folder: name a file in it/, 'invalid-input');
    await rejects(requireUserFile(join(dir, 'no', 'report.json')), /there is no folder .*no; make it/, 'invalid-input');
    await requireUserFile(join(dir, 'report.json'));
    await requireUserFile('-');
  });
});
