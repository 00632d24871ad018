/** What a stack's configuration (Pulumi.yaml) says of its layer. */
import { resolve } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { withoutUndefined } from '../lib/without-undefined';
import { invalidInput } from '../lib/errors';
import type { PortMapping } from '../src/cluster/kind/config';
import { readTestbedLayers, type TestbedLayers } from '../src/testbed/file';
import type { ClusterLayerConfig } from './cluster';
import type { HostsLayerConfig } from './hosts';
import type { PlatformLayerConfig } from './platform';

/** What a stack is to make. */
export type StackConfig =
  | { readonly layer: 'cluster'; readonly config: ClusterLayerConfig }
  | { readonly layer: 'platform'; readonly config: PlatformLayerConfig }
  | { readonly layer: 'hosts'; readonly config: HostsLayerConfig };

/** @throws TestbedError (`invalid-input`) naming the key that says something that is not allowed */
export async function stackConfig(config = new pulumi.Config()): Promise<StackConfig> {
  const layer = oneOf(config, 'layer', ['cluster', 'platform', 'hosts']);
  switch (layer) {
    case 'cluster':
      return { layer, config: clusterConfig(config) };
    case 'platform':
      return { layer, config: await platformConfig(config) };
    case 'hosts':
      return { layer, config: await hostsConfig(config) };
  }
}

function clusterConfig(config: pulumi.Config): ClusterLayerConfig {
  const kind = oneOf(config, 'cluster', ['kind', 'local', 'existing']);
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
      return { kind, stateDir: required(config, 'stateDir', path(config, 'stateDir')) };
    case 'existing':
      return {
        kind,
        kubeconfig: required(config, 'kubeconfig', path(config, 'kubeconfig')),
        context: required(config, 'context', text(config, 'context')),
      };
  }
}

async function platformConfig(config: pulumi.Config): Promise<PlatformLayerConfig> {
  const { platform } = await description(config);
  return {
    clusterStack: required(config, 'clusterStack', text(config, 'clusterStack')),
    ...platform,
    timeoutSeconds: config.getNumber('timeoutSeconds'),
    onClusterGone: oneOf(config, 'onClusterGone', ['fail', 'forget'] as const),
  };
}

async function hostsConfig(config: pulumi.Config): Promise<HostsLayerConfig> {
  const { hostSets } = await description(config);
  return withoutUndefined({
    clusterStack: required(config, 'platformStack', text(config, 'platformStack')),
    hostSets,
    onClusterGone: oneOf(config, 'onClusterGone', ['fail', 'forget'] as const),
  });
}

async function description(config: pulumi.Config): Promise<TestbedLayers> {
  const file = path(config, 'description');
  return file === undefined ? { platform: {} } : readTestbedLayers(file);
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
  const value = config.require(key);
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
