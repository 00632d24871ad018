/** Several operators in place of one, each for some of its namespaces. */
import type { BareMetalOperatorProps } from '../components/baremetal-operator';
import { namespaceOf } from '../components/baremetal-operator/releases';
import { invalidInput } from '../errors';
import { requireWhole } from '../whole-number';

/** An operator of a testbed, or several alike. */
export interface TestbedOperatorProps extends BareMetalOperatorProps {
  /**
   * How many of it there are, from 1 to 100, each in a namespace of its own and for its share of the namespaces of hosts: of
   * `watchedNamespaces`, or of all where there is no other operator.
   * @default 1
   */
  readonly count?: number | undefined;
}

const MOST = 100;

/**
 * The operators one by one. Namespaces go to them in turns, so that those that are added later change nothing for the others.
 *
 * @param hostNamespaces those of all hosts
 * @throws TestbedError (`invalid-input`) where there are fewer namespaces than operators
 */
export function shardOperators(
  operators: readonly TestbedOperatorProps[],
  hostNamespaces: () => readonly string[],
): readonly BareMetalOperatorProps[] {
  return operators.flatMap(({ count = 1, ...operator }, i) => {
    requireWhole(`operators[${i}].count`, count, 1, MOST);
    if (count === 1) return [operator];
    const { watchedNamespaces = [], namePrefix } = operator;
    if (namePrefix !== undefined)
      throw invalidInput(
        `operators[${i}].namePrefix: operators[${i}].count gives each a name of its own: leave it out`,
      );
    if (watchedNamespaces.length === 0 && operators.length > 1)
      throw invalidInput(
        `operators[${i}].count is ${count}, and there are other operators: give each its own watchedNamespaces`,
      );
    const namespaces = watchedNamespaces.length > 0 ? watchedNamespaces : hostNamespaces();
    if (namespaces.length < count)
      throw invalidInput(
        `operators[${i}].count is ${count}, and there are ${namespaces.length} namespaces of hosts for them: lower it, or spread the hosts over more (hostsPerNamespace)`,
      );
    return Array.from({ length: count }, (_, shard) => ({
      antiAffinity: 'preferred' as const,
      ...operator,
      namespace: shard === 0 ? namespaceOf(operator) : numbered(namespaceOf(operator), shard + 1),
      watchedNamespaces: namespaces.filter((__, n) => n % count === shard),
    }));
  });
}

/** `baremetal-operator-system` and 2 give `baremetal-operator-2-system`. */
function numbered(namespace: string, position: number): string {
  return namespace.replace(/(-system)?$/, (end) => `-${position}${end}`);
}
