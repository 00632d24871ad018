import { Chart, JsonPatch, type ApiObject } from 'cdk8s';

/**
 * Keeps a cluster-scoped object without a namespace: cdk8s gives a chart's namespace to every object in it, of
 * whichever scope, and the API server refuses a cluster-scoped object that has one.
 */
export function clusterScoped<T extends ApiObject>(object: T): T {
  if (Chart.of(object).namespace !== undefined) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}
