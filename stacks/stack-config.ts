/** What a stack's configuration (Pulumi.yaml) says of its layer. */
import { resolve } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { withoutUndefined } from '../lib/without-undefined';
import { invalidInput } from '../lib/errors';
import { bareMetalHostKind } from '../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../lib/kinds/cluster/kind';
import type { Kind } from '../lib/kinds/kind';
import { releasesOf } from '../lib/testbed/operators';
import type { PortMapping } from '../src/cluster/kind/config';
import { SIMULATOR_KINDS, type SimulatorKind } from '../src/simulators/names';
import type { TestbedLayers } from '../src/testbed/file';
import type { ClusterLayerConfig } from './cluster';
import type { ClustersLayerConfig } from './clusters';
import type { HostsLayerConfig } from './hosts';
import { requireReadKeys, type ClusterKind, type LayerName } from './config-keys';
import { withPlainErrors } from './plain-errors';
import type { PlatformLayerConfig } from './platform';
import type { WaitFor } from './resources/fleet-state';

/** What a stack is to make. */
export type StackConfig =
  | { readonly layer: 'cluster'; readonly config: ClusterLayerConfig }
  | { readonly layer: 'platform'; readonly config: PlatformLayerConfig }
  | { readonly layer: 'hosts'; readonly config: HostsLayerConfig }
  | { readonly layer: 'clusters'; readonly config: ClustersLayerConfig };

const LAYERS: readonly LayerName[] = ['cluster', 'platform', 'hosts', 'clusters'];
const CLUSTERS: readonly ClusterKind[] = ['kind', 'local', 'existing'];
const ON_CLUSTER_GONE = ['fail', 'forget'] as const;
const SIMULATORS: readonly (SimulatorKind | 'none')[] = [...SIMULATOR_KINDS, 'none'];

/** @throws TestbedError (`invalid-input`) naming the key that says something that is not allowed, or that nothing reads */
export function stackConfig(config = new pulumi.Config()): Promise<StackConfig> {
  return withPlainErrors(async () => {
    const layer = oneOf(config, 'layer', LAYERS);
    requireReadKeys(config.name, pulumi.runtime.allConfig(), layer, config.get('cluster') ?? '');
    switch (layer) {
      case 'cluster':
        return { layer, config: clusterConfig(config) };
      case 'platform':
        return { layer, config: await platformConfig(config) };
      case 'hosts':
        return { layer, config: await hostsConfig(config) };
      case 'clusters':
        return { layer, config: await clustersConfig(config) };
    }
  });
}

function clusterConfig(config: pulumi.Config): ClusterLayerConfig {
  const kind = oneOf(config, 'cluster', CLUSTERS);
  switch (kind) {
    case 'kind':
      return withoutUndefined({
        kind,
        name: text(config, 'name'),
        nodeImage: text(config, 'nodeImage'),
        workers: config.getNumber('workers'),
        ports: filled(config.getObject<PortMapping[]>('ports')),
        registryMirrors: filled(config.getObject<Record<string, string[]>>('registryMirrors')),
        loadImages: filled(config.getObject<string[]>('loadImages')),
        adopt: config.getBoolean('adopt'),
        stateDir: path(config, 'stateDir'),
        timeoutSeconds: config.getNumber('timeoutSeconds'),
      });
    case 'local':
      return withoutUndefined({
        kind,
        stateDir: path(config, 'stateDir'),
        controllerManager: config.getBoolean('controllerManager'),
        timeoutSeconds: config.getNumber('timeoutSeconds'),
      });
    case 'existing':
      return {
        kind,
        kubeconfig: required(config, 'kubeconfig', path(config, 'kubeconfig')),
        context: required(config, 'context', text(config, 'context')),
      };
  }
}

async function platformConfig(config: pulumi.Config): Promise<PlatformLayerConfig> {
  const { platform, simulator: stages } = await description(config);
  const simulator = text(config, 'simulator');
  return withoutUndefined({
    clusterStack: required(config, 'clusterStack', text(config, 'clusterStack')),
    ...platform,
    stages,
    simulator: simulator === undefined ? undefined : oneOf(config, 'simulator', SIMULATORS),
    timeoutSeconds: config.getNumber('timeoutSeconds'),
    forceConflicts: config.getBoolean('forceConflicts'),
    onClusterGone: oneOf(config, 'onClusterGone', ON_CLUSTER_GONE),
  });
}

async function hostsConfig(config: pulumi.Config): Promise<HostsLayerConfig> {
  const { hostSets, clusterSets = [] } = await description(config);
  return withoutUndefined({
    clusterStack: required(config, 'platformStack', text(config, 'platformStack')),
    // As a whole testbed has it: clusters bring hosts of their own.
    hostSets: hostSets ?? (clusterSets.length > 0 ? [] : undefined),
    asResources: config.getBoolean('asResources'),
    ...fleetConfig(config, bareMetalHostKind),
  });
}

