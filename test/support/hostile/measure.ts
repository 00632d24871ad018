/** Loaded before a program: leaves in a file how much memory the process has had at most. */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['METAL3_TESTBED_TEST_PEAK'];
process.on('exit', () => {
  if (file === undefined) return;
  const [, kiB = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeFileSync(file, kiB);
});
