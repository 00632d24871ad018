import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import { kwokSimulator } from '../../../src/simulators/kwok';
import { bmoSimulator } from '../../../src/simulators/bmo';
import { operatorForm } from '../../../lib/components/baremetal-operator/process';
import { findProcess, startProcess, stopProcess } from '../../../src/simulators/background-process';
import { until } from '../../../src/util/until';
import { atEnd, tempDir } from '../../support/temp-dir';

/** A program that answers on the address it is given, as both simulators do, and says on its log how it was called. */
const answering = `
const { createServer } = require('node:http');
const args = process.argv.slice(2);
console.log(JSON.stringify({ args, kubeconfig: process.env.KUBECONFIG, secret: process.env.SOME_TOKEN }));
const address = (args[args.indexOf('--server-address') + 1] ?? '').includes(':') && args.includes('--server-address')
  ? args[args.indexOf('--server-address') + 1]
  : args.find((arg) => arg.startsWith('--health-addr=')).slice('--health-addr='.length);
const [host, port] = address.split(':');
createServer((request, response) => response.end('ok')).listen(Number(port), host);
`;

function setUp(t: TestContext, script = answering) {
  const dir = tempDir(t);
  const stateDir = join(dir, 'state');
  atEnd(t, () => stopProcess(stateDir));
  const program = join(dir, 'program');
  writeFileSync(program, `#!${process.execPath}\n${script}`);
  chmodSync(program, 0o755);
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, 'apiVersion: v1\n');
  return { stateDir, program, kubeconfig, timeoutSeconds: 20 };
}

async function fails(action: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof TestbedError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

/** A process that has ended is there until its parent, which may be this one, has heard of it. */
async function isGone(pid: number): Promise<void> {
  const hasProcess = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  assert.ok(await until(() => !hasProcess(), { deadlineMs: 10_000, everyMs: 20 }), `process ${pid} has not ended`);
}

describe('a simulator', () => {
  it('runs until it is stopped, and is found', async (t) => {
    const props = setUp(t);
    const started = await startProcess({ ...props, ...kwokSimulator([{ kind: 'Stage' }]) });
    assert.equal(started.found, false);
    assert.equal(findProcess(props.stateDir)?.pid, started.pid);
    assert.equal(readFileSync(join(props.stateDir, 'kwok-stages.yaml'), 'utf8'), '{"kind":"Stage"}\n');
    assert.equal(await stopProcess(props.stateDir), true);
    assert.equal(findProcess(props.stateDir), undefined);
    assert.equal(await stopProcess(props.stateDir), false);
  });

  it('is left alone where it runs with the same props, and started anew with others', async (t) => {
    const props = setUp(t);
    const first = await startProcess({ ...props, ...kwokSimulator([{ a: 1 }]) });
    const again = await startProcess({ ...props, ...kwokSimulator([{ a: 1 }]) });
    assert.deepEqual(again, { ...first, found: true });
    const other = await startProcess({ ...props, ...kwokSimulator([{ a: 2 }]) });
    assert.notEqual(other.pid, first.pid);
    const operator = await startProcess({
      ...props,
      ...bmoSimulator(operatorForm({ args: ['--test-mode'], env: {} })),
    });
    assert.equal(findProcess(props.stateDir)?.kind, 'bmo');
    await isGone(other.pid);
    assert.notEqual(operator.pid, other.pid);
  });

  it('is given the kubeconfig and what is meant for it, not what else is in the environment', async (t) => {
    const props = setUp(t);
    process.env.SOME_TOKEN = 'of the caller';
    t.after(() => delete process.env.SOME_TOKEN);
    const { logFile } = await startProcess({
      ...props,
      ...bmoSimulator(operatorForm({ args: ['--test-mode'], env: { BMO_CONCURRENCY: '3' } })),
    });
    const call = JSON.parse(readFileSync(logFile, 'utf8')) as { args: string[]; kubeconfig: string; secret?: string };
    assert.equal(call.kubeconfig, props.kubeconfig);
    assert.equal(call.secret, undefined);
    assert.equal(call.args[0], '--test-mode');
    assert.match(call.args[1] ?? '', /^--health-addr=127\.0\.0\.1:\d+$/);
    assert.match(call.args[2] ?? '', /^--metrics-addr=127\.0\.0\.1:\d+$/);
  });

  it('that ends at once is an error with the end of its log, and leaves nothing behind', async (t) => {
    const props = setUp(t, `console.log('no such flag'); process.exit(2);`);
    await fails(
      startProcess({ ...props, ...kwokSimulator([]) }),
      'environment',
      /kwok ended \(exit code 2\)[^]*no such flag/,
    );
    assert.equal(findProcess(props.stateDir), undefined);
  });

  it('that does not become ready is stopped', async (t) => {
    const props = setUp(t, `console.log('thinking'); setInterval(() => {}, 1000);`);
    await fails(
      startProcess({ ...props, ...kwokSimulator([]), timeoutSeconds: 1 }),
      'timeout',
      /did not become ready in time[^]*thinking/,
    );
    assert.equal(findProcess(props.stateDir), undefined);
  });

  it('is stopped where its start is aborted', async (t) => {
    const props = setUp(t, `setInterval(() => {}, 1000);`);
    const abort = new AbortController();
    const starting = startProcess({ ...props, ...kwokSimulator([]), signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(starting, /enough/);
    assert.equal(findProcess(props.stateDir), undefined);
  });

  it('is stopped though its folder was deleted under it', async (t) => {
    const props = setUp(t);
    const { pid } = await startProcess({ ...props, ...kwokSimulator([]) });
    rmSync(props.stateDir, { recursive: true });
    assert.equal(await stopProcess(props.stateDir), true);
    await isGone(pid);
  });

  it('is refused without a kubeconfig or a program, before anything is started', async (t) => {
    const props = setUp(t);
    await fails(
      startProcess({ ...props, ...kwokSimulator([]), kubeconfig: '/nowhere' }),
      'invalid-input',
      /kubeconfig \/nowhere cannot be read/,
    );
    await fails(startProcess({ ...props, ...kwokSimulator([]), program: '/nowhere' }), 'environment', /\/nowhere/);
    assert.equal(findProcess(props.stateDir), undefined);
  });
});
