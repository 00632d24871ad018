/** How kwok is called for hosts, in a pod or as a plain process alike. */

/**
 * kwok insists on managing nodes; by this name there is none, so it watches none. At the level of INFO each write is a line:
 * gigabytes for a large fleet.
 */
export const kwokArguments = ['--manage-single-node', 'metal3-testbed-no-node', '--v', 'WARN'] as const;

/** What is in its file of stages. Each JSON document is a YAML document too, and is read many times faster. */
export function stagesText(stages: readonly object[]): string {
  return stages.map((stage) => JSON.stringify(stage)).join('\n---\n') + '\n';
}
