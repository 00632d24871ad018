/** `HostFleet` and `ClusterFleet` for programs in any language. */
import type { Kind } from '../../lib/kinds/kind';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { invalidInput } from '../../lib/errors';
import { clusterFleetKind } from '../resources/cluster-fleet-kind';
import type { ClusterFleetArgs } from '../resources/cluster-fleet-args';
import { clusterPartsOf, describedClusters } from '../resources/described-clusters';
import { describedSet, hasLiterals, hostSetOf } from '../resources/described-set';
import { interrupted, say, served } from '../resources/engine';
import type { FleetArgs, FleetCredentials } from '../resources/fleet-args';
import { behaviourOf, requireFleet } from '../resources/fleet-behaviour';
import type { FleetKind } from '../resources/fleet-kind';
import { FleetOperations } from '../resources/fleet-operations';
import { hasCredentialValues, namesOf, setNameOf } from '../resources/fleet-resource';
import { FLEET, RELEASES } from '../resources/fleet-schema';
import type { FleetInputs } from '../resources/fleet-state';
import type { HostFleetArgs } from '../resources/host-fleet-args';
import { hostFleetKind } from '../resources/host-fleet-kind';
import { integer, integers, text, type Properties, type SchemaProperty } from '../resources/schema-property';
import type { ResourcePlace, ServedResource } from './served-resource';
import { setProperties } from './set-properties';

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

const RELEASES_ON_CLUSTER: SchemaProperty = {
  description: 'The releases of Cluster API and of the Bare Metal Operator on the cluster. Default: those built in.',
  type: 'object',
  properties: RELEASES,
};

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
  refuse(place, args) {
    if (args['asResources'] !== undefined) throw onlyInNode(`HostFleet ${place.name}`, 'asResources');
    refuse('HostFleet', bareMetalHostKind, place, args);
    describedSet(place.name, args as unknown as HostFleetArgs);
  },
  inputsOf: (place, args) => ({
    ...fleetInputs(place, args),
    hostSet: hostSetOf(args),
    credentials: args['credentials'],
  }),
  secretsOf: (args) => [
    'kubeconfig',
    ...(hasCredentialValues(args['credentials'] ?? {}) ? ['credentials'] : []),
    ...(hasLiterals(args) ? ['overrides'] : []),
  ],
};

export const clusterFleet: ServedResource = {
  description: 'A set of Metal3 clusters on a management cluster, with the hosts that the set makes, as one resource.',
  operations: operationsOf(clusterFleetKind),
  args: { ...setProperties('clusterSets'), ...FLEET, releases: RELEASES_ON_CLUSTER },
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
  refuse(place, args) {
    refuse('ClusterFleet', clusterKind, place, args);
    describedClusters(place.name, args as unknown as ClusterFleetArgs);
  },
  inputsOf(place, args) {
    const { clusterSet, apart } = clusterPartsOf(args as unknown as ClusterFleetArgs);
    const secrets = Object.keys(apart).length > 0 ? apart : undefined;
    return { ...fleetInputs(place, args), clusterSet, secrets, releases: args['releases'] };
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

function refuse(type: string, kind: Kind, place: ResourcePlace, args: object): void {
  const what = `${type} ${place.name}`;
  const { provider, kubeconfig } = args as FleetArgs;
  if (provider !== undefined) throw onlyInNode(what, 'provider');
  if (kubeconfig === undefined || kubeconfig === '') throw invalidInput(`${what} is for no cluster: give kubeconfig`);
  requireFleet(what, kind, args);
}

function fleetInputs(place: ResourcePlace, args: object) {
  const { kubeconfig, context } = args as FleetArgs;
  return { kubeconfig, context, set: setOf(place, args), fleet: place.urn, ...behaviourOf(args) };
}

function setOf(place: ResourcePlace, { set }: { readonly set?: unknown }): string {
  return (set as string | undefined) ?? setNameOf(place);
}

function onlyInNode(what: string, property: string): Error {
  return invalidInput(`${property} of ${what} is for Node.js programs: leave it out`);
}
