import type { Command } from 'commander';
import { addCommand } from '../command-list';
import type { SetOptions } from '../apply-options';
import { addSetOptions, beforePrune, filesOf, withSet } from '../apply-options';

interface Options extends SetOptions {
  readonly all?: true;
  readonly yes?: true;
}

export function register(program: Command): void {
  addSetOptions(addCommand(program, 'prune'))
    .option('--all', 'delete every object of the set, without manifests')
    .option('--yes', 'delete without asking, even if much would be deleted and the input may be incomplete')
    .option('--json', 'print what was done, by kind, as JSON')
    .action(run);
}

async function run(given: readonly string[], options: Options): Promise<void> {
  const files = options.all ? [] : filesOf(given, options);
  await withSet('prune', files, options, async (session) => {
    const { applier, objects, printer, options: common } = session;
    const result = await applier.prune(objects, {
      ...common,
      pruneAll: options.all,
      beforePrune: options.all ? undefined : beforePrune(session, options),
    });
    printer.close();
    process.stdout.write(
      options.json ? `${JSON.stringify({ set: options.set, ...result })}\n` : `${result.removed} removed\n`,
    );
  });
}
