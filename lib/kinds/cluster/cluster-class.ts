/** A cluster set said in the other way: a ClusterClass that all clusters have, and a `spec.topology` for each. */
import { invalidInput } from '../../errors';
import type { Manifest } from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import { API_VERSIONS, type ApiGroup } from './api-groups';
import { clusterObject, machineData, remediationTemplates, type DescribedCluster } from './cluster-objects';
import {
  certificatesExpiry,
  CONTROL_PLANE,
  controlPlaneConfig,
  controlPlaneRollout,
  deletion,
  externalEtcd,
  lookedAfter,
  machinesOf,
  manifest,
  remediation,
  selector,
  unhealthyMachines,
  workersConfig,
  workersRollout,
  writtenImage,
  type Machines,
} from './cluster-parts';
import type { ClusterOptions, HostSelector } from './cluster-set-props';
import { imageFor, type ClusterSettings } from './cluster-settings';

/** The ClusterClass of a set. */
export interface SetClass {
  readonly name: string;
  readonly namespace: string;
}

/** What a ClusterClass has for all of its clusters, so that no cluster may have it otherwise. */
const OF_CLASS: readonly (keyof ClusterOptions)[] = [
  'etcd',
  'etcdEndpoints',
  'userData',
  'automatedCleaningMode',
  'hostSelector',
  'dataTemplates',
];

const IMAGE = 'image';
const ENDPOINT = 'controlPlaneEndpoint';
const DATA_TEMPLATE = 'dataTemplate';

/** The ClusterClass, and the templates that it names, in the order in which they should be applied. */
export function classObjects(
  set: SetClass,
  settings: ClusterSettings,
  ownHosts: HostSelector | undefined,
): readonly Manifest[] {
  const of = (group: ApiGroup, kind: string, role: string | undefined, spec: object) => {
    const name = role === undefined ? set.name : `${set.name}-${role}`;
    return manifest(group, kind, { name, namespace: set.namespace }, spec);
  };
  const machines = machinesOf(settings);
  return [
    of('infrastructure', 'Metal3ClusterTemplate', undefined, {
      // A place for that of each cluster.
      template: { spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 }, cloudProviderEnabled: false } },
    }),
    of('controlPlane', 'KubeadmControlPlaneTemplate', undefined, {
      template: {
        spec: { rollout: controlPlaneRollout(settings), kubeadmConfigSpec: controlPlaneConfig(externalEtcd(settings)) },
      },
    }),
    ...machines.map((each) =>
      of('infrastructure', 'Metal3MachineTemplate', each.role, {
        template: { spec: machineSpec(set, settings, each, ownHosts) },
      }),
    ),
    ...settings.groups.map(({ name }) =>
      of('bootstrap', 'KubeadmConfigTemplate', name, { template: { spec: workersConfig() } }),
    ),
    of('core', 'ClusterClass', undefined, classSpec(set, settings)),
  ];
}

/** The objects of a cluster of that class, in the order in which they should be applied. */
export function clusterOfClass(set: SetClass, cluster: DescribedCluster): readonly Manifest[] {
  return [
    clusterObject(cluster, { topology: topology(set, cluster) }),
    ...machineData(cluster),
    ...remediationTemplates(cluster),
  ];
}

/**
 * @param settings of a cluster
 * @param base what its set gives it
 * @throws TestbedError (`invalid-input`) for what is its class's to say
 */
export function checkOfClass(settings: ClusterSettings, base: ClusterSettings, where: string): void {
  const own = OF_CLASS.find((field) => settings.options[field] !== base.options[field]);
  if (own !== undefined)
    throw invalidInput(
      `${where} has ${own} otherwise than its set, and all clusters of a clusterClass have the same: say it of the whole set, or leave clusterClass out`,
    );
  if (settings.rollout.controlPlaneMaxSurge !== base.rollout.controlPlaneMaxSurge)
    throw invalidInput(
      `${where} has rollout.controlPlaneMaxSurge otherwise than its set, and all clusters of a clusterClass have the same: say it of the whole set`,
    );
  for (const group of settings.groups) {
    const known = base.groups.find(({ name }) => name === group.name);
    if (known === undefined)
      throw invalidInput(
        `${where} has a group ${group.name}, which its clusterClass does not have: name it in machineDeployments of the set too, with 0 replicas`,
      );
    if (JSON.stringify(known.hostSelector) !== JSON.stringify(group.hostSelector))
      throw invalidInput(
        `group ${group.name} of ${where} has a hostSelector otherwise than its set, and all clusters of a clusterClass have the same: say it of the whole set`,
      );
    if (group.kubernetesVersion !== settings.kubernetesVersion)
      throw invalidInput(
        `group ${group.name} of ${where} has kubernetesVersion ${group.kubernetesVersion}, and a cluster of a clusterClass has one version, ${settings.kubernetesVersion}: leave it out, or leave clusterClass out`,
      );
  }
}

