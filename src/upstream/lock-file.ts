import { TestbedError, invalidInput } from '../../lib/errors';
import { withoutUndefined } from '../../lib/without-undefined';
import { readBoundedSync } from '../util/read-bounded';
import { writeUserFile } from '../util/user-file';
import { sha256Pattern } from './cache';

/** The lock file's name; it stands beside testbed.yaml and is committed with it. */
export const lockFileName = 'manifests.lock.json';

export interface LockedManifests {
  /** A URL, or the path of a file or kustomize folder, relative to the lock file's own folder. */
  readonly source: string;
  /** Of the content; of what kustomize makes of a folder. */
  readonly sha256: string;
  /** Values of variables that were given, of manifests that are written for clusterctl. @default none */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Names of variables whose values came from the environment, and stay there. @default none */
  readonly environment?: readonly string[] | undefined;
}

/** By name, in the order of the names. */
export type LockedByName = ReadonlyMap<string, LockedManifests>;

const lockVersion = 1;
const namePattern = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

/** @throws TestbedError (`invalid-input`) */
export function requireManifestsName(name: string): string {
  if (namePattern.test(name)) return name;
  throw invalidInput(
    `'${name}' is not a valid name for manifests: use at most 63 of a-z, 0-9, '.', '_' and '-', such as bmo-v0.3`,
  );
}

/**
 * @returns what the file locks; nothing where there is no file
 * @throws TestbedError (`invalid-input`) for a file that is not a lock file
 */
export function readLockFile(file: string): LockedByName {
  let text: string;
  try {
    text = readBoundedSync(file).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new Map();
    throw new TestbedError('environment', `${file} cannot be read (${code})`, { cause: error });
  }
  const damaged = (what: string) =>
    invalidInput(`${file} ${what}: restore it from version control, or delete it and add the manifests again`);
  let value: { readonly lockVersion?: unknown; readonly manifests?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw damaged('is not valid JSON');
  }
  if (value?.lockVersion !== lockVersion) throw damaged(`has no lockVersion ${lockVersion}`);
  if (typeof value.manifests !== 'object' || value.manifests === null) throw damaged('has no manifests');
  const entries = Object.entries(value.manifests as Record<string, Partial<LockedManifests> | null>);
  return new Map(
    entries.map(([name, entry]) => {
      if (!namePattern.test(name)) throw damaged(`has a name that is not valid, '${name}'`);
      const { source, sha256, variables, environment } = entry ?? {};
      if (typeof source !== 'string' || source === '') throw damaged(`has no source for ${name}`);
      if (typeof sha256 !== 'string' || !sha256Pattern.test(sha256)) throw damaged(`has no SHA-256 for ${name}`);
      if (!isMapOfStrings(variables ?? {})) throw damaged(`has no values for the variables of ${name}`);
      if (!isListOfStrings(environment ?? [])) throw damaged(`has no names for the variables of ${name}`);
      return [name, withoutUndefined({ source, sha256, variables, environment })];
    }),
  );
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isMapOfStrings(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isListOfStrings(Object.values(value));
}

/** Writes the whole file or nothing; the same content gives the same bytes. */
export async function writeLockFile(file: string, locked: LockedByName): Promise<void> {
  const sorted = [...locked].sort(([a], [b]) => (a < b ? -1 : 1));
  const content = { lockVersion, manifests: Object.fromEntries(sorted) };
  await writeUserFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
