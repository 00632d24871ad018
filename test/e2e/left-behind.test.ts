/** Nothing is left behind by tests that are killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { processIdentity } from '../../src/process/identity';
import { until } from '../../src/util/until';
import { tempDir } from '../support/temp-dir';

/** Starts what goes on by itself, as the servers of a control plane do, and says which process that is. */
const TEST = `
require(${JSON.stringify(join(__dirname, '..', 'support', 'tidy.js'))}).tidyAtExit(process.argv[1]);
const options = { detached: true, stdio: 'ignore', env: { HOME: process.argv[1] } };
const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], options);
require('node:fs').writeFileSync(process.argv[1] + '/pid', String(pid));
setInterval(() => 0, 1000);
`;

it('ends what a killed test has started, and removes its folder', { skip: !existsSync('/proc') }, async (t) => {
  const dir = join(tempDir(t), 'of-the-test');
  mkdirSync(dir);
  const test = spawn(process.execPath, ['-e', TEST, dir], { stdio: 'ignore' });
  const pid = () => (existsSync(join(dir, 'pid')) ? Number(readFileSync(join(dir, 'pid'), 'utf8')) : 0);
  assert.ok(await until(() => pid() > 0, { deadlineMs: 60_000 }));
  const started = pid();
  assert.ok(processIdentity(started) !== undefined);
  test.kill('SIGKILL');
  await once(test, 'exit');
  assert.ok(await until(() => processIdentity(started) === undefined && !existsSync(dir), { deadlineMs: 60_000 }));
});
