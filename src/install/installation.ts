import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Testbed } from '../../lib/testbed/testbed';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { namespaceObject, type KubernetesObject } from '../kubernetes/objects';

/** What an install puts onto a cluster with pods, in the parts between which something has to be waited for. */
export interface Installation {
  /** Namespaces of the hosts. */
  readonly namespaces: readonly KubernetesObject[];
  /** Empty where the testbed has none of its own. */
  readonly certManager: readonly KubernetesObject[];
  readonly operators: readonly KubernetesObject[];
  /** As {@link leasesNamedBy} gives them, where they are to be made. @default none */
  readonly leases?: readonly KubernetesObject[];
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

/**
 * The leases by which controllers agree on who works, where a Role says their names. Controllers make them where they are
 * missing; made beforehand, they are known to be the testbed's.
 */
export function leasesNamedBy(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  interface Rule {
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }
  return objects
    .filter(({ kind }) => kind === 'Role')
    .flatMap(({ metadata: { namespace = 'default' }, rules = [] }) =>
      (rules as readonly Rule[])
        .filter(({ resources = [] }) => resources.includes('leases'))
        .flatMap(({ resourceNames = [] }) => resourceNames)
        .map((name) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } })),
    );
}

function chartOf(construct: Construct | undefined): readonly KubernetesObject[] {
  return construct === undefined ? [] : (Chart.of(construct).toJson() as KubernetesObject[]);
}
