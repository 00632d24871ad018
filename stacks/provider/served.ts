import { kindCluster, localCluster, localManagers, localSimulators } from './served-clusters';
import { clusterFleet, hostFleet } from './served-fleets';
import type { ServedResource } from './served-resource';

/** The resources of the package, by the name of their type. What they share is named after the first of them. */
export const SERVED: Readonly<Record<string, ServedResource>> = {
  HostFleet: hostFleet,
  ClusterFleet: clusterFleet,
  KindCluster: kindCluster,
  LocalCluster: localCluster,
  LocalManagers: localManagers,
  LocalSimulators: localSimulators,
};
