import { yamlDocument } from '../../yaml';
import type { ClusterPlan } from './cluster-plan';

/** The objects of a cluster set as YAML: a text for what its clusters share, and one for each cluster. */
export function* clusterYaml(plan: ClusterPlan): Generator<string, void, undefined> {
  const shared = plan.sharedObjects();
  if (shared.length > 0) yield shared.map(yamlDocument).join('');
  for (const cluster of plan.clusters()) yield plan.objectsOf(cluster).map(yamlDocument).join('');
}
