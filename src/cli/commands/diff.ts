import type { Command } from 'commander';
import type { Plan } from '../../apply/plan';
import { addCommand } from '../command-list';
import type { SetOptions } from '../apply-options';
import { addSetOptions, filesOf, withSet } from '../apply-options';
import { table } from '../printers/table';

/** More objects than this would only scroll the table away. */
const SHOWN = 20;

export function register(program: Command): void {
  addSetOptions(addCommand(program, 'diff')).option('--json', 'as JSON').action(run);
}

async function run(files: readonly string[], options: SetOptions): Promise<void> {
  await withSet('diff', filesOf(files, options), options, async ({ applier, objects, printer, options: common }) => {
    const plan = await applier.plan(objects, common);
    printer.close();
    process.stdout.write(options.json ? `${JSON.stringify(plan)}\n` : text(plan));
  });
}

function text({ set = '', kinds, changes }: Plan): string {
  const rows = Object.entries(kinds).map(([kind, counts]) => [
    set,
    kind,
    ...[counts.added, counts.changed, counts.removed, counts.unchanged].map(String),
  ]);
  const lines = changes.slice(0, SHOWN).map(({ object, fields }) => `${object}: ${fields.join(', ')}`);
  const more = changes.length > SHOWN ? ['…'] : [];
  return `${[table(['SET', 'KIND', 'ADDED', 'CHANGED', 'REMOVED', 'UNCHANGED'], rows), ...lines, ...more].join('\n')}\n`;
}