function machineSpec(
  set: SetClass,
  settings: ClusterSettings,
  { role, image, kubernetesVersion, hostSelector }: Machines,
  ownHosts: HostSelector | undefined,
) {
  const { userData, automatedCleaningMode } = settings.options;
  return withoutUndefined({
    automatedCleaningMode,
    // Places for those of each cluster.
    dataTemplate: settings.hasDataTemplates ? { name: `${set.name}-${role}` } : undefined,
    image: writtenImage(imageFor(image, kubernetesVersion)),
    hostSelector: selector(hostSelector ?? ownHosts),
    userData,
  });
}

function classSpec({ name }: SetClass, settings: ClusterSettings) {
  const template = (group: ApiGroup, kind: string, role?: string) => ({
    templateRef: { apiVersion: API_VERSIONS[group], kind, name: role === undefined ? name : `${name}-${role}` },
  });
  const { groups, hasDataTemplates } = settings;
  return {
    infrastructure: template('infrastructure', 'Metal3ClusterTemplate'),
    controlPlane: {
      ...template('controlPlane', 'KubeadmControlPlaneTemplate'),
      machineInfrastructure: template('infrastructure', 'Metal3MachineTemplate', CONTROL_PLANE),
    },
    workers:
      groups.length === 0
        ? undefined
        : {
            machineDeployments: groups.map((group) => ({
              class: group.name,
              bootstrap: template('bootstrap', 'KubeadmConfigTemplate', group.name),
              infrastructure: template('infrastructure', 'Metal3MachineTemplate', group.name),
            })),
          },
    variables: [
      variable(ENDPOINT, { host: { type: 'string' }, port: { type: 'integer' } }),
      variable(IMAGE, ofStrings('url', 'checksum', 'checksumType', 'diskFormat')),
      ...(hasDataTemplates ? [variable(DATA_TEMPLATE, ofStrings('name'))] : []),
    ],
    patches: [
      {
        name: ENDPOINT,
        definitions: [
          patchOf(
            'Metal3ClusterTemplate',
            { infrastructureCluster: true },
            '/spec/template/spec/controlPlaneEndpoint',
            ENDPOINT,
          ),
        ],
      },
      machinePatch(IMAGE, settings),
      ...(hasDataTemplates ? [machinePatch(DATA_TEMPLATE, settings)] : []),
    ],
  };
}

function ofStrings(...fields: readonly string[]) {
  return Object.fromEntries(fields.map((field) => [field, { type: 'string' }]));
}

function variable(name: string, properties: object) {
  return { name, required: true, schema: { openAPIV3Schema: { type: 'object', properties } } };
}

function patchOf(kind: string, matchResources: object, path: string, from: string) {
  return {
    selector: { apiVersion: API_VERSIONS.infrastructure, kind, matchResources },
    jsonPatches: [{ op: 'replace', path, valueFrom: { variable: from } }],
  };
}

/** A field of each machine template, of the name of the variable that it comes from. */
function machinePatch(name: string, { groups }: ClusterSettings) {
  const names = groups.map((group) => group.name);
  const resources = { controlPlane: true, machineDeploymentClass: names.length === 0 ? undefined : { names } };
  return {
    name,
    definitions: [patchOf('Metal3MachineTemplate', withoutUndefined(resources), `/spec/template/spec/${name}`, name)],
  };
}

function topology(set: SetClass, cluster: DescribedCluster) {
  const { settings, endpoint } = cluster;
  const [controlPlane, ...groups] = machinesOf(settings);
  const isHere = set.namespace === cluster.namespace;
  return withoutUndefined({
    classRef: withoutUndefined({ name: set.name, namespace: isHere ? undefined : set.namespace }),
    version: settings.kubernetesVersion,
    controlPlane: withoutUndefined({
      replicas: settings.controlPlanes,
      metadata: { annotations: certificatesExpiry() },
      deletion: deletion(settings.options),
      healthCheck: healthCheck(cluster, CONTROL_PLANE),
    }),
    workers:
      groups.length === 0
        ? undefined
        : {
            machineDeployments: groups.map((group) =>
              withoutUndefined({
                class: group.name,
                name: group.name,
                replicas: group.replicas,
                metadata: Object.keys(group.labels).length === 0 ? undefined : { labels: group.labels },
                failureDomain: group.failureDomain,
                deletion: deletion(settings.options),
                rollout: workersRollout(settings),
                healthCheck: healthCheck(cluster, group.name),
                variables: { overrides: variablesOf(cluster, group) },
              }),
            ),
          },
    variables: [{ name: ENDPOINT, value: endpoint }, ...variablesOf(cluster, controlPlane)],
  });
}

function variablesOf({ name, settings }: DescribedCluster, { role, image, kubernetesVersion }: Machines) {
  const values = [{ name: IMAGE, value: writtenImage(imageFor(image, kubernetesVersion)) as object }];
  if (settings.hasDataTemplates) values.push({ name: DATA_TEMPLATE, value: { name: `${name}-${role}` } });
  return values;
}

function healthCheck({ name, settings }: DescribedCluster, role: string) {
  const { healthCheck: described } = settings.options;
  if (described === undefined || !lookedAfter(described, settings).includes(role)) return undefined;
  return {
    enabled: true,
    checks: unhealthyMachines(described),
    remediation: remediation(described, `${name}-${role}`),
  };
}