async function clustersConfig(config: pulumi.Config): Promise<ClustersLayerConfig> {
  const { clusterSets, platform } = await description(config);
  const { clusterApi, operators = [] } = platform;
  const file = text(config, 'description');
  if (file !== undefined && (clusterSets ?? []).length === 0)
    throw invalidInput(
      `description ${file} has no clusterSets, and this stack is layer clusters: describe some, or leave the description out for one cluster (pulumi config rm description)`,
    );
  const releases = withoutUndefined({ clusterApi: clusterApi?.core?.version, operator: releasesOf(operators)[0] });
  return withoutUndefined({
    clusterStack: belowClusters(config),
    clusterSets,
    releases: filled(releases),
    ...fleetConfig(config, clusterKind),
  });
}

/** The stack that the clusters go onto: a platform, or hosts on one. */
function belowClusters(config: pulumi.Config): string {
  const [platform, hosts] = [text(config, 'platformStack'), text(config, 'hostsStack')];
  if (platform !== undefined && hosts !== undefined)
    throw invalidInput(
      `configuration ${config.name}:platformStack and ${config.name}:hostsStack are both set: leave platformStack out where clusters are put on the hosts of a stack (pulumi config rm platformStack)`,
    );
  return hosts ?? required(config, 'platformStack', platform);
}

/** What fleets of all kinds are told. */
function fleetConfig(config: pulumi.Config, kind: Kind) {
  return {
    waitFor: waitFor(config, kind),
    // 0 stands for none.
    waitTimeoutSeconds: config.getNumber('waitTimeoutSeconds') || undefined,
    deleteTimeoutSeconds: config.getNumber('deleteTimeoutSeconds'),
    forceConflicts: config.getBoolean('forceConflicts'),
    onClusterGone: oneOf(config, 'onClusterGone', ON_CLUSTER_GONE),
  };
}

/** `settled`, `none`, a state, or a state and a share of the objects: `available=95%`. */
function waitFor(config: pulumi.Config, { states, noun }: Kind): WaitFor {
  const value = text(config, 'waitFor') ?? 'none';
  if (value === 'settled' || value === 'none') return value;
  const [, state = '', number, percent] = /^([^=]+)(?:=(\d+(?:\.\d+)?)(%?))?$/.exec(value) ?? [];
  const share = number === undefined ? 1 : Number(number) / (percent === '%' ? 100 : 1);
  if (state === '' || !states.includes(state) || !(share > 0) || share > 1)
    throw invalidInput(
      `configuration ${config.name}:waitFor is '${value}': use settled, none, a state of a ${noun.one} such as available, or a state and a share such as available=95%`,
    );
  return { state, share };
}

async function description(config: pulumi.Config): Promise<TestbedLayers> {
  const file = path(config, 'description');
  const managementCluster = text(config, 'managementCluster');
  if (file === undefined) {
    if (managementCluster === undefined) return { platform: {} };
    throw invalidInput(
      `configuration ${config.name}:managementCluster is one of a description, and there is none: pulumi config set description FILE, or pulumi config rm managementCluster`,
    );
  }
  // What reads descriptions takes a while to load, and the layer cluster has none.
  const { readTestbedLayers } = await import('../src/testbed/file.js');
  return readTestbedLayers(file, managementCluster);
}

/** Every key has a default (a key without one has to be set for every layer), and an empty text stands for none. */
function text(config: pulumi.Config, key: string): string | undefined {
  return config.get(key) || undefined;
}

/** As an absolute path: the program itself runs in another folder than its Pulumi.yaml. */
function path(config: pulumi.Config, key: string): string | undefined {
  const value = text(config, key);
  return value === undefined ? undefined : resolve(pulumi.getRootDirectory(), value);
}

function oneOf<T extends string>(config: pulumi.Config, key: string, allowed: readonly T[]): T {
  const value = config.get(key);
  if (value === undefined)
    throw invalidInput(
      `configuration ${config.name}:${key} is not set: pulumi config set ${key} VALUE, one of ${allowed.join(', ')}`,
    );
  const known = allowed.find((each) => each === value);
  if (known === undefined)
    throw invalidInput(`configuration ${config.name}:${key} is '${value}': use ${allowed.join(', ')}`);
  return known;
}

function required<T>(config: pulumi.Config, key: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw invalidInput(
    `configuration ${config.name}:${key} is not set, which layer ${config.require('layer')} needs here: pulumi config set ${key} VALUE`,
  );
}

/** An empty list or map stands for none. */
function filled<T extends object>(value: T | undefined): T | undefined {
  return value !== undefined && Object.keys(value).length > 0 ? value : undefined;
}
