import { Option, type Command } from 'commander';
import { DEFAULT_KIND, requireKind, requireState } from '../../../lib/kinds';
import type { Kind } from '../../../lib/kinds';
import { ObjectWatch } from '../../watch/object-watch';
import { waitForStates } from '../../watch/wait-for-states';
import { openTestbed } from '../../testbed/open-testbed';
import { supervised } from '../../simulators/supervise';
import { addCommand } from '../command-list';
import { seconds, share, stateDirOption, whole } from '../options';
import { createPrinter } from '../printers/printer';
import { countLine } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options {
  readonly for: string;
  readonly count?: number;
  readonly share?: number;
  readonly timeout: number;
  readonly stateDir: string;
}

export function register(program: Command): void {
  addCommand(program, 'wait')
    .requiredOption('--for <state>', 'state, such as available, or KIND=STATE; several states separated by commas')
    .option('--count <n>', 'number of objects (default: all, and at least one)', whole(0))
    .addOption(
      new Option('--share <share>', 'share of the objects, such as 90% or 0.9').argParser(share).conflicts('count'),
    )
    .option('--timeout <s>', 'seconds to wait', seconds, 600)
    .addOption(stateDirOption())
    .action(wait);
}

async function wait(options: Options): Promise<void> {
  const { kind, states } = parseFor(options.for);
  const { count, share: ofAll } = options;
  const testbed = await openTestbed(options.stateDir);
  const printer = createPrinter(process.stderr);
  const { stateDir } = options;
  const ofCount = count === undefined ? undefined : { count };
  try {
    // An operator in the cluster is looked at once; what runs on this machine, all the time.
    if (testbed.state.operators !== undefined)
      for (const problem of await testbed.problems())
        printer.listener({ type: 'warning', task: 'operator', detail: problem });
    await supervised(
      { stateDir, listener: printer.listener, signal: interruptSignal(), revive: true },
      async (signal) => {
        const watch = new ObjectWatch(testbed.client, kind);
        try {
          await watch.start();
          printer.listener({
            type: 'start',
            task: kind.noun.many,
            detail: `waiting until they are ${states.join(' or ')}`,
          });
          await waitForStates(watch, testbed.client, {
            states,
            deadlineMs: options.timeout * 1000,
            signal,
            objects: ofAll === undefined ? ofCount : { share: ofAll },
          });
          printer.close();
          process.stdout.write(`${countLine(kind, watch.size, watch.counts())}\n`);
        } finally {
          await watch.stop();
        }
      },
    );
  } finally {
    printer.close();
    await testbed.close();
  }
}

/** `available,provisioned`, or `bmh=available` with the kind before it. */
function parseFor(text: string): { readonly kind: Kind; readonly states: readonly string[] } {
  const [, name, list = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(text) ?? [];
  const kind = name === undefined ? DEFAULT_KIND : requireKind(name);
  return { kind, states: list.split(',').map((state) => requireState(kind, state)) };
}
