/** What the provider of `HostFleet` in a stack's state loads (`metal3-testbed/pulumi/plugins/host-fleet`). */
import { interrupted, say, served } from './engine';
import { HostFleetOperations } from './host-fleet-operations';

export const operations: object = served(new HostFleetOperations({ say, signal: interrupted }));
