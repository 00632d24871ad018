import { UNNAMED_SCENARIO } from '../../lib/scenario/resolved';
import { nounOf } from '../../lib/kinds/faces';
import { formatNumber } from './format';
import type { Report } from './report';

/** What a run is called: the scenario's name, or what it was about where nobody has named it. */
export function titleOf({ name, environment, steps }: Pick<Report, 'environment' | 'name' | 'steps'>): string {
  if (name !== UNNAMED_SCENARIO) return name;
  const sets = [...Map.groupBy(environment.sets, ({ kind }) => kind)].map(([kind, ofKind]) => {
    const objects = ofKind.reduce((sum, each) => sum + each.objects, 0);
    return `${formatNumber(objects)} ${nounOf(kind)[objects === 1 ? 'one' : 'many']}`;
  });
  const actions = [...new Set(steps.map(({ action }) => action))];
  const done = actions.length > 3 ? [...actions.slice(0, 3), '…'] : actions;
  return [sets.join(' and '), done.join(', ')].filter((part) => part !== '').join(': ') || name;
}
