import type { Command } from 'commander';
import { invalidInput } from '../../../lib/errors';
import { explain, explainable } from '../../explain/explain';
import { addCommand } from '../command-list';
import { wrapFor } from '../printers/wrap';

export function register(program: Command): void {
  addCommand(program, 'explain')
    .argument('<subject...>', 'such as provision, hostSets.count, available, or a part of an error message')
    .action(run);
}

function run(words: readonly string[]): void {
  const subject = words.join(' ');
  const texts = explain(subject);
  if (texts.length === 0) {
    const meant = explainable(subject);
    throw invalidInput(
      `nothing is known of '${subject}'${meant === undefined ? '' : `; did you mean '${meant}'?`}: give a step, a key of testbed.yaml such as hostSets.count, a state, or a part of an error message`,
    );
  }
  process.stdout.write(`${texts.map((text) => wrapFor(process.stdout, text)).join('\n\n')}\n`);
}
