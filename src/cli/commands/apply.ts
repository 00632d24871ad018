import type { Command } from 'commander';
import { describeCounts } from '../../apply/counts';
import { recordCluster } from '../../apply/recorded-cluster';
import type { SetOptions } from '../apply-options';
import { addSetOptions, withSet } from '../apply-options';

interface Options extends SetOptions {
  readonly prune?: true;
  readonly forceConflicts?: true;
}

export function register(program: Command): void {
  addSetOptions(program.command('apply'))
    .description('apply Kubernetes objects as fast as the API server takes them; what is there already is not written')
    .option('--prune', 'delete objects of the set that are not in the manifests')
    .option('--force-conflicts', 'take over fields that somebody else has changed')
    .option('--json', 'what was done, by kind, as JSON')
    .addHelpText('after', '\nExample:\n  metal3-testbed generate --count 1000 | metal3-testbed apply')
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  await withSet('apply', files, options, async ({ applier, objects, printer, options: common }) => {
    const run = await applier.begin({
      ...common,
      ...(options.prune && { prune: true }),
      ...(options.forceConflicts && { forceConflicts: true }),
    });
    try {
      await recordCluster(options.stateDir, options.set, applier.client, common.signal);
      await run.apply(objects);
      const result = await run.finish();
      printer.close();
      process.stdout.write(
        options.json ? `${JSON.stringify({ set: options.set, ...result })}\n` : `${describeCounts(result)}\n`,
      );
    } finally {
      await run.end();
    }
  });
}
