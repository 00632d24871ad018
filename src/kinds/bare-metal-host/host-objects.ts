import type { SelectedHost } from '../../../lib/scenario/select-hosts';
import type { KubernetesObject } from '../../kubernetes/objects';

/** The objects of a host, in the order in which they should be applied. */
export function objectsOf({ fleet, host }: SelectedHost): readonly KubernetesObject[] {
  return fleet.objectsOf(host) as readonly object[] as readonly KubernetesObject[];
}

/** Those of them that are Secrets. */
export function secretsOf(selected: SelectedHost): readonly KubernetesObject[] {
  return objectsOf(selected).filter(({ kind }) => kind === 'Secret');
}
