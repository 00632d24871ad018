import { nounOf } from '../../../lib/kinds/faces';
import { formatNumber, formatSeconds } from '../format';
import { metricValue } from '../metrics';
import type { Report, Waterfall } from '../report';
import { html, raw, type Markup } from './markup';
import { table } from './tables';

/** Colours of lines, used again after the last. */
const COLORS = 8;

/**
 * Where the time of one object went, of each step that made some: the one in the middle and those that took longest, each phase
 * as a bar on one axis. Bars are markup alone, so that they are there on paper, and without the script too.
 */
export function waterfallSection(report: Report): Markup | undefined {
  if (report.waterfalls.length === 0) return undefined;
  const steps = [...Map.groupBy(report.waterfalls, ({ kind, step }) => JSON.stringify([kind, step])).values()];
  return html`<section class="card" id="waterfalls">
    <h2>Where the time went <small>from when an object was made until it was all that it is to be</small></h2>
    ${steps.map((waterfalls) => stepWaterfalls(report, waterfalls))}
  </section>`;
}

function stepWaterfalls(report: Report, waterfalls: readonly Waterfall[]): Markup {
  const [{ kind, step, of }] = waterfalls as readonly [Waterfall, ...Waterfall[]];
  const end = Math.max(...waterfalls.map(({ seconds }) => seconds));
  const names = phaseNames(waterfalls);
  return html`<h3>${step} <small>${formatNumber(of)} ${nounOf(kind)[of === 1 ? 'one' : 'many']}</small></h3>
    <div class="waterfalls">${waterfalls.map((each) => drawing(each, end, names))}</div>
    ${phaseTable(report, waterfalls, names)}`;
}

/** All phases of some waterfalls, in an order that is that of each of them. */
function phaseNames(waterfalls: readonly Waterfall[]): readonly string[] {
  const names: string[] = [];
  for (const { phases } of waterfalls) {
    let at = 0;
    for (const { name } of phases) {
      const known = names.indexOf(name);
      if (known === -1) names.splice(at++, 0, name);
      else at = known + 1;
    }
  }
  return names;
}

const RANKS: Readonly<Record<Waterfall['rank'], string>> = { median: 'the median', slowest: 'among the slowest' };

function drawing(waterfall: Waterfall, end: number, names: readonly string[]): Markup {
  const { object, rank, seconds, done, phases } = waterfall;
  const whole = done ? formatSeconds(seconds) : `not there after ${formatSeconds(seconds)}`;
  const said = phases.map(({ name, start, end: until }) => `${name} ${formatSeconds(until - start)}`).join(', ');
  return html`<div class="waterfall">
    <h4>${object} <small>${RANKS[rank]}, ${whole}</small></h4>
    <ol aria-label="${said}">
      ${phases.map(({ name, start, end: until }, i) => {
        const isOpen = !done && i === phases.length - 1;
        return html`<li>
          <span class="phase-name">${name}</span>
          <span class="phase-track"
            ><span
              class="phase-bar${isOpen && ' open'}"
              style="left: ${percent(start / end)}; width: ${percent((until - start) / end)}; --color: var(--line-${(names.indexOf(name) % COLORS) + 1})"
            ></span
          ></span>
          <span class="phase-time">${formatSeconds(until - start)}</span>
        </li>`;
      })}
    </ol>
  </div>`;
}

/** Of all objects of the step what each phase took, and its share of the time of all. */
function phaseTable(report: Report, waterfalls: readonly Waterfall[], shown: readonly string[]): Markup | undefined {
  const [{ kind, step }] = waterfalls as readonly [Waterfall, ...Waterfall[]];
  const metrics = report.metrics.filter(
    ({ name, labels }) => name.startsWith('phase_') && labels['kind'] === kind && labels['step'] === step,
  );
  const measured = [...new Set(metrics.map(({ labels }) => labels['phase'] ?? ''))];
  if (measured.length === 0) return undefined;
  const position = (phase: string) => (shown.includes(phase) ? shown.indexOf(phase) : shown.length);
  const phases = measured.toSorted((a, b) => position(a) - position(b));
  return table(
    ['Phase', '#Of', '#p50', '#p90', '#max', '#Share of the time of all'],
    phases.map((phase) => {
      const value = (name: string, quantile?: string) => metricValue({ metrics }, name, { phase, quantile });
      const seconds = (quantile: string) => formatSeconds(value('phase_seconds', quantile) ?? 0);
      return [
        phase,
        formatNumber(value('phase_objects') ?? 0),
        ...['0.5', '0.9', '1'].map(seconds),
        `${formatNumber((value('phase_share') ?? 0) * 100)} %`,
      ];
    }),
  );
}

function percent(share: number): Markup {
  return raw(`${(Number.isFinite(share) ? share * 100 : 0).toFixed(3)}%`);
}
