/** `KindCluster`, `LocalCluster` and what simulates the hosts of the latter, for programs in any language. */
import { DEFAULT_KIND_NAME } from '../../src/cluster/kind/config';
import { served } from '../resources/engine';
import { kindCluster as kindOperations } from '../resources/kind-cluster-operations';
import { localCluster as localOperations } from '../resources/local-cluster-operations';
import { localManagers as managersOperations } from '../resources/local-managers-operations';
import { localSimulators as simulatorsOperations } from '../resources/local-simulators-operations';
import { FOUND, ownerOf } from '../resources/made-here';
import { KIND_CLUSTER, LOCAL_CLUSTER, LOCAL_MANAGERS, LOCAL_SIMULATORS } from '../resources/cluster-schemas';
import { requireArguments } from '../resources/require-arguments';
import { requireManagers, requireSimulators } from '../resources/require-beside';
import { hidden, text, texts, truth } from '../resources/schema-property';
import { argumentsOf } from '../resources/state-dir';
import type { ServedResource } from './served-resource';

const kubeconfig = hidden(text('Content of a kubeconfig of this cluster alone.'));

export const kindCluster: ServedResource = {
  description: 'A kind cluster on this machine.',
  operations: served(kindOperations),
  args: KIND_CLUSTER,
  required: [],
  results: { kubeconfig },
  insteadOfImport: 'adopt: true takes over one that exists',
  faces: {
    properties: { clusterName: text('Name of the cluster.') },
    of: (_, { name = DEFAULT_KIND_NAME }) => ({ clusterName: name }),
  },
  decided: (place) => ({ owner: ownerOf(place) }),
  refuse: ({ name }, args) => requireArguments(`KindCluster ${name}`, KIND_CLUSTER, argumentsOf(args)),
  inputsOf: (place, args) => ({ owner: ownerOf(place), ...args }),
  secretsOf: () => ['kubeconfig'],
};

export const localCluster: ServedResource = {
  description:
    'The embedded control plane on this machine: etcd, kube-apiserver and kube-controller-manager. It runs no pods.',
  operations: served(localOperations),
  args: LOCAL_CLUSTER,
  required: [],
  results: {
    kubeconfig,
    folder: text('The folder, by its full path.'),
    hasControllers: truth('Whether deleted namespaces end there, and owned objects go with their owners.'),
  },
  insteadOfImport: 'give it a stateDir of its own',
  decided: (place) => ({ owner: ownerOf(place) }),
  refuse: ({ name }, args) => requireArguments(`LocalCluster ${name}`, LOCAL_CLUSTER, argumentsOf(args)),
  inputsOf: (place, args) => ({ owner: ownerOf(place), ...args }),
  secretsOf: () => ['kubeconfig'],
};

export const localSimulators: ServedResource = {
  description: 'What simulates the hosts of an embedded control plane, as processes beside it.',
  operations: served(simulatorsOperations),
  args: LOCAL_SIMULATORS,
  required: ['folder'],
  results: { simulator: text('What simulates the hosts.'), version: text('Which build of it.') },
  insteadOfImport: `describe it: ${FOUND}`,
  refuse: ({ name }, args) => requireSimulators(`LocalSimulators ${name}`, args),
  inputsOf: (_, args) => args,
  secretsOf: () => [],
};

export const localManagers: ServedResource = {
  description:
    'The managers of Cluster API as processes beside an embedded control plane, and who answers for the API of clusters.',
  operations: served(managersOperations),
  args: LOCAL_MANAGERS,
  required: ['folder'],
  results: {
    managers: {
      description: "The version of each manager's program.",
      type: 'object',
      additionalProperties: { type: 'string' },
    },
    processes: texts('The processes: the managers, and workload-api.'),
  },
  insteadOfImport: `describe it: ${FOUND}`,
  refuse: ({ name }, args) => requireManagers(`LocalManagers ${name}`, args),
  inputsOf: (_, args) => ({ ...args, clusterApi: args['clusterApi'] ?? {} }),
  secretsOf: () => [],
};
