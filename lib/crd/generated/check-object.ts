import { check, type Problem } from '../check';
import type { SchemaNode } from '../schema';
import { generatedDefinitions, type GeneratedRelease } from './index';

/** Where the kinds of each group are described. */
const RELEASES: Readonly<Record<string, GeneratedRelease>> = {
  'cluster.x-k8s.io': 'cluster-api-v1.13.4',
  'bootstrap.cluster.x-k8s.io': 'kubeadm-bootstrap-v1.13.4',
  'controlplane.cluster.x-k8s.io': 'kubeadm-control-plane-v1.13.4',
  'infrastructure.cluster.x-k8s.io': 'cluster-api-provider-metal3-v1.13.2',
  'ipam.metal3.io': 'ip-address-manager-v1.13.2',
};

const schemas = new Map<string, SchemaNode | undefined>();

/**
 * What is wrong with an object of Cluster API or one of its providers, by the CRDs of the built-in releases.
 *
 * @returns nothing for an object of another group
 */
export function checkGenerated(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: unknown;
}): readonly Problem[] {
  const { apiVersion, kind, spec } = object;
  const id = `${apiVersion}/${kind}`;
  if (!schemas.has(id)) schemas.set(id, specSchema(apiVersion, kind));
  const schema = schemas.get(id);
  return schema === undefined ? [] : check(schema, spec, 'spec');
}

function specSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  const [group = '', name = ''] = apiVersion.split('/');
  const release = RELEASES[group];
  if (release === undefined) return undefined;
  const definition = generatedDefinitions(release).find((each) => each.kind === kind);
  const version = definition?.versions.find((each) => each.name === name);
  return version?.schema.properties?.['spec'] as SchemaNode | undefined;
}
