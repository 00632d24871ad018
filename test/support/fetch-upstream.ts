/**
 * `npm run upstream`: fetches the releases that are built in from their own addresses, renders them, and writes them where the
 * tests that compare with them look. What was fetched is pinned in test/upstream.lock.json the first time, and has to be the same
 * ever after.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../lib/upstream';
import { yamlDocument } from '../../lib/yaml';
import { addManifests, readManifests } from '../../src/upstream/manifests';
import { root } from './cli';
import { upstreamFolder } from './upstream';
import { UPSTREAM_SOURCES, withImageTag, type GitSource, type UpstreamSource } from './upstream-sources';

export interface UpstreamOptions {
  /** @default the releases that are built in */
  readonly sources?: readonly UpstreamSource[];
  /** Where they are written. */
  readonly folder: string;
  readonly lockFile: string;
  /** With mirrors, and settings of git. @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  readonly onWritten: (file: string, objects: number) => void;
}

/** Far more than a shallow clone of a repository takes. */
const CLONE_MS = 5 * 60_000;

/** Fetches releases, renders and writes them, one after the other. @throws where one cannot be had, or is not what is pinned */
export async function fetchUpstream(options: UpstreamOptions): Promise<void> {
  for (const source of options.sources ?? UPSTREAM_SOURCES) {
    const objects = withImageTag(await objectsOf(source, options), source);
    const file = join(options.folder, source.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, objects.map((object) => yamlDocument(object)).join(''));
    options.onWritten(source.file, objects.length);
  }
}

async function objectsOf({ name, from }: UpstreamSource, options: UpstreamOptions): Promise<readonly Manifest[]> {
  const { lockFile, env } = options;
  if ('repository' in from) return objectsOfRepository(name, from, env);
  await addManifests(name, from.url, { lockFile, env });
  return readManifests(name, { lockFile, env });
}

/** A repository's configuration, which its release has no manifest of: the tag's commit is what pins it. */
async function objectsOfRepository(
  name: string,
  { repository, tag, commit, folder }: GitSource,
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly Manifest[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'metal3-testbed-upstream-'));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'advice.detachedHead=false', ...args], {
      encoding: 'utf8',
      timeout: CLONE_MS,
      // Nobody is there to be asked for a password.
      env: { ...env, GIT_TERMINAL_PROMPT: '0' },
    });
  try {
    git('clone', '--quiet', '--depth', '1', '--branch', tag, repository, scratch);
    const cloned = git('-C', scratch, 'rev-parse', 'HEAD').trim();
    if (cloned !== commit)
      throw new Error(`the tag ${tag} of ${repository} is the commit ${cloned} now, not ${commit}`);
    const lockFile = join(scratch, 'manifests.lock.json');
    await addManifests(name, join(scratch, folder), { lockFile, env });
    return readManifests(name, { lockFile, env });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (require.main === module)
  fetchUpstream({
    folder: upstreamFolder,
    lockFile: join(root, 'test', 'upstream.lock.json'),
    onWritten: (file, objects) => process.stdout.write(`${file}: ${objects} objects\n`),
  }).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
