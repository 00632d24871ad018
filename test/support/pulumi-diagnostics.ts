import assert from 'node:assert/strict';
import type { CliResult } from './cli';

/**
 * That something failed, and of what it said that a reader is told why in one clean message: once, without a stack, and without
 * colours, since there is no terminal.
 *
 * @returns all that was said
 */
export function assertPlain({ code, stdout, stderr }: CliResult, why: RegExp): string {
  const said = stdout + stderr;
  assert.notEqual(code, 0, said);
  const [, diagnostics = ''] = said.split('Diagnostics:');
  assert.equal([...diagnostics.matchAll(new RegExp(why, 'g'))].length, 1, said);
  assert.doesNotMatch(said, /\n\s+at /);
  assert.doesNotMatch(said, /\x1b\[|TestbedError|unhandled/);
  return said;
}
