/**
 * CRDs whose schemas are not ours to vary, as data that `npm run crds` takes from the releases: structure alone, no texts.
 * A file is loaded once somebody asks for its release: `import 'metal3-testbed'` loads none.
 */

import { withoutUndefined } from '../../without-undefined';

/** The releases that there are files of. */
export const generatedReleases = [
  'cluster-api-v1.13.4',
  'kubeadm-bootstrap-v1.13.4',
  'kubeadm-control-plane-v1.13.4',
  'cluster-api-provider-metal3-v1.13.2',
  'ip-address-manager-v1.13.2',
] as const;
export type GeneratedRelease = (typeof generatedReleases)[number];

/** A node of a schema, or the name of one that stands in several places. */
export interface GeneratedNode {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, GeneratedNode>>;
  readonly items?: GeneratedNode;
  readonly additionalProperties?: GeneratedNode | boolean;
  readonly [keyword: string]: unknown;
}

/** What of a CRD does not follow from the rest of it, or from who installs it. */
export interface GeneratedDefinition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly scope: 'Cluster' | 'Namespaced';
  /** Of the webhook that converts its objects from version to version. Undefined: nobody does. */
  readonly conversionReviewVersions?: readonly string[] | undefined;
  readonly versions: readonly {
    readonly name: string;
    readonly served: boolean;
    readonly storage: boolean;
    readonly schema: GeneratedNode;
    readonly [field: string]: unknown;
  }[];
}

/** A file. */
export interface GeneratedFile {
  readonly nodes: Readonly<Record<string, GeneratedNode>>;
  readonly definitions: readonly GeneratedDefinition[];
}

/* eslint-disable @typescript-eslint/no-require-imports -- an import would load all of them with the package */
const files: Readonly<Record<GeneratedRelease, () => GeneratedFile>> = {
  'cluster-api-v1.13.4': () => require('./cluster-api-v1.13.4.json') as GeneratedFile,
  'kubeadm-bootstrap-v1.13.4': () => require('./kubeadm-bootstrap-v1.13.4.json') as GeneratedFile,
  'kubeadm-control-plane-v1.13.4': () => require('./kubeadm-control-plane-v1.13.4.json') as GeneratedFile,
  'cluster-api-provider-metal3-v1.13.2': () => require('./cluster-api-provider-metal3-v1.13.2.json') as GeneratedFile,
  'ip-address-manager-v1.13.2': () => require('./ip-address-manager-v1.13.2.json') as GeneratedFile,
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The definitions of a release, with every node in its place. */
export function generatedDefinitions(release: GeneratedRelease): readonly GeneratedDefinition[] {
  const { nodes, definitions } = files[release]();
  const placed = new Map<string, GeneratedNode>();
  const place = (node: GeneratedNode): GeneratedNode => {
    const { $ref, properties, items, additionalProperties } = node;
    if ($ref !== undefined) {
      const known = placed.get($ref);
      if (known !== undefined) return known;
      const found = nodes[$ref];
      if (found === undefined) throw new Error(`${release} names a node that it does not have, ${$ref}`);
      const whole = place(found);
      placed.set($ref, whole);
      return whole;
    }
    const fields = Object.entries(properties ?? {}).map(([name, child]) => [name, place(child)] as const);
    return withoutUndefined({
      ...node,
      properties: properties && Object.fromEntries(fields),
      items: items && place(items),
      additionalProperties:
        typeof additionalProperties === 'object' ? place(additionalProperties) : additionalProperties,
    });
  };
  return definitions.map(({ versions, ...definition }) => ({
    ...definition,
    versions: versions.map((version) => ({ ...version, schema: place(version.schema) })),
  }));
}
