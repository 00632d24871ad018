/** `HostFleet` and `ClusterFleet` for programs in any language. */
import type { Kind } from '../../lib/kinds/kind';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { invalidInput } from '../../lib/errors';
import { requireDnsSubdomain } from '../../lib/names';
import { clusterFleetKind } from '../resources/cluster-fleet-kind';
import type { ClusterFleetArgs } from '../resources/cluster-fleet-args';
import { describedClusters } from '../resources/described-clusters';
import { describedSet, hasLiterals } from '../resources/described-set';
import { interrupted, say, served } from '../resources/engine';
import type { FleetArgs, FleetCredentials } from '../resources/fleet-args';
import type { FleetKind } from '../resources/fleet-kind';
import { FleetOperations } from '../resources/fleet-operations';
import { behaviourOf, hasCredentialValues, namesOf, requireBehaviour, setNameOf } from '../resources/fleet-resource';
import type { FleetInputs } from '../resources/fleet-state';
import type { HostFleetArgs } from '../resources/host-fleet-args';
import { hostFleetKind } from '../resources/host-fleet-kind';
import { anything, hidden, integer, integers, text, truth, type SchemaProperty } from './schema-property';
import type { ResourcePlace, ServedResource } from './served-resource';
import { setProperties } from './set-properties';

type Properties = Readonly<Record<string, SchemaProperty>>;

const FLEET: Properties = {
  kubeconfig: hidden(text('Content of a kubeconfig, or the path of one, relative to the folder of the program.')),
  context: text("Context of that kubeconfig. Default: the kubeconfig's current one."),
  set: text(
    'Name of the ApplySet that the objects belong to; another name replaces the fleet. Default: project.stack.name.',
  ),
  createNamespaces: truth('Whether namespaces that are not there are made, and deleted with the fleet. Default: true.'),
  forceConflicts: truth('Whether fields that somebody else has changed are taken back. Default: false.'),
  onClusterGone: text('What deleting does where the cluster cannot be reached: `fail` or `forget`. Default: fail.'),
  deleteTimeoutSeconds: seconds('How long deleted objects may take until the next one is gone, in seconds.'),
  waitFor: anything('What an update waits for: `settled`, `none`, or `{ state, share }`. Default: none.'),
  waitTimeoutSeconds: {
    description: 'How long that may take, in seconds. Default: 600, and half a second a host or 10 seconds a cluster.',
    type: 'number',
  },
};

const RESULTS: Properties = {
  clusterUid: text('Tells the cluster from every other, even at the same address.'),
  objects: integers('How many objects there are, by `Kind.group`.'),
  drift: text('What was different on the cluster when somebody last refreshed; `none` where it was as described.'),
  plan: text('What the last update was to do.'),
  readiness: {
    description: 'What the objects had come to when they were last waited for.',
    type: 'object',
    properties: {
      states: integers('How many are in each state.'),
      seconds: { description: 'How long the update waited for them.', type: 'number' },
    },
    required: ['states', 'seconds'],
  },
};

const INSTEAD_OF_IMPORT =
  'describe it, with the name of its set as `set`; what the set has on the cluster becomes its own';

const NAMES: SchemaProperty = {
  description: 'How they are called.',
  type: 'object',
  properties: {
    pattern: text('Such as `worker-{index}`.'),
    firstIndex: integer('The indexes of the others follow.'),
    count: integer('How many there are.'),
  },
  required: ['pattern', 'firstIndex', 'count'],
};

const namespacesOf = (what: string): SchemaProperty => ({
  description: `The namespaces of the ${what}.`,
  type: 'array',
  items: { type: 'string' },
});

const RELEASES =
  'The releases of Cluster API and of the Bare Metal Operator on the cluster: { clusterApi, operator }. Default: those built in.';

const APPLY_SET = text('Name of the ApplySet.');

