import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatNumber } from '../format';
import type { Report } from '../report';
import { environmentSection, simulatorName } from './environment-section';
import { headlines, type Headline } from './headlines';
import { linkScript } from './link-script';
import { html, jsonForScript, raw, type Markup } from './markup';
import { titleOf } from '../title';
import { style } from './style';
import { unlikeProductionSection } from './unlike-production-section';
import { waterfallSection } from './waterfall-section';
import { metricTables, stepsTable } from './tables';

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
      ${unlikeProductionSection(environment)} ${waterfallSection(report)}
      <noscript><p class="card">The charts need JavaScript; the tables below do not.</p></noscript>
      ${
        report.series.series.length > 0 &&
        html`<section class="card" id="time-charts">
          <h2>Over time <small class="hint">drag or use the buttons to zoom, double-click to go back</small></h2>
          <div id="rail-room" aria-hidden="true"><div id="rail"></div></div>
        </section>`
      }
      ${
        report.distributions.length > 0 &&
        html`<section class="card">
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
        ${metricTables(report)}
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
