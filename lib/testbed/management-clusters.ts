/** Several testbeds in one description, a management cluster each; what they have in common is said once. */
import { invalidInput, TestbedError } from '../errors';
import { FIRST_ENDPOINT_PORT } from '../kinds/cluster/endpoint-plan';
import type { ClusterSetProps } from '../kinds/cluster/cluster-set-props';
import { requireDnsLabel } from '../names';
import { withoutUndefined } from '../without-undefined';
import type { TestbedProps } from './resolve';

/** A management cluster of a description that has several. */
export interface ManagementClusterProps extends TestbedProps {
  /** Its name, a DNS label: in reports and messages, and of its folder below the state folder. */
  readonly name: string;
}

/** What `testbed.yaml` describes: one testbed, or several that have much in common. */
export interface TestbedDescription extends TestbedProps {
  /**
   * Management clusters, each a testbed of its own on a cluster of its own; commands bring them up and drive them side by
   * side. What stands beside this key is common to all, and what one of them says takes the place of that, key by key.
   * Clusters whose set says nothing of endpoints have theirs from port 20000 on in the first one, from 21000 in the next.
   * @default - one testbed, which has no name
   */
  readonly managementClusters?: readonly ManagementClusterProps[] | undefined;
}

/** A management cluster with all that is said of it. */
export interface ManagementCluster<Props = TestbedProps> {
  readonly name: string;
  /** For whatever takes one testbed: `resolveTestbed`, `Testbed`, `runScenario`. */
  readonly props: Props;
}

/** What may have several: a description, or one with other types, such as those of Pulumi. */
export interface WithManagementClusters {
  readonly managementClusters?: readonly { readonly name: string }[] | undefined;
}

/** How many a description may have: each has 1,000 ports for endpoints, and 20000 is the first. */
export const MOST_MANAGEMENT_CLUSTERS = 40;
const PORTS_EACH = 1_000;

/**
 * The testbeds of a description, in its order. Each has yet to be checked as a whole, which {@link resolveTestbed} does.
 *
 * @returns one with the name `default` where the description is of one testbed
 * @throws TestbedError (`invalid-input`) for names that are not allowed or there twice, and for too many or none
 */
export function managementClusters<Description extends WithManagementClusters = TestbedDescription>(
  description: Description,
): readonly ManagementCluster<Omit<Description, 'managementClusters'>>[] {
  const { managementClusters: described, ...common } = description;
  if (described === undefined) return [{ name: 'default', props: common }];
  if (described.length === 0 || described.length > MOST_MANAGEMENT_CLUSTERS)
    throw invalidInput(
      `${described.length} are described: describe 1 to ${MOST_MANAGEMENT_CLUSTERS}, or leave managementClusters out for one testbed`,
    ).at('managementClusters');
  const before = new Map<string, number>();
  return described.map(({ name, ...own }, i) => {
    requireName(name, i, before);
    before.set(name, i);
    return { name, props: withOwnPorts({ ...common, ...withoutUndefined(own) }, i) as typeof common };
  });
}

function requireName(name: string, i: number, before: ReadonlyMap<string, number>): void {
  try {
    requireDnsLabel('name', name);
    const first = before.get(name);
    if (first !== undefined)
      throw invalidInput(`name '${name}' is that of managementClusters[${first}] too: give each its own`);
  } catch (error) {
    throw error instanceof TestbedError ? error.at(`managementClusters[${i}].name`) : error;
  }
}

/** All are served from one machine, unless the API of workload clusters is in the cluster. */
function withOwnPorts(props: Pick<TestbedProps, 'clusterSets' | 'workloadApi'>, i: number): object {
  const { clusterSets, workloadApi } = props;
  if (i === 0 || clusterSets === undefined || workloadApi !== undefined) return props;
  const withPort = (set: ClusterSetProps) =>
    set.endpointPort === undefined && set.endpointHost === undefined && set.endpointAddresses === undefined
      ? { ...set, endpointPort: FIRST_ENDPOINT_PORT + i * PORTS_EACH }
      : set;
  return { ...props, clusterSets: clusterSets.map(withPort) };
}
