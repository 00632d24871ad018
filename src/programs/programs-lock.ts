/** `programs.lock.json`: what digest a tag of an image stood for when it was first used, and stands for from then on. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import { isMap } from '../util/is-map';
import { withLock } from '../util/lock';
import { readBoundedSync } from '../util/read-bounded';
import { writeUserFile } from '../util/user-file';
import { cacheDir } from './cache';
import { isDigest } from './image/reference';

/** The lock file's name, in a testbed's folder or beside testbed.yaml. */
export const PROGRAMS_LOCK = 'programs.lock.json';

const LOCK_VERSION = 1;

/**
 * The lock file that counts for a testbed.
 *
 * @param lockFile that somebody named. @default - the testbed's own, in its folder
 */
export function programsLock(stateDir: string, lockFile?: string): string {
  return lockFile ?? join(stateDir, PROGRAMS_LOCK);
}

/** Digests by the whole names of images: `quay.io/metal3-io/baremetal-operator:v0.13.2`. */
export type LockedImages = ReadonlyMap<string, string>;

/**
 * @returns what the file locks; nothing where there is no file
 * @throws TestbedError (`invalid-input`) for a file that is not a lock file
 */
export function readProgramsLock(file: string): LockedImages {
  let text: string;
  try {
    text = readBoundedSync(file).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return new Map();
    throw new TestbedError('environment', `${file} cannot be read (${code})`, { cause: error });
  }
  const damaged = (what: string) =>
    invalidInput(`${file} ${what}: restore it, or delete it to take what the tags of images stand for now`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged('is not valid JSON');
  }
  if (!isMap(value) || value['lockVersion'] !== LOCK_VERSION) throw damaged(`has no lockVersion ${LOCK_VERSION}`);
  if (!isMap(value['images'])) throw damaged('has no images');
  return new Map(
    Object.entries(value['images']).map(([image, digest]) => {
      if (!isDigest(digest)) throw damaged(`has no valid digest for '${quoted(image, 200)}'`);
      return [image, digest];
    }),
  );
}

/**
 * Adds to a lock file what images stand for.
 *
 * @param images by their whole names
 * @param replace whether what it has already is replaced
 * @throws TestbedError as {@link readProgramsLock}, and (`environment`) where it cannot be written
 */
export async function lockImages(
  file: string,
  images: LockedImages,
  { env = process.env, replace = false }: { readonly env?: NodeJS.ProcessEnv; readonly replace?: boolean } = {},
): Promise<void> {
  const changes = (locked: LockedImages) =>
    [...images].some(([image, digest]) => (replace ? locked.get(image) !== digest : !locked.has(image)));
  if (!changes(readProgramsLock(file))) return;
  const guard = join(cacheDir(env), 'programs.lock');
  mkdirSync(dirname(guard), { recursive: true, mode: 0o755 });
  await withLock(guard, async () => {
    const locked = readProgramsLock(file);
    if (!changes(locked)) return;
    // Of two by one name the later one counts.
    const all = replace ? [...locked, ...images] : [...images, ...locked];
    const sorted = Object.entries(Object.fromEntries(all)).sort(([a], [b]) => (a < b ? -1 : 1));
    const content = { lockVersion: LOCK_VERSION, images: Object.fromEntries(sorted) };
    await writeUserFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
  });
}

/** Adds to a lock file what the programs of a testbed were taken from, where that has a tag. */
export async function lockPrograms(
  file: string,
  programs: readonly { readonly image?: string | undefined; readonly tagged?: string | undefined }[],
): Promise<void> {
  const images = programs.flatMap(({ image, tagged }) =>
    image === undefined || tagged === undefined ? [] : [[tagged, image.slice(tagged.length + 1)] as const],
  );
  await lockImages(file, new Map(images));
}
