import { Option, type Command } from 'commander';
import { DEFAULT_KIND, requireKind, requireState } from '../../../lib/kinds';
import type { Kind } from '../../../lib/kinds';
import { ObjectWatch } from '../../watch/object-watch';
import { waitForStates } from '../../watch/wait-for-states';
import { openTestbed } from '../../testbed/open-testbed';
import { supervised } from '../../simulators/supervise';
import type { Operation } from '../../util/events';
import { namingTasks, sideBySide } from '../../util/side-by-side';
import { addCommand } from '../command-list';
import { chosenFolders } from '../described-testbeds';
import { managementClusterOption, seconds, share, stateDirOption, whole, type ChoiceFlags } from '../options';
import { createPrinter } from '../printers/printer';
import { countLine, prefix } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options extends ChoiceFlags {
  readonly for: string;
  readonly count?: number;
  readonly share?: number;
  readonly timeout: number;
}

export function register(program: Command): void {
  addCommand(program, 'wait')
    .requiredOption('--for <state>', 'state, such as available, or KIND=STATE; several states separated by commas')
    .option('--count <n>', 'number of objects, in each management cluster (default: all, and at least one)', whole(0))
    .addOption(
      new Option('--share <share>', 'share of the objects, such as 90% or 0.9').argParser(share).conflicts('count'),
    )
    .option('--timeout <s>', 'seconds to wait', seconds, 600)
    .addOption(managementClusterOption())
    .addOption(stateDirOption())
    .action(wait);
}

async function wait(options: Options): Promise<void> {
  const asked = parseFor(options.for);
  const folders = chosenFolders(options);
  const printer = createPrinter(process.stderr);
  const signal = interruptSignal();
  try {
    const { done, failure } = await sideBySide(
      folders.length === 0 ? [{ stateDir: options.stateDir }] : folders,
      ({ name, stateDir }) =>
        waitIn(stateDir, asked, { ...options, listener: namingTasks(printer.listener, { name }), signal }),
    );
    printer.close();
    for (const [each, line] of done) process.stdout.write(`${prefix(each)}${line}\n`);
    if (failure !== undefined) throw failure;
  } finally {
    printer.close();
  }
}

/** @returns how many are in which state in the end */
async function waitIn(
  stateDir: string,
  { kind, states }: ReturnType<typeof parseFor>,
  { count, share: ofAll, timeout, listener, signal: interrupt }: Operation & Options,
): Promise<string> {
  const testbed = await openTestbed(stateDir);
  const ofCount = count === undefined ? undefined : { count };
  try {
    // An operator in the cluster is looked at once; what runs on this machine, all the time.
    if (testbed.state.operators !== undefined)
      for (const problem of await testbed.problems())
        listener?.({ type: 'warning', task: 'operator', detail: problem });
    return await supervised({ stateDir, listener, signal: interrupt, revive: true }, async (signal) => {
      const watch = new ObjectWatch(testbed.client, kind);
      try {
        await watch.start();
        listener?.({ type: 'start', task: kind.noun.many, detail: `waiting until they are ${states.join(' or ')}` });
        await waitForStates(watch, testbed.client, {
          states,
          deadlineMs: timeout * 1000,
          signal,
          objects: ofAll === undefined ? ofCount : { share: ofAll },
        });
        return countLine(kind, watch.size, watch.counts());
      } finally {
        await watch.stop();
      }
    });
  } finally {
    await testbed.close();
  }
}

/** `available,provisioned`, or `bmh=available` with the kind before it. */
function parseFor(text: string): { readonly kind: Kind; readonly states: readonly string[] } {
  const [, name, list = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(text) ?? [];
  const kind = name === undefined ? DEFAULT_KIND : requireKind(name);
  return { kind, states: list.split(',').map((state) => requireState(kind, state)) };
}
