import type { Command } from 'commander';
import { TestbedError } from '../../../lib/errors';
import { HostWatch } from '../../observe/host-watch';
import { describeLate } from '../../observe/late-hosts';
import { requireProvisioningState } from '../../observe/provisioning-state';
import { openTestbed } from '../../open-testbed';
import { seconds, stateDirOption, whole } from '../options';
import { countLine } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options {
  readonly for: string;
  readonly count?: number;
  readonly timeout: number;
  readonly stateDir: string;
}

export function register(program: Command): void {
  program
    .command('wait')
    .description('wait until hosts are in a state')
    .requiredOption('--for <state>', 'provisioning state, such as available or provisioned')
    .option('--count <n>', 'how many hosts (all that there are, and at least one)', whole(0))
    .option('--timeout <s>', 'seconds to wait', seconds, 600)
    .addOption(stateDirOption())
    .action(wait);
}

async function wait(options: Options): Promise<void> {
  const state = requireProvisioningState(options.for);
  const testbed = await openTestbed(options.stateDir);
  const watch = new HostWatch(testbed.client);
  try {
    await watch.start();
    const isThere = () => {
      const there = watch.counts()[state] ?? 0;
      return options.count === undefined ? watch.size > 0 && there === watch.size : there >= options.count;
    };
    const arrived = await watch.until(isThere, { deadlineMs: options.timeout * 1000, signal: interruptSignal() });
    if (!arrived) {
      const late = [...watch.all()].filter((host) => host.state !== state);
      const wanted = options.count ?? watch.size;
      throw new TestbedError(
        'timeout',
        watch.size === 0
          ? `there are no hosts to wait for after ${options.timeout} s: run 'metal3-testbed up'`
          : `${watch.counts()[state] ?? 0} of ${wanted} hosts are ${state} after ${options.timeout} s; not there: ${describeLate(late)}`,
      );
    }
    process.stdout.write(`${countLine(watch.size, watch.counts())}\n`);
  } finally {
    await watch.stop();
    await testbed.close();
  }
}
