/** What is made for a scenario that runs in the cluster. */
export const DRIVER = 'metal3-testbed-run';

/** In its namespace, who may read metrics and nothing else. */
export const METRICS_READER = 'metrics-reader';

/** Of all that is made for it. */
export function driverLabels(id: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': DRIVER, 'app.kubernetes.io/instance': id };
}

/** Each testbed has one of its own. */
export function driverNamespace(id: string): string {
  return `${DRIVER}-${id}`;
}
