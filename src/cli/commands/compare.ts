import { InvalidArgumentError, type Command } from 'commander';
import { compareReports, type Change, type Comparison } from '../../report/compare';
import { metricKey } from '../../report/metrics';
import { formatShare, formatValue } from '../../report/format';
import { readReport } from '../../report/read-report';
import { addCommand } from '../command-list';
import { EXIT_CODES } from '../exit-codes';
import { table } from '../printers/table';

interface Options {
  readonly tolerance?: number;
  readonly all?: true;
  readonly json?: true;
}

export function register(program: Command): void {
  addCommand(program, 'compare')
    .argument('<a.json>', 'the baseline')
    .argument('<b.json>', 'the report to compare with it')
    .option('--tolerance <percent>', 'changes up to this many percent are noise (default: 10)', percent)
    .option('--all', 'show the metrics that have not changed too')
    .option('--json', 'as JSON: {"isWorse": true, "changes": [{"name", "a", "b", "verdict", …}], …}')
    .addHelpText(
      'after',
      '\nA metric has changed where its medians are further apart than the runs of either report are among themselves,\n' +
        'and further than the tolerance. Merge runs with: metal3-testbed report run-*.json --format json -o a.json',
    )
    .action(compare);
}

/** Reads a percentage as a share. */
function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Give a percentage of at least 0.');
  return value / 100;
}

async function compare(a: string, b: string, { tolerance, all, json }: Options): Promise<void> {
  const comparison = compareReports(await readReport(a), await readReport(b), {
    tolerance,
  });
  process.stdout.write(json ? `${JSON.stringify(comparison)}\n` : `${text(comparison, all === true)}\n`);
  if (comparison.isWorse) process.exitCode = EXIT_CODES.worse;
}

const RANKS: Readonly<Record<Change['verdict'], number>> = { worse: 0, better: 1, same: 2, neither: 3 };

function text(comparison: Comparison, isAll: boolean): string {
  const { changes, differences, moreLate, onlyA, onlyB, runs } = comparison;
  const shown = changes
    .filter(({ verdict }) => isAll || verdict === 'worse' || verdict === 'better')
    .sort((x, y) => RANKS[x.verdict] - RANKS[y.verdict]);
  const parts = [
    differences.length > 0 &&
      table(
        ['DIFFERENT', 'A', 'B'],
        differences.map(({ what, ...each }) => [what, each.a, each.b]),
      ),
    moreLate.length > 0 &&
      table(
        ['STILL PENDING AT', 'A', 'B'],
        moreLate.map(({ step, kind: _, ...each }) => [
          step,
          `${each.a.late} of ${each.a.objects}`,
          `${each.b.late} of ${each.b.objects}`,
        ]),
      ),
    shown.length > 0 && table(['METRIC', 'A', 'B', 'CHANGE', 'NOISE', ''], shown.map(row)),
    onlyA.length > 0 && `only in A: ${onlyA.join(', ')}`,
    onlyB.length > 0 && `only in B: ${onlyB.join(', ')}`,
    summary(comparison),
    Math.min(runs.a, runs.b) === 1 &&
      'a report of one run has no spread: merge several runs to tell changes from noise',
  ];
  return parts.filter((part) => part !== false).join('\n\n');
}

function row({ a, b, noise, share, unit, verdict, ...metric }: Change): readonly string[] {
  const change = share === null ? '' : formatShare(share);
  const word = verdict === 'worse' || verdict === 'better' ? verdict : '';
  return [metricKey(metric), formatValue(a, unit), formatValue(b, unit), change, `±${formatValue(noise, unit)}`, word];
}

/** `3 metrics worse, 1 better, 35 the same`. */
function summary({ changes, moreLate, runs }: Comparison): string {
  const count = (verdict: Change['verdict']) => changes.filter((each) => each.verdict === verdict).length;
  const worse = `${count('worse')} metric${count('worse') === 1 ? '' : 's'} worse`;
  const late = moreLate.length > 0 ? ', more objects still pending' : '';
  return `${worse}, ${count('better')} better, ${count('same')} the same${late} (${runs.a} and ${runs.b} runs)`;
}
