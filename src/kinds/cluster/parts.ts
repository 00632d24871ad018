/** Where the parts of a cluster are that say how many machines of which kind it has. */
import { API_VERSIONS } from '../../../lib/kinds/cluster/api-groups';
import { CONTROL_PLANE } from '../../../lib/kinds/cluster/cluster-parts';
import { collectionPath } from '../../kubernetes/rest-mapper';
import type { Target } from '../../scenario/arrivals';

export function controlPlanePath({ namespace, name }: Target): string {
  return `${collectionPath(API_VERSIONS.controlPlane, 'kubeadmcontrolplanes', namespace)}/${name}-${CONTROL_PLANE}`;
}

export function machineDeploymentPath({ namespace, name }: Target, group: string): string {
  return `${collectionPath(API_VERSIONS.core, 'machinedeployments', namespace)}/${name}-${group}`;
}
