import { Option, type Command } from 'commander';
import { describeCounts } from '../../apply/counts';
import { recordCluster } from '../../apply/recorded-cluster';
import { addCommand } from '../command-list';
import type { SetOptions } from '../apply-options';
import { addSetOptions, beforePrune, filesOf, withSet } from '../apply-options';

interface Options extends SetOptions {
  readonly prune?: true;
  readonly yes?: true;
  readonly forceConflicts?: true;
  readonly dryRun?: 'server' | 'none';
}

export function register(program: Command): void {
  addSetOptions(addCommand(program, 'apply'))
    .option('--prune', 'delete objects of the set that are not in the manifests')
    .option('--yes', 'delete them without asking, even if they are many and the input may be incomplete')
    .option('--force-conflicts', 'take over fields that another field manager has changed')
    .addOption(
      new Option(
        '--dry-run <how>',
        'let the API server check each object and say what would change; nothing is written',
      )
        .choices(['none', 'server'])
        .preset('server'),
    )
    .option('--json', 'print what was done, by kind, as JSON')
    .action(run);
}

async function run(given: readonly string[], options: Options): Promise<void> {
  const files = filesOf(given, options);
  if (options.dryRun === 'server') return ask(files, options);
  await withSet('apply', files, options, async (session) => {
    const { applier, objects, printer, options: common } = session;
    const run = await applier.begin({
      ...common,
      prune: options.prune,
      beforePrune: options.prune ? beforePrune(session, options) : undefined,
      forceConflicts: options.forceConflicts,
    });
    try {
      await recordCluster(session.stateDir, options.set, applier.client, common.signal);
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

/** Says what would be done, and writes nothing: no object, no set, no Lease. */
async function ask(files: readonly string[], options: Options): Promise<void> {
  await withSet('apply', files, options, async ({ applier, objects, printer, options: common }) => {
    const plan = await applier.plan(objects, {
      ...common,
      dryRun: true,
      forceConflicts: options.forceConflicts,
    });
    printer.close();
    const { removed } = plan;
    const result = options.prune ? { ...plan, left: 0 } : { ...plan, removed: 0, left: removed };
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ dryRun: 'server', ...result })}\n`
        : `${describeCounts(result)} (server dry run)\n`,
    );
    if (!options.prune && removed > 0)
      process.stderr.write(
        `${removed} objects of the set ${options.set} are no longer in the manifests; --prune would delete them\n`,
      );
  });
}
