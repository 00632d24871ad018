import { Option, type Command } from 'commander';
import { HostWatch } from '../../observe/host-watch';
import { waitForHosts } from '../../observe/wait-for-hosts';
import { requireProvisioningState } from '../../observe/provisioning-state';
import { openTestbed } from '../../open-testbed';
import { seconds, share, stateDirOption, whole } from '../options';
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
  program
    .command('wait')
    .description('wait until hosts are in a state')
    .requiredOption('--for <state>', 'provisioning state, such as available; several with commas between them')
    .option('--count <n>', 'how many hosts (all that there are, and at least one)', whole(0))
    .addOption(
      new Option('--share <share>', 'which share of the hosts, such as 90% or 0.9').argParser(share).conflicts('count'),
    )
    .option('--timeout <s>', 'seconds to wait', seconds, 600)
    .addOption(stateDirOption())
    .action(wait);
}

async function wait(options: Options): Promise<void> {
  const states = options.for.split(',').map(requireProvisioningState);
  const { count, share: ofAll } = options;
  const testbed = await openTestbed(options.stateDir);
  const watch = new HostWatch(testbed.client);
  try {
    await watch.start();
    await waitForHosts(watch, testbed.client, {
      states,
      deadlineMs: options.timeout * 1000,
      signal: interruptSignal(),
      ...(count !== undefined && { hosts: { count } }),
      ...(ofAll !== undefined && { hosts: { share: ofAll } }),
    });
    process.stdout.write(`${countLine(watch.size, watch.counts())}\n`);
  } finally {
    await watch.stop();
    await testbed.close();
  }
}
