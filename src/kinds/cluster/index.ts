export * as clusterSteps from './cluster-steps';
