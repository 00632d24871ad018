/** What may be said of a fleet of any kind, beside its set, in any language. */
import { anything, hidden, name, oneOf, seconds, text, truth, type Properties } from './schema-property';

export const FORCE_CONFLICTS = truth('Whether fields that somebody else has changed are taken back. Default: false.');

export const ON_CLUSTER_GONE = oneOf(
  'What deleting does where the cluster cannot be reached: `fail` or `forget`. Default: fail.',
  ['fail', 'forget'],
);

export const FLEET: Properties = {
  kubeconfig: hidden(text('Content of a kubeconfig, or the path of one, relative to the folder of the program.')),
  context: name("Context of that kubeconfig. Default: the kubeconfig's current one."),
  set: text(
    'Name of the ApplySet that the objects belong to; another name replaces the fleet. Default: project.stack.name.',
  ),
  createNamespaces: truth('Whether namespaces that are not there are made, and deleted with the fleet. Default: true.'),
  forceConflicts: FORCE_CONFLICTS,
  onClusterGone: ON_CLUSTER_GONE,
  deleteTimeoutSeconds: seconds(
    'How long deleted objects may take until the next one is gone, in seconds. Default: 600.',
  ),
  waitFor: anything('What an update waits for: `settled`, `none`, or `{ state, share }`. Default: none.'),
  waitTimeoutSeconds: seconds(
    'How long that may take, in seconds. Default: 600, and half a second a host or 10 seconds a cluster.',
  ),
};

/** The releases on a cluster, which decide what clusters can have. */
export const RELEASES: Properties = {
  clusterApi: name('Of Cluster API. Default: the one that is built in.'),
  operator: name('Of the Bare Metal Operator. Default: the one that is built in.'),
};
