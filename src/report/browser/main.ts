import type uPlot from 'uplot';
import { nounOf } from '../../../lib/kinds/faces';
import { formatClock, formatSeconds, formatValue } from '../format';
import type { Report } from '../report';
import type { Chart } from './chart';
import { byId, element } from './dom';
import { latencyChart } from './latency-chart';
import { lastMeasured, usualStep } from './measured';
import { panelsOf } from './panels';
import { Rail } from './rail';
import { setUpPrinting, setUpTheme } from './theme';
import { timeChart } from './time-chart';
import { valueTable } from './value-table';
import { zoomButtons } from './zoom-buttons';

declare global {
  interface Window {
    /** Every chart of the page, by what it draws, for whoever wants to check it. */
    reportCharts: { readonly kind: 'latency' | 'time'; readonly title: string; readonly plot: uPlot }[];
  }
}

/** Width of the charts on paper, in CSS pixels. */
const PAPER_WIDTH = 680;

function draw(report: Report): void {
  const paper = { isPrinting: false };
  const charts = [...drawTime(report, paper), ...drawLatencies(report)];
  window.reportCharts = charts.map(({ kind, chart, title }) => ({ kind, title, plot: chart.plot }));
  const all = (act: (chart: Chart) => void) => {
    for (const { chart } of charts) act(chart);
  };
  setUpTheme(byId('theme'), () => all((chart) => chart.redraw()));
  setUpPrinting((isPrinting) => {
    paper.isPrinting = isPrinting;
    all((chart) => chart.resize(isPrinting ? PAPER_WIDTH : undefined));
  });
  new ResizeObserver(() => all((chart) => chart.resize())).observe(document.body);
}

interface Drawn {
  readonly kind: 'latency' | 'time';
  readonly title: string;
  readonly chart: Chart;
}

function drawTime(report: Report, paper: { readonly isPrinting: boolean }): readonly Drawn[] {
  const { at } = report.series;
  const panels = panelsOf(report);
  if (panels.length === 0) return [];
  const section = byId('time-charts');
  const rail = new Rail(byId('rail'), report.steps);
  const followed = (plot: uPlot) => {
    const left = plot.over.offsetLeft;
    rail.follow(plot, (paper.isPrinting ? PAPER_WIDTH : byId('rail-room').clientWidth) - left);
  };
  const drawn = panels.map((panel, i): Drawn => {
    const { series, unit, title } = panel;
    const spacing = series.map(({ values }) => usualStep({ at, values }));
    const valuesAt = (index: number) =>
      series.map(({ values }, row) => formatValue(lastMeasured({ at, values }, index, spacing[row]!), unit));
    // The charts zoom and resize together, so that the first can speak for all.
    const chart = timeChart(panel, at, valuesAt, report.steps, i === 0 ? followed : () => undefined);
    chart.root.append(
      valueTable(['Time', ...series.map(({ name }) => name)], at.length, (row) => [
        formatClock(at[row]!),
        ...valuesAt(row),
      ]),
    );
    section.append(chart.root);
    return { kind: 'time', title, chart };
  });
  const plots = drawn.map(({ chart }) => chart.plot);
  byId('rail-room').before(zoomButtons(plots, at));
  return drawn;
}

function drawLatencies({ distributions }: Report): readonly Drawn[] {
  const steps = [...new Set(distributions.map(({ step }) => step))];
  return steps.map((step) => {
    const ofStep = distributions.filter((each) => each.step === step);
    const chart = latencyChart(step, ofStep);
    const columns = [
      `Share of the ${nounOf(ofStep[0]?.kind).many}`,
      ...ofStep.map(({ from, to }) => `${from} → ${to}`),
    ];
    const rows = [0, 10, 25, 50, 75, 90, 95, 99, 100];
    chart.root.append(
      valueTable(columns, rows.length, (row) => [
        `${rows[row]} %`,
        ...ofStep.map(({ percentiles }) => formatSeconds(percentiles[rows[row]!]!)),
      ]),
    );
    byId('latency-charts').append(chart.root);
    return { kind: 'latency', title: step, chart };
  });
}

/** Gives the report back as a file. */
function offerDownload(text: string): void {
  byId('download').addEventListener('click', () => {
    const link = element('a', '');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = 'report.json';
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

const text = byId('report').textContent.trim();
draw(JSON.parse(text) as Report);
offerDownload(text);
