/**
 * `npm run upstream`: fetches the releases that are built in from their own addresses, renders them, and writes them where the
 * tests that compare with them look. What was fetched is pinned in test/upstream.lock.json the first time, and has to be the same
 * ever after.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { yamlDocument } from '../../lib/yaml';
import { addManifests, readManifests } from '../../src/upstream/manifests';
import { upstreamFolder } from './upstream';
import { UPSTREAM_SOURCES, withImageTag, type UpstreamSource } from './upstream-sources';

async function main(): Promise<void> {
  const lockFile = join(__dirname, '..', '..', '..', 'test', 'upstream.lock.json');
  for (const source of UPSTREAM_SOURCES) {
    const scratch = mkdtempSync(join(tmpdir(), 'metal3-testbed-upstream-'));
    try {
      const objects = withImageTag(await objectsOf(source, scratch, lockFile), source);
      const file = join(upstreamFolder, source.file);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, objects.map((object) => yamlDocument(object)).join(''));
      process.stdout.write(`${source.file}: ${objects.length} objects\n`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}

async function objectsOf({ name, from }: UpstreamSource, scratch: string, lockFile: string) {
  if ('url' in from) {
    await addManifests(name, from.url, { lockFile });
    return readManifests(name, { lockFile });
  }
  // A repository's configuration, which its release has no manifest of: the tag's commit is what pins it.
  execFileSync('git', ['clone', '--quiet', '--depth', '1', '--branch', from.tag, from.repository, scratch]);
  const ownLock = join(scratch, 'manifests.lock.json');
  await addManifests(name, join(scratch, from.folder), { lockFile: ownLock });
  return readManifests(name, { lockFile: ownLock });
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
