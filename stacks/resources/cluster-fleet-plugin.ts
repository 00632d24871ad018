/** What the provider of `ClusterFleet` in a stack's state loads (`metal3-testbed/pulumi/plugins/cluster-fleet`). */
import { interrupted, say, served } from './engine';
import { FleetOperations } from './fleet-operations';
import { clusterFleetKind } from './cluster-fleet-kind';

export const operations: object = served(new FleetOperations(clusterFleetKind, { say, signal: interrupted }));
