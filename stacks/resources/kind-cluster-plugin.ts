/** What the provider of `KindCluster` in a stack's state loads (`metal3-testbed/pulumi/plugins/kind-cluster`). */
import { kindCluster } from './kind-cluster-operations';
import { served } from './engine';

export const operations: object = served(kindCluster);
