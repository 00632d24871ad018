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

/**
 * In what two environments differ, but for the load of the machine, which is never twice the same, and in what they were unlike
 * production where a report does not say it.
 */
export function environmentDifferences(a: Environment, b: Environment): readonly Difference[] {
  const isSaid = a.unlikeProduction !== undefined && b.unlikeProduction !== undefined;
  const left = new Map([...facts(a), ...(isSaid ? departures(a) : [])]);
  const right = new Map([...facts(b), ...(isSaid ? departures(b) : [])]);
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((what) => ({ what, a: left.get(what) ?? ABSENT, b: right.get(what) ?? ABSENT }))
    .filter((each) => each.a !== each.b);
}

function facts(environment: Environment): ReadonlyMap<string, string> {
  const { version, node, machine, clusters, simulator, operators, managers, sets } = environment;
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
    ...managers.flatMap((manager) => [
      [`managers.${manager.name}.version`, manager.version] as const,
      [`managers.${manager.name}.arguments`, withoutPorts(manager.arguments.join(' '))] as const,
      [`managers.${manager.name}.environment`, settings(manager.environment)] as const,
    ]),
    ...sets.map(
      ({ kind, name, objects, namespaces }) =>
        [`sets.${name}`, `${objects} ${nounOf(kind).many} in ${namespaces} namespaces`] as const,
    ),
  ]);
}

/** In what it was unlike production, but for the arguments that are told as such. */
function departures({ unlikeProduction = [] }: Environment): readonly (readonly [what: string, here: string])[] {
  return unlikeProduction
    .filter(({ option }) => !/^([^:]*: )?(operators|managers)\./.test(option))
    .map(({ option, here }) => [`unlikeProduction.${option}`, withoutPorts(here)] as const);
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
