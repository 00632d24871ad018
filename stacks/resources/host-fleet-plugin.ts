/** What the provider of `HostFleet` in a stack's state loads (`metal3-testbed/pulumi/plugins/host-fleet`). */
import { interrupted, say, served } from './engine';
import { FleetOperations } from './fleet-operations';
import { hostFleetKind } from './host-fleet-kind';

export const operations: object = served(new FleetOperations(hostFleetKind, { say, signal: interrupted }));
