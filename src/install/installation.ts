import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Testbed } from '../../lib/testbed';
import { resolveTestbed, type TestbedProps } from '../../lib/resolve-testbed';
import { namespaceObject, type KubernetesObject } from '../kubernetes/objects';

/** What an install puts onto a cluster with pods, in the parts between which something has to be waited for. */
export interface Installation {
  /** Namespaces of the hosts. */
  readonly namespaces: readonly KubernetesObject[];
  /** Empty where the testbed has none of its own. */
  readonly certManager: readonly KubernetesObject[];
  readonly operators: readonly KubernetesObject[];
  /** A namespace for each operator in which it takes care of hosts. */
  readonly probeNamespaces: readonly string[];
}

/** All objects of a testbed but its hosts. */
export function installationOf(props: TestbedProps): Installation {
  const { scenario: _, ...described } = props;
  const testbed = new Testbed(new App(), 'testbed', { ...described, hostSets: [] });
  const resolved = resolveTestbed(props);
  return {
    namespaces: resolved.namespaces.map(namespaceObject),
    certManager: chartOf(testbed.certManager),
    operators: chartOf(testbed.operators[0]),
    probeNamespaces: resolved.operators.map(({ watchedNamespaces }) => watchedNamespaces?.[0] ?? 'default'),
  };
}

/** Every object, in no particular order. */
export function allObjects({ namespaces, certManager, operators }: Installation): readonly KubernetesObject[] {
  return [...namespaces, ...certManager, ...operators];
}

function chartOf(construct: Construct | undefined): readonly KubernetesObject[] {
  return construct === undefined ? [] : (Chart.of(construct).toJson() as KubernetesObject[]);
}
