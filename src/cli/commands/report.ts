import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { formatHistory, formatReport, REPORT_FORMATS, type ReportFormat } from '../../report/formats';
import { mergeReports } from '../../report/merge';
import { readReport } from '../../report/read-report';
import { addCommand } from '../command-list';
import { isStdout, STDOUT, writeUserFile } from '../../util/user-file';

interface Options {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly history?: true;
}

export function register(program: Command): void {
  addCommand(program, 'report')
    .argument('<report.json...>', 'report of a run; several runs of one scenario are merged, with medians')
    .addOption(new Option('--format <format>', 'output format').choices(REPORT_FORMATS).default('html'))
    .option(
      '--history',
      'how each metric went over the reports, the oldest first, instead of merging them (html, markdown, json)',
    )
    .option(
      '-o, --output <file>',
      'output file, - for stdout (default: for html, beside the report with the ending .html; for others, stdout)',
    )
    .action(report);
}

async function report(files: readonly string[], { format, output, history }: Options): Promise<void> {
  const reports = await Promise.all(files.map(async (source) => ({ source, report: await readReport(source) })));
  const text = history ? formatHistory(reports, format) : formatReport(mergeReports(reports), format);
  const beside = history ? join(dirname(files[0]!), 'history.html') : besideIt(files[0]!);
  const target = output ?? (format === 'html' ? beside : STDOUT);
  await writeUserFile(target, text);
  if (!(await isStdout(target))) process.stdout.write(`${target}\n`);
}

function besideIt(file: string): string {
  return join(dirname(file), `${basename(file).replace(/\.json$/, '')}.html`);
}
