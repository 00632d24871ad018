import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CATALOG } from '../../src/programs/catalog';
import { atEnd, tempDir } from './temp-dir';

/** A machine on which nothing is, but what is put into its `bin`, and nothing can be fetched. */
export function bareMachine(t: TestContext): { readonly bin: string } {
  const dir = tempDir(t);
  const before = { ...process.env };
  atEnd(t, () => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const bin = join(dir, 'bin');
  const registries = ['quay.io', 'registry.k8s.io', 'gcr.io', 'docker.io'].map((name) => `${name}=127.0.0.1:9`);
  Object.assign(process.env, {
    HOME: dir,
    PATH: `${bin}:/usr/bin:/bin`,
    XDG_CACHE_HOME: join(dir, 'cache'),
    METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:9',
    METAL3_TESTBED_REGISTRIES: registries.join(','),
  });
  delete process.env['KUBEBUILDER_ASSETS'];
  for (const { variable } of Object.values(CATALOG)) delete process.env[variable];
  return { bin };
}
