/** `KindCluster`, `LocalCluster` and what simulates the hosts of the latter, for programs in any language. */
import { DEFAULT_KIND_NAME } from '../../src/cluster/kind/config';
import { served } from '../resources/engine';
import { kindCluster as kindOperations } from '../resources/kind-cluster-operations';
import { localCluster as localOperations } from '../resources/local-cluster-operations';
import { localManagers as managersOperations } from '../resources/local-managers-operations';
import { localSimulators as simulatorsOperations } from '../resources/local-simulators-operations';
import { ownerOf } from '../resources/made-here';
import { anything, hidden, integer, number, text, texts, truth } from './schema-property';
import type { ServedResource } from './served-resource';

const kubeconfig = hidden(text('Content of a kubeconfig of this cluster alone.'));

export const kindCluster: ServedResource = {
  description: 'A kind cluster on this machine.',
  operations: served(kindOperations),
  args: {
    name: text(`Name of the cluster; another name is another cluster. Default: ${DEFAULT_KIND_NAME}.`),
    nodeImage: text("Image of its nodes; another image is another cluster. Default: kind's own."),
    workers: integer('Worker nodes beside the one control plane. Default: 0.'),
    ports: {
      description: "Ports of this machine that lead to the node. Default: none but the API server's.",
      type: 'array',
      items: {
        type: 'object',
        description: 'A port of this machine that leads to the node.',
        properties: { hostPort: integer('Of this machine.'), nodePort: integer('Of the node.') },
        required: ['hostPort', 'nodePort'],
      },
    },
    registryMirrors: {
      description:
        'Where images of a registry are pulled from instead: URLs by the name of the registry. Default: none.',
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
    },
    loadImages: texts('Images, or archives of images, that are put onto its nodes. Default: none.'),
    adopt: truth('Whether a cluster of this name that exists is taken over. Default: false.'),
    stateDir: text('Folder for its kubeconfig and record. Default: one for this resource, below XDG_STATE_HOME.'),
    timeoutSeconds: number('How long its nodes may take until they are ready. Default: 300.'),
  },
  required: [],
  results: { kubeconfig },
  insteadOfImport: 'adopt: true takes over one that exists',
  faces: {
    properties: { clusterName: text('Name of the cluster.') },
    of: (_, { name = DEFAULT_KIND_NAME }) => ({ clusterName: name }),
  },
  decided: (place) => ({ owner: ownerOf(place) }),
  inputsOf: (place, args) => ({ owner: ownerOf(place), ...args }),
  secretsOf: () => ['kubeconfig'],
};

export const localCluster: ServedResource = {
  description:
    'The embedded control plane on this machine: etcd, kube-apiserver and kube-controller-manager. It runs no pods.',
  operations: served(localOperations),
  args: {
    stateDir: text(
      'Folder for its data; another folder is another cluster. Default: one for this resource, below XDG_STATE_HOME.',
    ),
    controllerManager: truth('Whether owned objects go with their owners, and deleted namespaces end. Default: true.'),
    timeoutSeconds: number('How long the API server may take to become ready. Default: 120.'),
  },
  required: [],
  results: {
    kubeconfig,
    folder: text('The folder, by its full path.'),
    hasControllers: truth('Whether deleted namespaces end there, and owned objects go with their owners.'),
  },
  insteadOfImport: 'give it a stateDir of its own',
  decided: (place) => ({ owner: ownerOf(place) }),
  inputsOf: (place, args) => ({ owner: ownerOf(place), ...args }),
  secretsOf: () => ['kubeconfig'],
};

export const localSimulators: ServedResource = {
  description: 'What simulates the hosts of an embedded control plane, as processes beside it.',
  operations: served(simulatorsOperations),
  args: {
    folder: text('Folder of the control plane, as LocalCluster puts it out.'),
    kind: text(
      "`bmo` or `kwok`. Default: the operator of the description's release where it can be had, otherwise kwok.",
    ),
    operators: anything(
      'The operators that the platform was made for, as in testbed.yaml. Default: one, for all namespaces.',
    ),
    stages: anything('How hosts behave where kwok simulates them: `simulator` of testbed.yaml. Default: no failures.'),
  },
  required: ['folder'],
  results: { simulator: text('What simulates the hosts.'), version: text('Which build of it.') },
  insteadOfImport: 'describe it: what runs beside the control plane is found',
  inputsOf: (_, args) => args,
  secretsOf: () => [],
};

export const localManagers: ServedResource = {
  description:
    'The managers of Cluster API as processes beside an embedded control plane, and who answers for the API of clusters.',
  operations: served(managersOperations),
  args: {
    folder: text('Folder of the control plane, as LocalCluster puts it out.'),
    clusterApi: anything('Cluster API and its providers, as in testbed.yaml. Default: all, of the built-in releases.'),
    forceConflicts: truth('Whether fields that somebody else has changed are taken back. Default: false.'),
    onClusterGone: text('What deleting does where the cluster cannot be reached: `fail` or `forget`. Default: fail.'),
    timeoutSeconds: number('How long each wait may take. Default: 300.'),
  },
  required: ['folder'],
  results: {
    managers: {
      description: "The version of each manager's program.",
      type: 'object',
      additionalProperties: { type: 'string' },
    },
    processes: texts('The processes: the managers, and workload-api.'),
  },
  insteadOfImport: 'describe it: what runs beside the control plane is found',
  inputsOf: (_, args) => ({ ...args, clusterApi: args['clusterApi'] ?? {} }),
  secretsOf: () => [],
};
