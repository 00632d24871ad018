import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { processIdentity } from '../../../src/process/identity';
import { runProgram } from '../../support/cli';
import { until } from '../../../src/util/until';
import { atEnd } from '../../support/temp-dir';

/** Listens in a thread, says where, and ends its first thread alone. */
const LISTENS_ON = `
import ctypes, socket, threading
server = socket.create_server(('127.0.0.1', 0))
threading.Thread(target=server.accept).start()
print(server.getsockname()[1], flush=True)
ctypes.CDLL(None).syscall(60, 0)
`;

describe('the identity of a process', () => {
  it('is that of one whose first thread has ended, for as long as others hold its ports', async (t) => {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return t.skip('a system call of Linux on x86-64 is made');
    const python = await runProgram('python3', ['--version']).catch(() => undefined);
    if (python?.code !== 0) return t.skip('python3 is not on PATH');
    const child = spawn('python3', ['-c', LISTENS_ON], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(t, () => child.kill('SIGKILL'));
    const pid = child.pid!;
    const before = processIdentity(pid);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const isZombie = () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    assert.ok(await until(() => Promise.resolve(isZombie()), { deadlineMs: 30_000 }), 'its first thread ends');
    assert.ok(before !== undefined);
    assert.equal(processIdentity(pid), before);
    // Whoever connects ends the other thread.
    connect(Number(line), '127.0.0.1').on('error', () => {});
    assert.ok(
      await until(() => Promise.resolve(processIdentity(pid) === undefined), { deadlineMs: 30_000 }),
      'it is gone',
    );
  });
});
