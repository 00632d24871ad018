/** What may be said of a platform. What its components can have is for them to say. */
import { FORCE_CONFLICTS, ON_CLUSTER_GONE } from './fleet-schema';
import { anything, name, seconds, truth, type Properties } from './schema-property';

export const PLATFORM: Properties = {
  kubeconfig: name("Content of the cluster's kubeconfig."),
  context: name('Context of that kubeconfig.'),
  provider: anything('A provider of @pulumi/kubernetes.'),
  certManager: anything('As in testbed.yaml.'),
  clusterApi: anything('As in testbed.yaml.'),
  installCertManager: truth('As in testbed.yaml.'),
  kwok: anything('As in testbed.yaml.'),
  operators: { type: 'array', items: anything('As in testbed.yaml.') },
  workloadApi: anything('As in testbed.yaml.'),
  hasPods: truth('Whether the cluster runs pods.'),
  hasControllers: truth('Whether deleted namespaces end on the cluster.'),
  simulators: anything('What simulates the hosts of an embedded control plane.'),
  managers: anything('Where the managers of Cluster API run.'),
  timeoutSeconds: seconds('How long each wait may take.'),
  onClusterGone: ON_CLUSTER_GONE,
  forceConflicts: FORCE_CONFLICTS,
};

/** What decides which resources there are: it has to be known when the program runs. */
export const KNOWN_OF_PLATFORM = ['operators', 'hasPods', 'hasControllers', 'installCertManager'] as const;
