/** Whether what a stream does not have may be deleted. */
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream } from 'node:tty';
import { invalidInput } from '../../lib/errors';
import type { Removal } from '../apply/prune';

/** So much of a set may go without a question, where a pipe does not prove that it was whole. */
const MOST_SHARE = 0.1;
const MOST_OBJECTS = 10;
/** With one of these goes whatever is in it. */
const CONTAINERS = ['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io'];
/** Whoever does not answer is not there. */
const ANSWER_MS = 300_000;

export interface ConfirmOptions {
  /** The streams that have not proved that they were whole. */
  readonly unproven: readonly string[];
  readonly yes: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Clears the terminal for a question. */
  readonly onAsk: () => void;
}

/**
 * Lets a prune go on where the manifests are known to be whole, where little would go, or where somebody says yes.
 *
 * @throws TestbedError (`invalid-input`) otherwise
 */
export async function confirmPrune(removal: Removal, options: ConfirmOptions): Promise<void> {
  const { unproven, yes, signal, onAsk } = options;
  if (yes || unproven.length === 0 || !isMuch(removal)) return;
  const { set, members, removed, kinds } = removal;
  const what = Object.entries(kinds)
    .map(([groupKind, count]) => `${count} ${groupKind.split('.')[0]}`)
    .join(', ');
  const doubt = `${unproven.join(', ')} may be incomplete (no end mark), and ${removed} of the ${members} objects of the set ${set} are not in it (${what})`;
  if (process.stderr.isTTY) {
    onAsk();
    const answer = await ask(`${doubt}.\nDelete them? Type 'yes' to confirm: `, signal);
    if (answer === 'yes') return;
    if (answer !== undefined) throw invalidInput(`nothing was deleted from the set ${set}: you answered no`);
  }
  throw invalidInput(
    `${doubt}; they were not deleted: pass --yes to delete them, or pipe the output of 'generate', which has an end mark`,
  );
}

/** Whether more would go than a description usually loses at a time. */
export function isMuch({ members, removed, kinds }: Removal): boolean {
  if (CONTAINERS.some((kind) => (kinds[kind] ?? 0) > 0)) return true;
  return removed > MOST_OBJECTS && removed > members * MOST_SHARE;
}

/** Asks at the terminal, since stdin is taken. @returns undefined where there is none, or nobody answers */
async function ask(question: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  let terminal: ReadStream;
  try {
    terminal = new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return undefined;
  }
  const patience = AbortSignal.timeout(ANSWER_MS);
  const lines = createInterface({ input: terminal, output: process.stderr });
  try {
    const ended = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    return (await lines.question(question, { signal: ended })).trim();
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
    terminal.destroy();
  }
}
