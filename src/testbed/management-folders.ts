/**
 * The state folder of several management clusters: a folder for each in it, which is that of a testbed. It has a mark of its
 * own, so that whoever names a folder by mistake ends no testbed that merely is in it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalidInput } from '../../lib/errors';
import { folderError, makeFolder } from '../util/make-folder';
import type { Named } from '../util/side-by-side';
import {
  checkStateFolder,
  contentOf,
  holdsManagementClusters,
  isTestbedFolder,
  MANAGEMENT_MARKER,
  releaseStateFolder,
} from './state-folder';

/** The folder of a testbed, which has a name where it is one of several. */
export interface TestbedFolder extends Named {
  readonly stateDir: string;
}

/**
 * Makes a folder one of several management clusters, where it is not yet.
 *
 * @throws TestbedError (`invalid-input`) for one that holds a testbed itself, or something else
 */
export function claimManagementFolder(stateDir: string): void {
  if (holdsManagementClusters(stateDir)) return;
  if (isTestbedFolder(stateDir))
    throw invalidInput(
      `${stateDir} holds one testbed, not several management clusters: run 'metal3-testbed down --delete' first, or give another --state-dir`,
    );
  checkStateFolder(stateDir);
  makeFolder(resolve(stateDir));
  try {
    writeFileSync(join(stateDir, MANAGEMENT_MARKER), '{}\n', { mode: 0o600 });
  } catch (error) {
    throw folderError(stateDir, error);
  }
}

/** The testbeds of a state folder: all below it where it is one of several management clusters, or the one that it may hold. */
export function testbedFolders(stateDir: string): readonly TestbedFolder[] {
  if (!holdsManagementClusters(stateDir)) return [{ stateDir }];
  return contentOf(stateDir)
    .toSorted()
    .map((name) => ({ name, stateDir: join(stateDir, name) }))
    .filter((each) => isTestbedFolder(each.stateDir));
}

/**
 * Takes the mark off a folder in which no testbed is left, and removes it if it is empty.
 *
 * @returns what else is in it; nothing where there are still testbeds
 */
export function releaseManagementFolder(stateDir: string): readonly string[] {
  if (!holdsManagementClusters(stateDir) || testbedFolders(stateDir).length > 0) return [];
  rmSync(join(stateDir, MANAGEMENT_MARKER), { force: true });
  return releaseStateFolder(stateDir);
}