export const hostFleet: ServedResource = {
  description: 'A set of BareMetalHosts on a cluster, however large, as one resource.',
  operations: operationsOf(hostFleetKind),
  args: { ...setProperties('hostSets'), ...FLEET },
  required: ['kubeconfig', 'count'],
  results: RESULTS,
  insteadOfImport: INSTEAD_OF_IMPORT,
  faces: {
    properties: { hostNames: NAMES, hostNamespaces: namespacesOf('hosts'), applySet: APPLY_SET },
    of: (place, args) => {
      const { fleet } = describedSet(place.name, args as unknown as HostFleetArgs);
      return { hostNames: fleet && namesOf(fleet), hostNamespaces: fleet?.namespaces(), applySet: setOf(place, args) };
    },
  },
  decided: (place) => ({ set: setNameOf(place) }),
  inputsOf(place, args) {
    const given = args as unknown as HostFleetArgs;
    if (given.asResources !== undefined) throw onlyInNode(`HostFleet ${place.name}`, 'asResources');
    const { hostSet } = describedSet(place.name, given);
    return { ...fleetInputs('HostFleet', bareMetalHostKind, place, given), hostSet, credentials: given.credentials };
  },
  secretsOf: (args) => [
    'kubeconfig',
    ...(hasCredentialValues(args['credentials'] ?? {}) ? ['credentials'] : []),
    ...(hasLiterals(args) ? ['overrides'] : []),
  ],
};

export const clusterFleet: ServedResource = {
  description: 'A set of Metal3 clusters on a management cluster, with the hosts that the set makes, as one resource.',
  operations: operationsOf(clusterFleetKind),
  args: { ...setProperties('clusterSets'), ...FLEET, releases: anything(RELEASES) },
  required: ['kubeconfig', 'count'],
  results: RESULTS,
  insteadOfImport: INSTEAD_OF_IMPORT,
  faces: {
    properties: {
      clusterNames: NAMES,
      clusterNamespaces: namespacesOf('clusters'),
      machines: integer('How many machines they have in all.'),
      applySet: APPLY_SET,
    },
    of: (place, args) => {
      const { plan } = describedClusters(place.name, args as unknown as ClusterFleetArgs);
      const clusterNames = plan && namesOf(plan);
      const clusterNamespaces = plan?.namespaces();
      return { clusterNames, clusterNamespaces, machines: plan?.machines, applySet: setOf(place, args) };
    },
  },
  decided: (place) => ({ set: setNameOf(place) }),
  inputsOf(place, args) {
    const given = args as unknown as ClusterFleetArgs;
    const { clusterSet, apart } = describedClusters(place.name, given);
    const secrets = Object.keys(apart).length > 0 ? apart : undefined;
    const { releases } = given;
    return { ...fleetInputs('ClusterFleet', clusterKind, place, given), clusterSet, secrets, releases };
  },
  secretsOf(args) {
    const hosts = (args['hosts'] ?? {}) as { readonly credentials?: FleetCredentials };
    const hasCredentials = hosts.credentials !== undefined && hasCredentialValues(hosts.credentials);
    return ['kubeconfig', 'keySeed', 'certificateAuthority', ...(hasCredentials ? ['hosts'] : [])];
  },
};

function operationsOf<I extends FleetInputs>(kind: FleetKind<I>) {
  return served(new FleetOperations(kind, { say, signal: interrupted }));
}

function fleetInputs(type: string, kind: Kind, place: ResourcePlace, args: FleetArgs) {
  const what = `${type} ${place.name}`;
  if (args.provider !== undefined) throw onlyInNode(what, 'provider');
  if (args.kubeconfig === undefined) throw invalidInput(`${what} is for no cluster: give kubeconfig`);
  requireBehaviour(what, kind, args);
  const set = setOf(place, args);
  requireDnsSubdomain(`set of ${what}`, set);
  const { kubeconfig, context } = args;
  return { kubeconfig, context, set, ...behaviourOf(args) };
}

function setOf(place: ResourcePlace, { set }: { readonly set?: unknown }): string {
  return (set as string | undefined) ?? setNameOf(place);
}

function onlyInNode(what: string, property: string): Error {
  return invalidInput(`${property} of ${what} is for Node.js programs: leave it out`);
}

function seconds(description: string): SchemaProperty {
  return { description: `${description} Default: 600.`, type: 'number' };
}
