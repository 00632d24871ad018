/** The folder on this machine in which a resource keeps a cluster. */
import { join, resolve } from 'node:path';
import { stateHome } from '../../src/testbed/state';
import { removeIfEmpty } from '../../src/util/remove-if-empty';

export interface OwnedFolder {
  /** @default - one for this resource of this stack, below XDG_STATE_HOME */
  readonly stateDir?: string;
  /** Which resource this is, among all stacks. */
  readonly owner: string;
}

/** A cluster that has another name in the program, or is in a stack of another name, is still the same: it keeps its owner. */
export function withOwner<I extends OwnedFolder>(olds: Partial<OwnedFolder> | undefined, news: I): I {
  return { ...news, owner: olds?.owner ?? news.owner };
}

export function stateDirOf({ stateDir, owner }: OwnedFolder): string {
  return stateDir === undefined ? join(stateHome(), 'pulumi', owner) : resolve(stateDir);
}

/** Removes the folders of the stack, its project and all projects, where this was the last one in them. */
export function removeEmptyAbove(folder: OwnedFolder): void {
  if (folder.stateDir !== undefined) return;
  for (const above of ['..', '../..', '../../..']) removeIfEmpty(resolve(stateDirOf(folder), above));
}

/** What of the inputs is an argument of the program. */
export function argumentsOf(inputs: object): object {
  return { ...inputs, owner: undefined, __provider: undefined };
}
