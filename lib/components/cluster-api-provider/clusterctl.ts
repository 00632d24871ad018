/** What `clusterctl init` adds to what a provider installs: labels, and an entry in its inventory. */
import { customResource, object, string } from '../../crd';
import type { Manifest } from '../../upstream';
import { PROVIDER_LABEL } from './definitions';
import type { ProviderSpec } from './release';

const GROUP = 'clusterctl.cluster.x-k8s.io';

/** Whose kinds clusterctl moves, and whose objects it deletes: all that have it. */
const CLUSTERCTL_LABEL = GROUP;

/** On what belongs to clusterctl itself. */
const inventoryLabels = { [`${GROUP}/core`]: 'inventory' };

/** The object as clusterctl would have installed it. */
export function knownToClusterctl<T extends Manifest>(manifest: T, { label }: ProviderSpec): T {
  const { metadata } = manifest;
  const labels = { ...metadata.labels, [CLUSTERCTL_LABEL]: '', [PROVIDER_LABEL]: label };
  return { ...manifest, metadata: { ...metadata, labels } };
}

/** The entry by which clusterctl finds the provider. */
export function inventoryEntry(spec: ProviderSpec, namespace: string, version: string): Manifest {
  const { label, providerName, type } = spec;
  return {
    apiVersion: `${GROUP}/v1alpha3`,
    kind: 'Provider',
    metadata: {
      name: label,
      namespace,
      labels: { [CLUSTERCTL_LABEL]: '', [PROVIDER_LABEL]: label, ...inventoryLabels },
    },
    providerName,
    type,
    version,
  };
}

/** The kind of those entries, which comes with the core provider. */
export function inventoryDefinition(): Manifest {
  const age = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' } as const;
  const column = (name: string, jsonPath: string) => ({ name, type: 'string', jsonPath }) as const;
  const definition = customResource({
    group: GROUP,
    kind: 'Provider',
    plural: 'providers',
    categories: ['cluster-api'],
    labels: inventoryLabels,
    versions: [
      {
        name: 'v1alpha3',
        columns: [age, column('Type', '.type'), column('Provider', '.providerName'), column('Version', '.version')],
        subresources: {},
        spec: object({}),
      },
    ],
  });
  const schema = object({
    apiVersion: string(),
    kind: string(),
    metadata: object({}),
    providerName: string(),
    type: string(),
    version: string(),
    watchedNamespace: string(),
  });
  // Unlike other kinds, this one has its fields beside `metadata`.
  const versions = definition.spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema: schema } }));
  return { ...definition, spec: { ...definition.spec, versions } };
}
