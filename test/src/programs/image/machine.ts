import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CATALOG, type ProgramSpec } from '../../../../src/programs/catalog';
import { platform } from '../../../../src/programs/cache';
import type { ImageLimits } from '../../../../src/programs/image/limits';
import { takeFromImage, type TakeOptions } from '../../../../src/programs/image/take';
import type { TestbedEvent } from '../../../../src/util/events';
import { FakeRegistry } from '../../../support/fake-registry';
import { tempDir } from '../../../support/temp-dir';

/** What the images of these tests have in them. */
export const PROGRAM = '#!/bin/sh\necho "fake kwok v0.8.0"\n';
export const PATH_IN_IMAGE = 'usr/local/bin/kwok';

/** kwok, from an image alone. */
const { release: _release, goBuild: _build, ...KWOK } = CATALOG.kwok;
export const IMAGE_ONLY: ProgramSpec = KWOK;

/** Retries without waiting for long. */
export const QUICK: Partial<ImageLimits> = { backoffMs: 1 };

/** A registry, an empty cache, and a home in which nobody has logged in. */
export async function machine(t: TestContext) {
  const registry = await FakeRegistry.start(t);
  const dir = tempDir(t);
  const env = {
    HOME: dir,
    XDG_CACHE_HOME: join(dir, 'cache'),
    PATH: '/usr/bin:/bin',
    METAL3_TESTBED_REGISTRIES: `registry.k8s.io=${registry.host}`,
  };
  const events: TestbedEvent[] = [];
  const cache = join(dir, 'cache', 'metal3-testbed', platform());
  const take = (options: Partial<TakeOptions> = {}) =>
    takeFromImage(IMAGE_ONLY, {
      env,
      listener: (event) => events.push(event),
      ...options,
      limits: { ...QUICK, ...options.limits },
    });
  return {
    registry,
    dir,
    env,
    events,
    cache,
    take,
    /** The text of what is taken. */
    taken: async (options?: Partial<TakeOptions>) => readFileSync((await take(options))?.file ?? '', 'utf8'),
    /** What is in the cache besides locks and what tags stand for. */
    kept: () => (existsSync(cache) ? readdirSync(cache).filter((name) => !/\.lock(\.json)?$/.test(name)) : []),
    modeOf: (file: string) => statSync(file).mode & 0o7777,
    details: () => events.flatMap((event) => (event.type === 'progress' && event.detail ? [event.detail] : [])),
  };
}
