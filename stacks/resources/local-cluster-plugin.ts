/** What the provider of `LocalCluster` in a stack's state loads (`metal3-testbed/pulumi/plugins/local-cluster`). */
import { served } from './engine';
import { localCluster } from './local-cluster-operations';

export const operations: object = served(localCluster);
