import { formatNumber } from '../format';
import type { Environment } from '../report';
import { html, type Markup } from './markup';

type Departure = NonNullable<Environment['unlikeProduction']>[number];

/** What the options of a description are about, by the first part of their names. */
const AREAS: Readonly<Record<string, string>> = {
  operators: 'Bare Metal Operator',
  workloadApi: 'workload clusters',
  clusterSets: 'cluster sets',
  clusterApi: 'Cluster API',
  apiServer: 'API server',
  controllerManager: 'controller manager',
};

/**
 * What the environment was not: in how many ways of what it was unlike production, and, folded away, each of them with what
 * production has in its place. It folds without the script, and is whole on paper. A report of an earlier version does not
 * say it, and then neither does the page.
 */
export function unlikeProductionSection({ unlikeProduction }: Environment): Markup | undefined {
  if (unlikeProduction === undefined) return undefined;
  if (unlikeProduction.length === 0)
    return html`<section class="card" id="unlike-production">
      <h2>What this environment was not <small>nothing is known in which it was unlike production</small></h2>
    </section>`;
  const areas = [...Map.groupBy(unlikeProduction, areaOf)];
  const places = [...Map.groupBy(unlikeProduction, placeOf)];
  const ways = unlikeProduction.length === 1 ? 'way' : 'ways';
  return html`<details class="card" id="unlike-production">
    <summary>
      <h2>
        What this environment was not
        <small>${formatNumber(unlikeProduction.length)} ${ways} in which it was unlike production</small>
      </h2>
      <span class="areas"
        >${areas.map(([area, { length }]) => html`<span>${area} <b>${formatNumber(length)}</b></span> `)}</span
      >
    </summary>
    <dl class="unlike">
      ${places.map(
        ([place, departures]) =>
          html`<div>
            <dt>${place}</dt>
            ${departures.map(description)}
          </div>`,
      )}
    </dl>
  </details>`;
}

/** What an option is about, in words: `managers` of `managers.cluster-api.kube-api-qps`. */
function areaOf({ option }: Departure): string {
  const [first = option] = option.split('.');
  return AREAS[first] ?? first;
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
