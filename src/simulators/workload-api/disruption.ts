/** PodDisruptionBudgets, as evictions respect them. Pure. */
import { isMap } from '../../util/is-map';
import { fieldOf, type ApiObject } from './api-object';
import { StatusError } from './status-error';

/**
 * @param budgets of the pod's namespace
 * @param pods all of that namespace
 * @throws StatusError (429) where a budget forbids that the pod goes
 */
export function requireBudget(pod: ApiObject, budgets: readonly ApiObject[], pods: () => readonly ApiObject[]): void {
  for (const budget of budgets) {
    const selector = fieldOf(budget, 'spec.selector');
    if (!isSelected(selector, pod)) continue;
    const all = pods().filter((each) => isSelected(selector, each));
    const healthy = all.filter(isHealthy).length;
    const wanted = desired(budget, all.length);
    // One that is not healthy takes nothing from what is there.
    if (!isHealthy(pod) || healthy - 1 >= wanted) continue;
    const { name } = budget.metadata;
    const message = `The disruption budget ${name} needs ${wanted} healthy pods and has ${healthy} currently`;
    throw new StatusError(429, "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [{ reason: 'DisruptionBudget', message }],
    });
  }
}

function isHealthy(pod: ApiObject): boolean {
  const conditions = fieldOf(pod, 'status.conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => isMap(each) && each['type'] === 'Ready' && each['status'] === 'True')
  );
}

function desired(budget: ApiObject, count: number): number {
  const least = fieldOf(budget, 'spec.minAvailable');
  const most = fieldOf(budget, 'spec.maxUnavailable');
  if (least !== undefined) return amount(least, count);
  return most === undefined ? 0 : Math.max(0, count - amount(most, count));
}

/** A number, or a share such as `50%`, rounded up. */
function amount(value: unknown, count: number): number {
  const share = typeof value === 'string' ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined;
  return share === undefined ? Number(value) || 0 : Math.ceil((count * Number(share)) / 100);
}

function isSelected(selector: unknown, { metadata: { labels = {} } }: ApiObject): boolean {
  if (!isMap(selector)) return false;
  const exact = isMap(selector['matchLabels']) ? Object.entries(selector['matchLabels']) : [];
  const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'].filter(isMap) : [];
  return (
    exact.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values }) => {
      const value = labels[String(key)];
      const isIn = Array.isArray(values) && values.includes(value);
      if (operator === 'In') return isIn;
      if (operator === 'NotIn') return !isIn;
      return (operator === 'Exists') === (value !== undefined);
    })
  );
}
