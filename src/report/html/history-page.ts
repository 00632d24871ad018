import { formatShare, formatValue } from '../format';
import type { History, Trend } from '../history';
import { labelList, metricTitle } from '../metric-texts';
import { html, raw, type Markup } from './markup';
import { style } from './style';
import { table } from './tables';

const WIDTH = 240;
const HEIGHT = 44;
const MARGIN = 5;

/** Many reports of one scenario as one page: each metric as a line, and where the environment was another one. */
export function historyPage(history: History): string {
  const { name, runs, trends } = history;
  const changes = runs.filter(({ changed }) => changed.length > 0);
  return `${
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
          />
          <meta name="color-scheme" content="light dark" />
          <title>${name}: history of ${runs.length} reports</title>
          <link rel="icon" href="data:," />
          <style>
            ${raw(style)}
          </style>
        </head>
        <body>
          <header>
            <div>
              <p class="eyebrow">metal3-testbed</p>
              <h1>${name}: ${runs.length} reports</h1>
              <p class="facts-line">${day(runs[0]?.startedAt)} to ${day(runs.at(-1)?.startedAt)}</p>
            </div>
          </header>
          <main>
            ${
              changes.length > 0 &&
              html`<section class="card">
                <h2>
                  Where something else changed too
                  <small>a step there may be the machine's, and not the program's</small>
                </h2>
                <ul>
                  ${changes.map(({ source, changed }) => html`<li><b>${source}</b>: ${changed.join('; ')}</li>`)}
                </ul>
              </section>`
            }
            <section class="card">
              <h2>
                Metrics <small>the oldest report at the left; hollow points are reports in another environment</small>
              </h2>
              ${table(
                ['Metric', 'Of', 'Trend', '#First', '#Last', '#Change'],
                trends.map((trend) => [metricTitle(trend), labelList(trend), line(trend, history), ...ends(trend)]),
              )}
            </section>
          </main>
        </body>
      </html>`.text
  }\n`;
}

/** The first value, the last one, and how far they are apart. */
export function ends({ values, unit }: Trend): readonly [first: string, last: string, change: string] {
  const known = values.filter((value) => value !== null);
  const [first = 0, last = 0] = [known[0], known.at(-1)];
  return [formatValue(first, unit), formatValue(last, unit), first === 0 ? '–' : formatShare(last / first - 1)];
}

function line({ values, unit, ...trend }: Trend, { runs }: History): Markup {
  const known = values.filter((value) => value !== null);
  const most = Math.max(...known);
  const x = (i: number) => MARGIN + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number) => HEIGHT - MARGIN - (most === 0 ? 0 : value / most) * (HEIGHT - 2 * MARGIN);
  const points = values.flatMap((value, i) => (value === null ? [] : [{ i, value }]));
  const path = points.map(({ i, value }) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const said = `${metricTitle(trend)}: ${known.map((value) => formatValue(value, unit)).join(', ')}`;
  return html`<svg class="trend" role="img" aria-label="${said}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
    <polyline points="${path}" />
    ${points.map(
      ({ i, value }) =>
        html`<circle
          cx="${x(i).toFixed(1)}"
          cy="${y(value).toFixed(1)}"
          r="3"
          ${runs[i]!.changed.length > 0 && raw(' class="other"')}
        >
          <title>${runs[i]!.source}: ${formatValue(value, unit)}</title>
        </circle>`,
    )}
  </svg>`;
}

function day(startedAt = ''): string {
  return startedAt.slice(0, 10);
}
