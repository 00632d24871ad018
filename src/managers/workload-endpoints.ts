/** Where the API of workload clusters is to listen on this machine. */
import { invalidInput, TestbedError } from '../../lib/errors';
import type { PlannedCluster } from '../../lib/kinds/cluster/cluster-plan';
import { isFree } from '../cluster/local/ports';
import { findProcess } from '../simulators/background-process';
import { endpointsServedBy, WORKLOAD_API } from '../simulators/workload-api-process';
import { inParallel } from '../util/in-parallel';
import { isOfThisMachine } from '../util/own-addresses';
import { processFolder } from './ports';

type Planned = Pick<PlannedCluster, 'endpoint' | 'name' | 'namespace'>;

const MOST_SHOWN = 3;
const IN_FLIGHT = 64;

/**
 * Makes sure that no other process listens where clusters are to be served: their managers would take it for the API of
 * their cluster, and wait. Where the API of this testbed runs already, those that it serves are its own.
 *
 * @param beside folders of testbeds that are brought up side by side with this one: what their clusters were moved to in an
 *   earlier run is given back, as theirs are taken away first
 * @throws TestbedError (`environment`) naming the endpoints that are taken
 */
export async function requireFreeEndpoints(
  stateDir: string,
  clusters: Iterable<Planned>,
  beside: readonly string[] = [],
): Promise<void> {
  const served = new Set((await Promise.all([stateDir, ...beside].map(servedFrom))).flat());
  const taken: string[] = [];
  await inParallel(clusters, IN_FLIGHT, async ({ namespace, name, endpoint: { host, port } }) => {
    if (!isOfThisMachine(host) || served.has(`${host}:${port}`) || (await isFree(port, host))) return;
    taken.push(`${host}:${port} (cluster ${namespace}/${name})`);
  });
  if (taken.length === 0) return;
  const more = taken.length > MOST_SHOWN ? `, and ${taken.length - MOST_SHOWN} more` : '';
  throw new TestbedError(
    'environment',
    `other processes listen where clusters are to be served: ${taken.slice(0, MOST_SHOWN).join(', ')}${more}; stop them (another testbed: 'metal3-testbed down --state-dir DIR'), or choose other ports with endpointPort of the cluster set`,
  );
}

/**
 * Makes sure that no two clusters of testbeds that come up side by side are to be served at one place of this machine.
 *
 * @throws TestbedError (`invalid-input`) naming two of them
 */
export function requireSeparateEndpoints(testbeds: readonly NamedClusters[]): void {
  const taken = new Map<string, string>();
  for (const { name, clusters } of testbeds) {
    for (const cluster of clusters) {
      const { host, port } = cluster.endpoint;
      if (!isOfThisMachine(host)) continue;
      const at = `${host}:${port}`;
      const what = `cluster ${cluster.namespace}/${cluster.name} of ${name}`;
      const other = taken.get(at);
      if (other !== undefined)
        throw invalidInput(
          `${other} and ${what} would both be served at ${at}: give the clusterSets of one another endpointPort, or endpointAddresses`,
        );
      taken.set(at, what);
    }
  }
}

interface NamedClusters {
  readonly name: string;
  readonly clusters: Iterable<Planned>;
}

async function servedFrom(stateDir: string): Promise<readonly string[]> {
  const running = findProcess(processFolder(stateDir, WORKLOAD_API), WORKLOAD_API);
  return running === undefined ? [] : endpointsServedBy(running.readyUrl);
}
