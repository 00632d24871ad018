import { SIMULATORS } from '../../simulators/names';
import { nounOf } from '../../../lib/kinds/faces';
import { formatNumber } from '../format';
import type { Environment } from '../report';
import { html, type Markup } from './markup';

/** The exact versions, settings and machine. */
export function environmentSection({
  version,
  node,
  machine,
  clusters,
  simulator,
  operators,
  managers,
  sets,
}: Environment): Markup {
  return html`<dl class="facts">
    ${fact('Machine', [
      `${machine.cpu}, ${machine.cores} cores, ${formatNumber(machine.memoryGB)} GB`,
      machine.kernel,
      `load before the run ${formatNumber(machine.loadBefore)}`,
    ])}
    ${fact(
      clusters.length === 1 ? 'Cluster' : 'Clusters',
      clusters.map(({ name, kind, kubernetes }) => `${name}: ${kind}, Kubernetes ${kubernetes}`),
    )}
    ${fact('Simulator', [simulatorName(simulator)])}
    ${fact('Measured by', [`metal3-testbed ${version}`, `Node.js ${node}`])}
    ${fact(
      sets.length === 1 ? 'Set' : 'Sets',
      sets.map(
        ({ kind, name, objects, namespaces }) =>
          `${name}: ${formatNumber(objects)} ${nounOf(kind).many} in ${formatNumber(namespaces)} namespace${namespaces === 1 ? '' : 's'}`,
      ),
    )}
    ${[...operators, ...managers.map((each) => ({ ...each, name: `${each.name} ${each.version}` }))].map(
      (operator) =>
        html`<div class="wide">
          <dt>${operator.name}</dt>
          <dd>
            <ul class="settings">
              ${operator.arguments.map((each) => html`<li><code>${each}</code></li>`)}
              ${Object.entries(operator.environment).map(([name, value]) => html`<li><code>${name}=${value}</code></li>`)}
            </ul>
          </dd>
        </div>`,
    )}
  </dl>`;
}

/** `Bare Metal Operator v0.13.2`. */
export function simulatorName({ kind, version }: Environment['simulator']): string {
  return `${SIMULATORS[kind]} ${version}`;
}

function fact(name: string, lines: readonly string[]): Markup {
  return html`<div>
    <dt>${name}</dt>
    ${lines.map((line) => html`<dd>${line}</dd>`)}
  </div>`;
}
