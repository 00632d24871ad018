/** What the provider of `ClusterCondition` in a stack's state loads (`metal3-testbed/pulumi/plugins/cluster-condition`). */
import { clusterCondition } from './cluster-condition-operations';
import { served } from './engine';

export const operations: object = served(clusterCondition);
