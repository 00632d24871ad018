import type { Command } from 'commander';
import type { SetOptions } from '../apply-options';
import { addSetOptions, withSet } from '../apply-options';

interface Options extends SetOptions {
  readonly all?: true;
}

export function register(program: Command): void {
  addSetOptions(program.command('prune'))
    .description('delete the objects of a set that are not in the manifests, hosts before their Secrets')
    .option('--all', 'delete every object of the set, without manifests')
    .option('--json', 'what was done, by kind, as JSON')
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  await withSet('prune', options.all ? [] : files, options, async ({ applier, objects, printer, options: common }) => {
    const result = await applier.prune(objects, { ...common, ...(options.all && { pruneAll: true }) });
    printer.close();
    process.stdout.write(
      options.json ? `${JSON.stringify({ set: options.set, ...result })}\n` : `${result.removed} removed\n`,
    );
  });
}
