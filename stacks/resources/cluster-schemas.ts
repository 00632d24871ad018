/** What may be said of clusters, and of what runs beside them, in any language. */
import { DEFAULT_KIND_NAME } from '../../src/cluster/kind/config';
import { SIMULATOR_KINDS } from '../../src/simulators/names';
import { anything, integer, name, oneOf, seconds, text, truth, type Properties } from './schema-property';
import { FORCE_CONFLICTS, ON_CLUSTER_GONE } from './fleet-schema';

const folder = name('Folder of the control plane, as LocalCluster puts it out.');

export const KIND_CLUSTER: Properties = {
  name: text(`Name of the cluster; another name is another cluster. Default: ${DEFAULT_KIND_NAME}.`),
  nodeImage: name("Image of its nodes; another image is another cluster. Default: kind's own."),
  workers: { ...integer('Worker nodes beside the one control plane. Default: 0.'), minimum: 0 },
  ports: {
    description: "Ports of this machine that lead to the node. Default: none but the API server's.",
    type: 'array',
    items: {
      type: 'object',
      description: 'A port of this machine that leads to the node.',
      properties: {
        hostPort: integer('Of this machine.'),
        nodePort: integer('Of the node.'),
        listenAddress: name('Address of this machine. Default: 127.0.0.1, where nobody else reaches it.'),
        protocol: oneOf('TCP, UDP or SCTP. Default: TCP.', ['TCP', 'UDP', 'SCTP']),
      },
      required: ['hostPort', 'nodePort'],
    },
  },
  registryMirrors: {
    description: 'Where images of a registry are pulled from instead: URLs by the name of the registry. Default: none.',
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  },
  loadImages: {
    description: 'Images, or archives of images, that are put onto its nodes. Default: none.',
    type: 'array',
    items: { type: 'string', minLength: 1 },
  },
  adopt: truth('Whether a cluster of this name that exists is taken over. Default: false.'),
  stateDir: name('Folder for its kubeconfig and record. Default: one for this resource, below XDG_STATE_HOME.'),
  timeoutSeconds: seconds('How long its nodes may take until they are ready. Default: 300.'),
};

export const LOCAL_CLUSTER: Properties = {
  stateDir: name(
    'Folder for its data; another folder is another cluster. Default: one for this resource, below XDG_STATE_HOME.',
  ),
  controllerManager: truth('Whether owned objects go with their owners, and deleted namespaces end. Default: true.'),
  timeoutSeconds: seconds('How long the API server may take to become ready. Default: 120.'),
};

export const LOCAL_SIMULATORS: Properties = {
  folder,
  kind: oneOf(
    "`bmo` or `kwok`. Default: the operator of the description's release where it can be had, otherwise kwok.",
    SIMULATOR_KINDS,
  ),
  operators: anything(
    'The operators that the platform was made for, as in testbed.yaml. Default: one, for all namespaces.',
  ),
  stages: anything('How hosts behave where kwok simulates them: `simulator` of testbed.yaml. Default: no failures.'),
};

export const LOCAL_MANAGERS: Properties = {
  folder,
  clusterApi: anything('Cluster API and its providers, as in testbed.yaml. Default: all, of the built-in releases.'),
  forceConflicts: FORCE_CONFLICTS,
  onClusterGone: ON_CLUSTER_GONE,
  timeoutSeconds: seconds('How long each wait may take. Default: 300.'),
};
