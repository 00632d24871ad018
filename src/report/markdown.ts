import { ASKED } from './asked';
import { formatSeconds, formatValue } from './format';
import { headlines } from './html/headlines';
import { metricValue } from './metrics';
import type { Report } from './report';
import { titleOf } from './title';

/** A report in short, to be pasted into a pull request. */
export function markdownSummary(report: Report): string {
  const { environment, steps, runs } = report;
  const { simulator, clusters, machine } = environment;
  const where = [
    `${simulator.kind === 'bmo' ? 'Bare Metal Operator' : 'kwok'} ${simulator.version}`,
    ...new Set(clusters.map(({ kubernetes }) => `Kubernetes ${kubernetes}`)),
    `${machine.cores} cores (${machine.cpu})`,
    runs === 1 ? '1 run' : `median of ${runs} runs`,
  ];
  const late = steps.flatMap((step) => step.late.map((name) => `- ${text(step.name)}: ${text(name)}`));
  const unlike = environment.unlikeProduction ?? [];
  return `${[
    `### ${text(titleOf(report))}`,
    text(where.join(' · ')),
    table(
      headlines(report).map(({ label }) => label),
      [headlines(report).map(({ value, unit }) => `**${text(value)}** ${text(unit)}`.trim())],
    ),
    table(
      ['step', 'took', 'objects', 'got there', 'a second', 'half', '99 %'],
      steps.map((step) => [
        `${text(step.name)}${step.fault === true ? ' (fault)' : ''}`,
        formatSeconds(step.end - step.start),
        step.objects === 0 ? '' : String(step.objects),
        step.objects === 0 ? '' : String(step.done),
        rate(report, step.name),
        quantile(report, step.name, 50),
        quantile(report, step.name, 99),
      ]),
    ),
    ...(late.length === 0 ? [] : [`**Still pending:**\n\n${late.join('\n')}`]),
    ...(unlike.length === 0
      ? []
      : [
          `<details><summary>What the environment was not (${unlike.length})</summary>\n\n${unlike
            .map(
              ({ option, here, production }) => `- ${text(option)}: ${text(here)}; in production ${text(production)}`,
            )
            .join('\n')}\n\n</details>`,
        ]),
  ].join('\n\n')}\n`;
}

function rate(report: Report, step: string): string {
  const found = report.metrics.find(
    ({ name, labels }) => name === 'step_objects_per_second' && labels['step'] === step,
  );
  const value = found && metricValue(report, found.name, found.labels);
  return value === undefined ? '' : formatValue(value, 'per second');
}

function quantile({ distributions }: Report, step: string, percentile: number): string {
  const whole = distributions.find((each) => each.step === step && each.from === ASKED);
  return whole === undefined ? '' : formatSeconds(whole.percentiles[percentile]!);
}

/** @param rows cells that mean nothing to Markdown */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return table(
    columns,
    rows.map((row) => row.map(text)),
  );
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns.map(text)), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that means nothing to Markdown: names are those of a description, and of objects. */
function text(given: string): string {
  return given.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~@]/g, '\\$&');
}
