import { App, Chart } from 'cdk8s';
import { BAREMETAL_OPERATOR } from '../../lib/components/baremetal-operator/component';
import { KWOK, KWOK_CREDENTIALS } from '../../lib/components/simulators/kwok';
import type { Component } from '../../lib/components/component';
import { componentsOf } from '../../lib/testbed/components';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { namespaceObject, type KubernetesObject, type NamespacedName } from '../kubernetes/objects';

/** A component, and what it consists of. */
export interface Installed {
  readonly component: Component;
  readonly objects: readonly KubernetesObject[];
}

/** What an install puts onto a cluster. */
export interface Installation {
  /** Namespaces of the hosts. */
  readonly namespaces: readonly KubernetesObject[];
  /** In the order of installing. */
  readonly components: readonly Installed[];
  /** As {@link leasesNamedBy} gives them, where they are to be made. @default none */
  readonly leases?: readonly KubernetesObject[];
}

/** All objects of a testbed but its hosts. */
export function installationOf(testbed: ResolvedTestbed): Installation {
  return installationOfComponents(componentsOf(testbed), testbed.namespaces);
}

/** @param components in the order of installing */
export function installationOfComponents(
  components: readonly Component[],
  namespaces: readonly string[] = [],
): Installation {
  return { namespaces: namespaces.map(namespaceObject), components: components.map(installed) };
}

function installed(component: Component): Installed {
  const chart = new Chart(new App(), component.name);
  component.addTo(chart);
  return { component, objects: chart.toJson() as KubernetesObject[] };
}

/** Every object, in no particular order. */
export function allObjects({ namespaces, components }: Installation): readonly KubernetesObject[] {
  return [...namespaces, ...components.flatMap(({ objects }) => objects)];
}

/** The Deployments that simulate hosts where they are simulated in the cluster: of the operators, or of kwok. */
export function simulatorDeployments({ components }: Installation): readonly NamespacedName[] {
  return components
    .filter(({ component }) => component.name === BAREMETAL_OPERATOR || component.name === KWOK)
    .flatMap(({ objects }) => objects)
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name !== KWOK_CREDENTIALS)
    .map(({ metadata: { namespace = '', name } }) => ({ namespace, name }));
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
