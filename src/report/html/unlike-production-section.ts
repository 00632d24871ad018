import { formatNumber } from '../format';
import type { Environment } from '../report';
import { html, type Markup } from './markup';

type Departure = NonNullable<Environment['unlikeProduction']>[number];

/**
 * What the environment was not: each way in which it was unlike production, with what production has in its place. A report of
 * an earlier version does not say it, and then neither does the page.
 */
export function unlikeProductionSection({ unlikeProduction }: Environment): Markup | undefined {
  if (unlikeProduction === undefined) return undefined;
  if (unlikeProduction.length === 0)
    return html`<section class="card" id="unlike-production">
      <h2>What this environment was not</h2>
      <p>Nothing is known in which it was unlike production.</p>
    </section>`;
  const groups = [...Map.groupBy(unlikeProduction, placeOf)];
  return html`<section class="card" id="unlike-production">
    <h2>
      What this environment was not
      <small>${formatNumber(unlikeProduction.length)} ways in which it was unlike production</small>
    </h2>
    <dl class="unlike">
      ${groups.map(
        ([place, departures]) =>
          html`<div>
            <dt>${place}</dt>
            ${departures.map(description)}
          </div>`,
      )}
    </dl>
  </section>`;
}

/** What an option is of: `managers.cluster-api` of `managers.cluster-api.kube-api-qps`. */
function placeOf({ option }: Departure): string {
  const dot = option.lastIndexOf('.');
  return dot === -1 ? option : option.slice(0, dot);
}

function description({ option, here, production }: Departure): Markup {
  // A flag and a variable are as they stand on a command line; all else are words.
  const isCode = /^(--?[a-z]|[A-Z][A-Z0-9_]*=)/.test(here);
  return html`<dd title="${option}">
    ${isCode ? html`<code>${here}</code>` : here} <small><b>in production:</b> ${production}</small>
  </dd>`;
}
