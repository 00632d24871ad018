import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import type { TestbedEvent } from '../../../src/util/events';
import { platform } from '../../../src/programs/cache';
import { CATALOG } from '../../../src/programs/catalog';
import { findProgram } from '../../../src/programs/find';
import { goBuild } from '../../../src/programs/go-build';
import { tempDir } from '../../support/temp-dir';
import { script } from './fake-program';

const { release: _release, image: _image, ...KWOK } = CATALOG.kwok;

/** A stand-in for Go that "compiles" a script; the real one is run by hand and by the workflow, as it takes minutes. */
function machineWithGo(t: TestContext, build: string) {
  const dir = tempDir(t);
  script(
    join(dir, 'bin/go'),
    `echo "$PWD $GOFLAGS $CGO_ENABLED $*" >> ${join(dir, 'calls')}
case $1 in
  version) echo go version go9.9.9 ;;
  list) echo "go: downloading example.com/module v1.0.0" >&2; echo a; echo b ;;
  build)
    while [ "$1" != -o ]; do shift; done
    ${build}
    ;;
esac`,
  );
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), PATH: `${join(dir, 'bin')}:/usr/bin:/bin` };
  const calls = () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n');
  return { env, calls, cache: join(dir, 'cache', 'metal3-testbed', platform()) };
}

const COMPILES = `echo example.com/a >&2; printf '#!/bin/sh\\necho fake kwok v0.8.0\\n' > "$2"; chmod +x "$2"`;

describe('goBuild', () => {
  it('builds from the pinned modules into the cache and shows what it compiles', async (t) => {
    const { env, calls, cache } = machineWithGo(t, COMPILES);
    const events: TestbedEvent[] = [];
    const found = await findProgram('kwok', { env, spec: KWOK, listener: (event) => events.push(event) });
    assert.deepEqual(found, {
      name: 'kwok',
      file: join(cache, 'kwok-v0.8.0-go-build', 'kwok'),
      version: 'v0.8.0',
      source: 'go build',
      image: undefined,
      tagged: undefined,
      why: 'go build; PATH: no kwok in it',
    });
    const build = calls().find((line) => line.includes(' build '));
    assert.match(build ?? '', /tools\/kwok -mod=readonly 0 build -v -trimpath .* sigs\.k8s\.io\/kwok\/cmd\/kwok$/);
    const details = events.flatMap((event) => (event.type === 'progress' && event.detail ? [event.detail] : []));
    assert.ok(details.includes('downloading example.com/module v1.0.0'), details.join('\n'));
    const compiled = { type: 'progress', task: 'kwok', done: 1, total: 2, unit: 'packages', detail: 'example.com/a' };
    assert.deepEqual(
      events.find((event) => event.type === 'progress' && event.unit === 'packages'),
      compiled,
    );
  });

  it('ships a go.mod and a go.sum for every program it builds', () => {
    for (const { goBuild: build } of Object.values(CATALOG)) {
      if (!build) continue;
      const tool = join(__dirname, '../../../..', 'tools', build.tool);
      const modules = readFileSync(join(tool, 'go.mod'), 'utf8');
      const tools = modules.split('\n').map((line) => line.replace(/^(tool )?\s*/, ''));
      assert.ok(tools.includes(build.package), build.tool);
      assert.ok(modules.includes(` ${build.version}`), build.tool);
      assert.ok(existsSync(join(tool, 'go.sum')));
    }
  });

  it('gives the end of what the compiler said when it fails, and leaves no part of a program', async (t) => {
    const { env, cache } = machineWithGo(t, `echo half > "$2"; echo "link: signal: killed" >&2; exit 1`);
    await assert.rejects(goBuild(KWOK, { env }), (error: TestbedError) => {
      assert.equal(error.code, 'environment');
      assert.match(error.message, /go build sigs\.k8s\.io\/kwok\/cmd\/kwok failed:\n {4}link: signal: killed/);
      return true;
    });
    assert.deepEqual(readdirSync(join(cache, 'kwok-v0.8.0-go-build')), []);
  });

  it('builds once when two runs ask at the same moment', async (t) => {
    const { env, calls } = machineWithGo(t, COMPILES);
    const files = await Promise.all([goBuild(KWOK, { env }), goBuild(KWOK, { env })]);
    assert.equal(files[0], files[1]);
    assert.equal(calls().filter((line) => line.includes(' build ')).length, 1);
  });

  it('stops the compiler when it is aborted', async (t) => {
    const abort = new AbortController();
    const { env, cache } = machineWithGo(t, 'echo half > "$2"; echo started >&2; exec tail -f /dev/null');
    const listener = (event: TestbedEvent) => {
      if (event.type === 'progress' && event.detail === 'started') abort.abort(new Error('enough'));
    };
    await assert.rejects(goBuild(KWOK, { env, signal: abort.signal, listener }), /enough/);
    assert.deepEqual(readdirSync(join(cache, 'kwok-v0.8.0-go-build')), []);
  });
});
