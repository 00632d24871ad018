import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatNumber } from '../format';
import type { Report, Series } from '../report';
import { environmentSection, simulatorName } from './environment-section';
import { headlines, type Headline } from './headlines';
import { linkScript } from './link-script';
import { html, jsonForScript, raw, type Markup } from './markup';
import { titleOf } from '../title';
import { style } from './style';
import { unlikeProductionSection } from './unlike-production-section';
import { waterfallSection } from './waterfall-section';
import { metricGroups } from './metric-groups';
import { stepsTable } from './tables';

/** Nothing of the page may come from anywhere else, and nothing of it may go anywhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/**
 * A report as one HTML file that opens from disk: charts drawn with uPlot, tables, and the report itself, all inline.
 * The same report gives the same bytes.
 */
export function reportPage(report: Report): string {
  const uplot = dirname(require.resolve('uplot'));
  const uplotFile = (name: string) => readFileSync(join(uplot, name), 'utf8');
  const script = linkScript(join(__dirname, '..', 'browser', 'main.js'), { uplot: 'uPlot' });
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="color-scheme" content="light dark" />
        <title>${titleOf(report)}: report of metal3-testbed</title>
        <link rel="icon" href="data:," />
        <style>
          ${raw(uplotFile('uPlot.min.css'))}
          ${raw(style)}
        </style>
        <noscript>
          <style>
            .needs-script {
              display: none;
            }
          </style>
        </noscript>
      </head>
      <body>
        ${body(report)}
        <script type="application/json" id="report">
          ${jsonForScript(report)}
        </script>
        <script>
          /*! ${raw(readFileSync(join(uplot, '..', 'LICENSE'), 'utf8').trim())} */
          ${raw(inScript(uplotFile('uPlot.iife.min.js')))};
        </script>
        <script>
          ${raw(inScript(script))};
        </script>
      </body>
    </html>`;
  return `${page.text}\n`;
}

function body(report: Report): Markup {
  const { environment, steps, startedAt, runs } = report;
  const kubernetes = [...new Set(environment.clusters.map((cluster) => cluster.kubernetes))];
  const facts = [
    simulatorName(environment.simulator),
    ...kubernetes.map((version) => `Kubernetes ${version}`),
    `${environment.machine.cores} cores`,
    runs === 1 ? '1 run' : `median of ${formatNumber(runs)} runs`,
  ];
  const [states, others] = byStates(report.series.series);
  return html`<header>
      <div>
        <p class="eyebrow">
          metal3-testbed · <time datetime="${startedAt}">${new Date(startedAt).toUTCString().slice(5, 22)} UTC</time>
        </p>
        <h1>${titleOf(report)}</h1>
        <p class="facts-line">${facts.map((fact) => html`<span>${fact}</span>`)}</p>
      </div>
      <div class="actions">
        <button type="button" id="theme">Dark</button>
        <button type="button" id="download">report.json</button>
      </div>
    </header>
    <main>
      <section class="headlines" aria-label="In short">${headlines(report).map(tile)}</section>
      ${unlikeProductionSection(environment)}
      <noscript><p class="card">The charts need JavaScript; the tables below do not.</p></noscript>
      ${timeSection('state-charts', 'Over time', states)} ${waterfallSection(report)}
      ${timeSection('other-charts', 'What else went up and down', others)}
      ${
        report.distributions.length > 0 &&
        html`<section class="card needs-script">
          <h2>How long state changes took <small>the share of the objects that was done after that long</small></h2>
          <div class="grid" id="latency-charts"></div>
        </section>`
      }
      <section class="card">
        <h2>Steps</h2>
        ${stepsTable(steps)}
      </section>
      <section class="card">
        <h2>Metrics${runs > 1 && html` <small>medians of ${formatNumber(runs)} runs</small>`}</h2>
        ${metricGroups(report)}
      </section>
      <section class="card">
        <h2>Versions, settings and machine</h2>
        ${environmentSection(environment)}
      </section>
    </main>
    <footer>
      Times are from when events arrived, on the monotonic clock. Steps, curves and charts are those of
      ${runs > 1 ? 'the run in the middle' : 'the run'}. Written by metal3-testbed ${environment.version}.
    </footer>`;
}

/** The series that the page begins with, and all others. */
function byStates(series: readonly Series[]): [states: readonly Series[], others: readonly Series[]] {
  return [series.filter(({ group }) => group === 'states'), series.filter(({ group }) => group !== 'states')];
}

/** Where the script puts charts of some series on the axis of the run, with the steps above them. */
function timeSection(id: string, heading: string, series: readonly Series[]): Markup | false {
  return (
    series.length > 0 &&
    html`<section class="card needs-script" id="${id}">
      <h2>${heading} <small class="hint">drag or use the buttons to zoom, double-click to go back</small></h2>
      <div class="rail-room" aria-hidden="true"><div class="rail"></div></div>
    </section>`
  );
}

function tile({ label, value, unit, note, isBad }: Headline): Markup {
  return html`<div class="${isBad ? 'tile bad' : 'tile'}">
    <p class="tile-label">${label}</p>
    <p class="tile-value">${value}${unit !== '' && html` <small>${unit}</small>`}</p>
    <p class="tile-note">${note}</p>
  </div>`;
}

/** Script that may stand in a script element. */
function inScript(source: string): string {
  return source.replaceAll('</script', '<\\/script');
}
