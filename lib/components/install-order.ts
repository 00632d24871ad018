import { invalidInput } from '../errors';

/** What says which others have to be there before it. */
export interface Needing {
  readonly name: string;
  readonly needs: readonly string[];
}

/**
 * The order in which each comes after all that it needs. Those that do not need each other stay as they are given.
 *
 * @param provided names of what is there already
 * @throws TestbedError (`invalid-input`) for two of one name, a need that nobody meets, and needs in a circle
 */
export function installOrder<T extends Needing>(items: readonly T[], provided: readonly string[] = []): readonly T[] {
  const names = items.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidInput(`two components are called ${twice}: give one another name`);
  for (const { name, needs } of items) {
    const missing = needs.find((need) => !names.includes(need) && !provided.includes(need));
    if (missing !== undefined)
      throw invalidInput(
        `component ${name} needs ${missing}, which is neither installed nor there already: add ${missing}, or say that the cluster has it`,
      );
  }
  const met = new Set(provided);
  const left = [...items];
  const ordered: T[] = [];
  while (left.length > 0) {
    const i = left.findIndex(({ needs }) => needs.every((need) => met.has(need)));
    if (i < 0)
      throw invalidInput(`components need each other in a circle: ${circleIn(left)}; take one of the needs out`);
    const [next] = left.splice(i, 1) as [T];
    met.add(next.name);
    ordered.push(next);
  }
  return ordered;
}

/** `a, which needs b, which needs a`. Of these items each needs one of the others. */
function circleIn(items: readonly Needing[]): string {
  const path: string[] = [];
  let current = items[0];
  while (current !== undefined && !path.includes(current.name)) {
    path.push(current.name);
    const { needs } = current;
    current = items.find(({ name }) => needs.includes(name));
  }
  const end = current?.name ?? '';
  return [...path.slice(path.indexOf(end)), end].join(', which needs ');
}
