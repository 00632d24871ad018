/** The configuration that stacks have, as Pulumi.yaml declares it. */
import { closest } from '../lib/crd/suggest';
import { invalidInput } from '../lib/errors';

/** What a stack makes. */
export type LayerName = 'cluster' | 'platform' | 'hosts' | 'clusters';

/** What kind of cluster a stack of the layer `cluster` makes or names. */
export type ClusterKind = 'kind' | 'local' | 'existing';

interface ConfigKey {
  /** The layers that read it. */
  readonly layers: readonly LayerName[];
  /** The kinds of clusters for which the layer `cluster` reads it. @default all */
  readonly clusters?: readonly ClusterKind[];
  /** What it is unless a stack sets it. Every key needs one in Pulumi.yaml: one without it has to be set for every layer. */
  readonly default: unknown;
}

const kind = { layers: ['cluster'], clusters: ['kind'] } as const;
const existing = { layers: ['cluster'], clusters: ['existing'] } as const;

/** Every key but `layer`, which each stack has to set. */
export const CONFIG_KEYS: Readonly<Record<string, ConfigKey>> = {
  cluster: { layers: ['cluster'], default: 'kind' },
  name: { ...kind, default: 'metal3-testbed' },
  nodeImage: { ...kind, default: '' },
  workers: { ...kind, default: 0 },
  ports: { ...kind, default: [] },
  registryMirrors: { ...kind, default: {} },
  loadImages: { ...kind, default: [] },
  adopt: { ...kind, default: false },
  stateDir: { layers: ['cluster'], clusters: ['kind', 'local'], default: '' },
  controllerManager: { layers: ['cluster'], clusters: ['local'], default: true },
  kubeconfig: { ...existing, default: '' },
  context: { ...existing, default: '' },
  clusterStack: { layers: ['platform'], default: '' },
  platformStack: { layers: ['hosts', 'clusters'], default: '' },
  hostsStack: { layers: ['clusters'], default: '' },
  description: { layers: ['platform', 'hosts', 'clusters'], default: '' },
  managementCluster: { layers: ['platform', 'hosts', 'clusters'], default: '' },
  simulator: { layers: ['platform'], default: '' },
  timeoutSeconds: { layers: ['cluster', 'platform'], clusters: ['kind', 'local'], default: 300 },
  waitFor: { layers: ['hosts', 'clusters'], default: 'settled' },
  waitTimeoutSeconds: { layers: ['hosts', 'clusters'], default: 0 },
  deleteTimeoutSeconds: { layers: ['hosts', 'clusters'], default: 600 },
  asResources: { layers: ['hosts'], default: false },
  forceConflicts: { layers: ['platform', 'hosts', 'clusters'], default: false },
  onClusterGone: { layers: ['platform', 'hosts', 'clusters'], default: 'fail' },
};

/**
 * Refuses keys of this project that nothing reads: misspelt ones, and those of another layer or kind of cluster.
 *
 * @param config everything that is configured, by `project:key`, each value as Pulumi hands it to the program
 * @throws TestbedError (`invalid-input`) naming the key, and the one that was meant
 */
export function requireReadKeys(
  project: string,
  config: Readonly<Record<string, string>>,
  layer: LayerName,
  cluster: string,
): void {
  for (const [name, value] of Object.entries(config)) {
    const [namespace, ...rest] = name.split(':');
    const key = rest.join(':');
    // Those of others, such as `kubernetes`, are for their providers.
    if (namespace !== project && closest(namespace ?? '', [project]) === project)
      throw invalidInput(`configuration ${name} is not known: did you mean '${project}:${key}'?`);
    if (namespace !== project || key === 'layer') continue;
    const known = Object.hasOwn(CONFIG_KEYS, key) ? CONFIG_KEYS[key] : undefined;
    if (known === undefined) throw unknownKey(name, key, layer);
    if (isDefault(value, known.default)) continue;
    const remedy = `pulumi config rm ${key}`;
    if (!known.layers.includes(layer))
      throw invalidInput(
        `configuration ${name} is for ${listed('layer', known.layers)}, and this stack is layer ${layer}, which does not read it: ${remedy}`,
      );
    if (layer === 'cluster' && known.clusters?.includes(cluster as ClusterKind) === false)
      throw invalidInput(
        `configuration ${name} is for cluster ${known.clusters.join(' and ')}, and this stack has cluster ${cluster}, which does not read it: ${remedy}`,
      );
  }
}

function unknownKey(name: string, key: string, layer: LayerName): Error {
  const keys = Object.keys(CONFIG_KEYS).filter((each) => CONFIG_KEYS[each]?.layers.includes(layer));
  const meant = closest(key, [...keys, 'layer']) ?? closest(key, Object.keys(CONFIG_KEYS));
  const hint = meant === undefined ? `use one of ${keys.join(', ')}` : `did you mean '${meant}'?`;
  return invalidInput(`configuration ${name} is not known: ${hint} (pulumi config rm ${key} takes it away)`);
}

function listed(noun: string, names: readonly string[]): string {
  return `${noun}${names.length > 1 ? 's' : ''} ${names.join(' and ')}`;
}

/** The engine hands over the default of the project for what a stack does not set. */
function isDefault(value: string, known: unknown): boolean {
  return value === (typeof known === 'string' ? known : JSON.stringify(known));
}
