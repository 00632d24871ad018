/** What is made for a scenario that runs in the cluster. */
export const DRIVER = 'metal3-testbed-run';

/** Each testbed has one of its own. */
export function driverNamespace(id: string): string {
  return `${DRIVER}-${id}`;
}
