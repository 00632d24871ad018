import type { Environment } from './report';

/** One thing in which two runs were not alike. */
export interface Difference {
  /** Such as `machine.cpu` or `operators.bmo.arguments`. */
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

const ABSENT = 'none';

/** In what two environments differ, but for the load of the machine, which is never twice the same. */
export function environmentDifferences(a: Environment, b: Environment): readonly Difference[] {
  const left = facts(a);
  const right = facts(b);
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((what) => ({ what, a: left.get(what) ?? ABSENT, b: right.get(what) ?? ABSENT }))
    .filter((each) => each.a !== each.b);
}

function facts(environment: Environment): ReadonlyMap<string, string> {
  const { version, node, machine, clusters, simulator, operators, hostSets } = environment;
  return new Map([
    ['metal3-testbed', version],
    ['node', node],
    ['machine.cpu', machine.cpu],
    ['machine.cores', String(machine.cores)],
    ['machine.memoryGB', String(machine.memoryGB)],
    ['machine.kernel', machine.kernel],
    ['simulator', `${simulator.kind} ${simulator.version}`],
    ...clusters.map(({ name, kind, kubernetes }) => [`clusters.${name}`, `${kind} ${kubernetes}`] as const),
    ...operators.flatMap((operator) => [
      [`operators.${operator.name}.arguments`, operator.arguments.join(' ')] as const,
      [`operators.${operator.name}.environment`, settings(operator.environment)] as const,
    ]),
    ...hostSets.map(
      ({ name, hosts, namespaces }) => [`hostSets.${name}`, `${hosts} hosts in ${namespaces} namespaces`] as const,
    ),
  ]);
}

function settings(environment: Readonly<Record<string, string>>): string {
  return Object.keys(environment)
    .sort()
    .map((name) => `${name}=${environment[name]}`)
    .join(' ');
}
