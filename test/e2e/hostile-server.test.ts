import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeState } from '../../src/testbed/state';
import { cli } from '../support/cli';
import { certificateOfLoopback, type Certificate } from '../support/hostile/certificate';
import { MODES, type Command, type Mode } from '../support/hostile/modes';
import { startHostile } from '../support/hostile/server';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-hostile-'));
/** All of them take minutes of CPU; else every mode is met by one command over each protocol. */
const isLong = process.env['METAL3_TESTBED_HOSTILE'] === 'all';
const REQUEST_SECONDS = 2;
const WAIT_SECONDS = 5;
const MAX_MIB = 300;
/** Much of it is the machine's, where others work too. */
const MAX_SECONDS = 45;
const ALL: readonly Command[] = ['apply', 'status', 'wait', 'up', 'diff', 'prune', 'run'];
const measure = join(__dirname, '..', 'support', 'hostile', 'measure.js');
let certificate: Certificate;

/** The arguments of a command that meets the server; what it reads of folders is made first. */
function argumentsOf(command: Command, folder: string, kubeconfig: string, waitSeconds: number): readonly string[] {
  const stateDir = join(folder, 'state');
  const state = ['--state-dir', stateDir];
  if (command === 'up' || command === 'run') {
    const program = join(folder, 'manager');
    writeFileSync(program, '#!/bin/sh\necho Usage of manager: -test-mode -provisioner >&2\n', { mode: 0o755 });
    return [
      command,
      '--cluster',
      'existing',
      '--kubeconfig',
      kubeconfig,
      '--context',
      'lab',
      '--simulator',
      'bmo',
      ...state,
    ];
  }
  if (command === 'status' || command === 'wait') {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    // A testbed's own is in its folder.
    const own = join(stateDir, 'kubeconfig');
    copyFileSync(kubeconfig, own);
    writeState(stateDir, { cluster: 'existing', kubeconfig: own, context: 'lab', simulator: 'bmo' });
    return command === 'status'
      ? ['status', ...state]
      : ['wait', '--for', 'available', '--timeout', `${waitSeconds}`, ...state];
  }
  const manifests = join(folder, 'manifests.yaml');
  const objects = Array.from({ length: 100 }, (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-${i}}\n`);
  writeFileSync(manifests, objects.join('---\n'));
  return [command, manifests, '--kubeconfig', kubeconfig, ...state];
}

async function meets(mode: Mode, command: Command, isSecure: boolean): Promise<void> {
  const folder = mkdtempSync(join(dir, 'case-'));
  const [requestSeconds, waitSeconds] = mode.isLarge === true ? [20, 30] : [REQUEST_SECONDS, WAIT_SECONDS];
  const server = await startHostile(mode, isSecure ? certificate : undefined);
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    const ca = isSecure ? { 'certificate-authority-data': Buffer.from(certificate.cert).toString('base64') } : {};
    const config = {
      'current-context': 'lab',
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      clusters: [{ name: 'lab', cluster: { server: server.url, ...ca } }],
      users: [{ name: 'lab', user: { token: 'none' } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    const peak = join(folder, 'peak');
    const env = {
      METAL3_TESTBED_REQUEST_TIMEOUT: `${requestSeconds}`,
      METAL3_TESTBED_TEST_PEAK: peak,
      NODE_OPTIONS: `--require ${measure}`,
    };
    const start = performance.now();
    const { code, stderr } = await cli(argumentsOf(command, folder, kubeconfig, waitSeconds), { cwd: folder, env });
    const seconds = (performance.now() - start) / 1000;
    const [sentence = ''] = /^error: .*$/ms.exec(stderr) ?? [];
    const mib = Math.round(Number(readFileSync(peak, 'utf8')) / 1024);
    if (process.env['METAL3_TESTBED_HOSTILE_SHOW'])
      console.log(
        `${command} ${isSecure ? 'h2' : 'h1'} ${code} ${seconds.toFixed(1)} s ${mib} MiB ${sentence.slice(0, 160)}`,
      );
    assert.match(sentence, mode.says);
    assert.equal(code, mode.code ?? 5, stderr.slice(0, 2_000));
    assert.doesNotMatch(stderr, /fault of metal3-testbed|^ +at /m);

    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.ok(sentence.length < 2_000, `${sentence.length} characters`);
    assert.ok(mib < MAX_MIB, `${mib} MiB`);
    assert.ok(seconds < MAX_SECONDS, `${seconds} s`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a server that is hostile, broken or another one', { timeout: 1_200_000, concurrency: 4 }, () => {
  before(async () => {
    certificate = await certificateOfLoopback();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const only = new RegExp(process.env['METAL3_TESTBED_HOSTILE_ONLY'] ?? '');
  for (const [i, mode] of MODES.entries()) {
    if (!only.test(mode.name)) continue;
    const { commands = ALL } = mode;
    const chosen = isLong ? commands : commands.filter((_, j) => j === i % commands.length || j === 0);
    for (const command of chosen) {
      const isBelow = mode.session !== undefined || mode.secureSocket !== undefined;
      if (!isBelow) it(`${mode.name}: ${command} says so over HTTP/1.1`, () => meets(mode, command, false));
      if (mode.socket === undefined && (isBelow || isLong || command === chosen.at(-1)))
        it(`${mode.name}: ${command} says so over HTTP/2`, () => meets(mode, command, true));
    }
  }
});
