import { nounOf } from '../../lib/kinds/faces';
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
  const { version, node, machine, clusters, simulator, operators, sets } = environment;
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
      [`operators.${operator.name}.arguments`, withoutPorts(operator.arguments.join(' '))] as const,
      [`operators.${operator.name}.environment`, settings(operator.environment)] as const,
    ]),
    ...sets.map(
      ({ kind, name, objects, namespaces }) =>
        [`sets.${name}`, `${objects} ${nounOf(kind).many} in ${namespaces} namespaces`] as const,
    ),
  ]);
}

function settings(environment: Readonly<Record<string, string>>): string {
  return Object.keys(environment)
    .sort()
    .map((name) => `${name}=${environment[name]}`)
    .join(' ');
}

/** Ports on loopback are whichever were free, and nothing of a setting. */
function withoutPorts(text: string): string {
  return text.replaceAll(/(127\.0\.0\.1|localhost|\[::1\]):\d+/g, '$1:*');
}
