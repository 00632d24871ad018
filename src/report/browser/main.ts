import type uPlot from 'uplot';
import { nounOf } from '../../../lib/kinds/faces';
import { formatClock, formatSeconds, formatValue } from '../format';
import type { Report } from '../report';
import type { Chart } from './chart';
import { byId, element, within } from './dom';
import { latencyChart } from './latency-chart';
import { lastMeasured, usualStep } from './measured';
import { panelsOf, type Panel } from './panels';
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

/** The states of objects lead; where their time went, which stands in between, needs no script. */
function drawTime(report: Report, paper: { readonly isPrinting: boolean }): readonly Drawn[] {
  const { at } = report.series;
  const panels = panelsOf(report);
  const sections = [
    { id: 'state-charts', panels: panels.filter(({ group }) => group === 'states') },
    { id: 'other-charts', panels: panels.filter(({ group }) => group !== 'states') },
  ].filter((section) => section.panels.length > 0);
  const drawn = sections.map(({ id, panels: ofSection }) => {
    const section = byId(id);
    const room = within(section, '.rail-room');
    const rail = new Rail(within(section, '.rail'), report.steps);
    const followed = (plot: uPlot) =>
      rail.follow(plot, (paper.isPrinting ? PAPER_WIDTH : room.clientWidth) - plot.over.offsetLeft);
    // The charts zoom and resize together, so that the first of a section can speak for all.
    const charts = ofSection.map((panel, i) => drawPanel(panel, report, i === 0 ? followed : () => undefined));
    section.append(...charts.map(({ chart }) => chart.root));
    return { room, charts };
  });
  const all = drawn.flatMap(({ charts }) => charts);
  const plots = all.map(({ chart }) => chart.plot);
  for (const { room } of drawn) room.before(zoomButtons(plots, at));
  return all;
}

function drawPanel(panel: Panel, { series: { at }, steps }: Report, followed: (plot: uPlot) => void): Drawn {
  const { series, unit, title } = panel;
  const spacing = series.map(({ values }) => usualStep({ at, values }));
  const valuesAt = (index: number) =>
    series.map(({ values }, row) => formatValue(lastMeasured({ at, values }, index, spacing[row]!), unit));
  const chart = timeChart(panel, at, valuesAt, steps, followed);
  chart.root.append(
    valueTable(['Time', ...series.map(({ name }) => name)], at.length, (row) => [
      formatClock(at[row]!),
      ...valuesAt(row),
    ]),
  );
  return { kind: 'time', title, chart };
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
