/**
 * The folder in which a testbed keeps its state. Somebody may name any folder by mistake: nothing in it is touched unless
 * it says that it is a testbed's, which `up` writes there before anything else.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { invalidInput } from '../../lib/errors';
import { kindLayout, readRecord } from '../cluster/kind/record';
import { readPorts, stateLayout } from '../cluster/local/state';
import { PROGRAMS_LOCK } from '../programs/programs-lock';
import { readInventory } from '../install/migrate-inventory';
import { readState } from './state';
import { folderError, makeFolder } from '../util/make-folder';
import { damaged, readJsonFile } from '../util/read-json-file';

const MARKER = '.metal3-testbed';
/** Of a folder that has one for each of several management clusters. */
export const MANAGEMENT_MARKER = '.management-clusters';
/** What is left of a testbed at its end. */
const OWN: readonly string[] = [MARKER, PROGRAMS_LOCK];
const ID = /^[0-9a-f]{8}$/;

/**
 * Looks whether a testbed can be kept in a folder, before anything is started for it. Nothing is written.
 *
 * @throws TestbedError: `invalid-input` for a path that cannot be a folder, and for a folder that holds something else;
 * `environment` for one that this user may not write to
 */
export function checkStateFolder(stateDir: string): void {
  try {
    const found = statSync(stateDir, { throwIfNoEntry: false });
    if (found === undefined) {
      accessSync(existingAbove(resolve(stateDir)), constants.W_OK | constants.X_OK);
      return;
    }
    if (!found.isDirectory()) throw invalidInput(`state folder ${stateDir} is a file: name a folder with --state-dir`);
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderError(stateDir, error);
  }
  if (isTestbedFolder(stateDir)) return;
  if (holdsManagementClusters(stateDir))
    throw invalidInput(
      `state folder ${stateDir} holds several management clusters, and this is one testbed: run 'metal3-testbed down --delete' first, or give another --state-dir`,
    );
  const others = contentOf(stateDir).filter((name) => !isLeftover(stateDir, name));
  if (others.length === 0) return;
  throw invalidInput(
    `state folder ${stateDir} is not empty and holds no testbed (${listed(others)}): name an empty or a new folder with --state-dir`,
  );
}

/**
 * Makes a folder a testbed's, where it is not one yet.
 *
 * @param id of a testbed that has another folder elsewhere. @default - that of the folder, or one of its own
 * @returns what tells the testbed from every other on the same cluster
 * @throws as {@link checkStateFolder}
 */
export function claimStateFolder(stateDir: string, id?: string): string {
  checkStateFolder(stateDir);
  if (id !== undefined && !ID.test(id)) throw invalidInput(`'${id}' is not a valid id of a testbed`);
  makeFolder(resolve(stateDir));
  return testbedId(stateDir) ?? mark(stateDir, id);
}

/** Whether `up` has been here; also one of an earlier version, which left no mark but what it wrote down. */
export function isTestbedFolder(stateDir: string): boolean {
  return (
    testbedId(stateDir) !== undefined ||
    readState(stateDir) !== undefined ||
    readPorts(stateLayout(stateDir)) !== undefined ||
    readRecord(kindLayout(stateDir)) !== undefined ||
    readInventory(stateDir) !== undefined
  );
}

/** Whether the testbeds in it are those of several management clusters. */
export function holdsManagementClusters(stateDir: string): boolean {
  return existsSync(join(stateDir, MANAGEMENT_MARKER));
}

/** @returns undefined where the folder has no mark @throws TestbedError (`environment`) where it cannot be read */
export function testbedId(stateDir: string): string | undefined {
  const file = join(stateDir, MARKER);
  const mark = readJsonFile(file) as { readonly id?: unknown } | null | undefined;
  if (mark === undefined) return undefined;
  if (typeof mark?.id !== 'string' || !ID.test(mark.id)) throw damaged(file);
  return mark.id;
}

/**
 * Takes the mark off a folder of which nothing else is left that is the testbed's, and removes the folder if it is empty.
 * A folder to which a link leads stays.
 *
 * @returns what somebody else has in it
 */
export function releaseStateFolder(stateDir: string): readonly string[] {
  for (const name of OWN) rmSync(join(stateDir, name), { force: true });
  const left = statSync(stateDir, { throwIfNoEntry: false }) !== undefined ? contentOf(stateDir) : [];
  if (left.length === 0 && !isLink(stateDir)) {
    try {
      rmdirSync(stateDir);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody's current folder, or a mount; what matters is that nothing is in it.
      if (!['ENOENT', 'ENOTEMPTY', 'EBUSY', 'EACCES', 'EPERM', 'EINVAL', 'EROFS'].includes(code ?? '')) throw error;
    }
  }
  return left;
}

/** Leaves no folder behind where nothing has come of a testbed: one in which there is the mark and nothing else. */
export function releaseUnused(stateDir: string): void {
  if (contentOf(stateDir).every((name) => OWN.includes(name))) releaseStateFolder(stateDir);
}

/** Two that begin at the same time agree on one mark: it comes into being with its content, or not at all. */
function mark(stateDir: string, id = randomBytes(4).toString('hex')): string {
  const file = join(stateDir, MARKER);
  const partial = `${file}.${process.pid}.partial`;
  const content = `${JSON.stringify({ id })}\n`;
  try {
    writeFileSync(partial, content, { mode: 0o600, flush: true });
    try {
      linkSync(partial, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      // A file system without links.
      writeFileSync(file, content, { mode: 0o600, flush: true, flag: 'wx' });
    }
    return id;
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code === 'EEXIST' ? testbedId(stateDir) : undefined;
    if (other !== undefined) return other;
    throw folderError(stateDir, error);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** What `apply`, `run` and a start that failed leave in a folder that is not a testbed's, and what a file system puts there. */
function isLeftover(stateDir: string, name: string): boolean {
  if (name === MANAGEMENT_MARKER) return true;
  if (/^(lost\+found|apply-sets\.json|(failed-)?report\.json|programs\.lock\.json|lock(\..*)?)$/.test(name))
    return true;
  const path = join(stateDir, name);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  // Several descriptions that are run side by side have folders below the one that is named.
  if (name !== 'run') return isTestbedFolder(path);
  return contentOf(path).every((each) =>
    /^(etcd|kube-apiserver|kube-controller-manager)\.(log|log\.1|pid)$/.test(each),
  );
}

export function contentOf(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw folderError(dir, error);
  }
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}

/** A link whose target is gone: what is made "there" would come up somewhere that nobody named. */
function requireNoLink(path: string): void {
  if (isLink(path))
    throw invalidInput(`state folder ${path} is a dangling link: create its target, or remove the link`);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function existingAbove(dir: string): string {
  requireNoLink(dir);
  const above = dirname(dir);
  if (above === dir) return dir;
  const found = statSync(above, { throwIfNoEntry: false });
  if (found === undefined) return existingAbove(above);
  if (!found.isDirectory()) throw invalidInput(`state folder ${dir} cannot be created: ${above} is a file`);
  return above;
}
