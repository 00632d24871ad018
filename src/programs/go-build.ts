/** Builds a program with Go, from modules that the go.mod and go.sum in `tools/` pin. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { run } from '../process/spawn';
import { builtFile, cacheDir } from './cache';
import { judge } from './candidate';
import type { ProgramSpec } from './catalog';
import type { FetchOptions } from './fetch-options';
import { fillCache } from './fill-cache';

/** `tools/` of this package: three folders up from build/src/programs. */
const TOOLS = join(__dirname, '..', '..', '..', 'tools');

/** A build on a slow machine takes half an hour; another run that waits for it waits that long. */
const LOCK_WAIT_MS = 60 * 60_000;

/**
 * Builds a program into the cache. Nothing is written into this package's own folder, which may be read-only.
 *
 * @returns its file; undefined where the program is not one to be built
 * @throws TestbedError (environment) where Go is missing or the build fails
 */
export async function goBuild(spec: ProgramSpec, options: FetchOptions): Promise<string | undefined> {
  const build = spec.goBuild;
  if (!build) return undefined;
  const { listener, signal } = options;
  const env = { ...options.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
  const settings = { cwd: join(TOOLS, build.tool), env, signal };
  const go = await run('go', ['version'], { ...settings, timeoutMs: 30_000 });
  if (go.startError || go.code !== 0) {
    throw new TestbedError('environment', `Go is not installed: ${go.startError?.message ?? go.stderr.trim()}`);
  }

  const file = builtFile(cacheDir(options.env), spec, build.version);
  const dir = dirname(file);
  const waiting = { task: spec.name, doing: 'building it', waitMs: LOCK_WAIT_MS, listener, signal };
  return fillCache(dir, waiting, async () => {
    // Another run may have built it while this one waited.
    if (!('refused' in (await judge(spec, file, signal)))) return file;
    const started = performance.now();
    listener?.({
      type: 'start',
      task: spec.name,
      detail: `building ${build.package} ${build.version} with ${go.stdout.trim()}; this usually takes ${build.takes}`,
    });

    // Listing downloads the modules, and says how many packages there are to compile.
    const listed = await run('go', ['list', '-deps', build.package], {
      ...settings,
      onLine: (line) => {
        if (line.startsWith('go: '))
          listener?.({ type: 'progress', task: spec.name, detail: line.slice('go: '.length) });
      },
    });
    if (listed.code !== 0) throw failed(build.package, listed.stderr);
    const total = listed.stdout.trim().split('\n').length;

    mkdirSync(dir, { recursive: true, mode: 0o755 });
    const partial = `${file}.partial`;
    try {
      let done = 0;
      const args = [
        'build',
        '-v',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags',
        `-s -w ${build.linkerFlags}`.trim(),
        '-o',
        partial,
        build.package,
      ];
      const built = await run('go', args, {
        ...settings,
        onLine: (line) => {
          // What Go has compiled before is left out, so that this may end far below the total.
          listener?.({ type: 'progress', task: spec.name, done: ++done, total, unit: 'packages', detail: line });
        },
      });
      if (built.code !== 0) throw failed(build.package, built.stderr);
      renameSync(partial, file);
    } finally {
      rmSync(partial, { force: true });
    }
    listener?.({
      type: 'done',
      task: spec.name,
      detail: `built ${file}`,
      seconds: (performance.now() - started) / 1000,
    });
    return file;
  });
}

function failed(what: string, stderr: string): TestbedError {
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('go: downloading'));
  const hint = stderr.includes('no space left on device')
    ? '; the disk is full: free some space, or point TMPDIR, GOCACHE and XDG_CACHE_HOME elsewhere'
    : '';
  return new TestbedError('environment', `go build ${what} failed${hint}:\n    ${lines.slice(-8).join('\n    ')}`);
}
