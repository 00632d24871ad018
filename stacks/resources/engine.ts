/** The engine of Pulumi, as a provider of this package sees it from its own process. */
import { subscribe } from 'node:diagnostics_channel';
import { fstatSync } from 'node:fs';
import { TestbedError } from '../../lib/errors';
import { inArguments } from './in-arguments';
import type { CompleteProvider } from './provider-results';

const interruption = new AbortController();

/**
 * Aborted once somebody has interrupted Pulumi (Ctrl-C, `pulumi cancel`'s signal, that of a program). The engine then waits for what is
 * under way: who takes longer than a moment ends by this, and reports what is done.
 */
export const interrupted: AbortSignal = interruption.signal;

/** The engine tells each provider of an interruption by this call, which Pulumi's server of dynamic providers does not pass on. */
const CANCEL = '/pulumirpc.ResourceProvider/Cancel';

subscribe('http2.server.stream.start', (message) => {
  const { headers } = message as { readonly headers?: Readonly<Record<string, unknown>> };
  if (headers?.[':path'] !== CANCEL) return;
  interruption.abort(new Error('interrupted: what is done is recorded, and the next run goes on from there'));
});

/** What a dynamic provider writes to stderr is a diagnostic to the engine. */
let tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Tells the person at the terminal a line. */
export function say(line: string): void {
  tell(line);
}

/** Has what is said told in another way: the engine shows nothing of what other providers write. */
export function sayBy(how: (line: string) => void): void {
  tell = how;
}

/** Set by whoever has deleted a cluster, for one run: what was on it is forgotten. `@pulumi/kubernetes` heeds the same one. */
export const FORGET_VARIABLE = 'PULUMI_K8S_DELETE_UNREACHABLE';

/** Whether what was on a cluster that is gone is forgotten, instead of an error. */
export function forgets(onClusterGone: 'fail' | 'forget'): boolean {
  return onClusterGone === 'forget' || process.env[FORGET_VARIABLE] === 'true';
}

/** What to do about a cluster that is gone for good. */
export const FORGET_ADVICE = `if it is gone for good, do this again with ${FORGET_VARIABLE}=true in the environment`;

/** Texts of errors that the engine is told anyhow, each as often as it is. */
const told: string[] = [];

/* eslint-disable no-console -- it is what the server of dynamic providers prints by */
const print = console.error.bind(console);

/** Pulumi's server of dynamic providers prints an error, with its stack, and then hands it to the engine, which prints it. */
function printUntold(...texts: readonly unknown[]): void {
  const at = texts.length === 1 ? told.indexOf(texts[0] as string) : -1;
  if (at === -1) print(...texts);
  else told.splice(at, 1);
}

/** Prints nothing any more that the engine prints. */
function printOnce(): void {
  console.error = printUntold;
}
/* eslint-enable no-console */

/**
 * The operations as the engine is served them. Of an error that its reader can mend no more is shown than its message, once.
 * Without the engine, which is there to record what is done, the process ends; the next update goes on.
 */
export function served<Inputs, Outputs>(
  operations: CompleteProvider<Inputs, Outputs>,
): CompleteProvider<Inputs, Outputs> {
  printOnce();
  endWithEngine();
  return {
    check: (olds, news) => plainly(operations.check(olds, news)),
    diff: (id, olds, news) => plainly(operations.diff(id, olds, news)),
    create: (inputs) => inWords(operations.create(inputs)),
    read: (id, props) => plainly(operations.read(id, props)),
    update: (id, olds, news) => inWords(operations.update(id, olds, news)),
    delete: (id, props) => plainly(operations.delete(id, props)),
  };
}

let endsWithEngine = false;

/** The engine holds the other end of a pipe. */
function endWithEngine(): void {
  if (endsWithEngine || !fstatSync(0).isFIFO()) return;
  endsWithEngine = true;
  process.stdin.resume().once('end', () => process.exit(1));
}

async function plainly<T>(result: Promise<T>): Promise<T> {
  try {
    return await inWords(result);
  } catch (error) {
    if (error instanceof TestbedError || interrupted.aborted) told.push(`${String(error)}: ${(error as Error).stack}`);
    throw error;
  }
}

/** @throws the error, in the words of a program's arguments */
async function inWords<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw inArguments(error);
  }
}
