import type { Manifest } from '../../upstream';

/** CAPM3 v1.13 asks for these in a version that they are not stored in. */
const ASKED_IN_OTHER_VERSIONS: ReadonlySet<string> = new Set(['ipam.cluster.x-k8s.io']);
/** The label of a CRD that says which of its versions are for a contract: the versions, with `_` between them. */
const CONTRACT = /^cluster\.x-k8s\.io\/v\d/;
const INJECTION = 'cert-manager.io/inject-ca-from';

interface Definition {
  readonly group: string;
  readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  readonly conversion?: unknown;
}

/**
 * A CRD with the version alone in which its objects are stored, so that nobody converts them. The API server keeps a cache of
 * each version of a kind, and has a webhook convert every change for those that nobody watches: beside the managers of
 * Cluster API v1.13 that is over 800 calls a cluster.
 */
export function leanDefinition(manifest: Manifest): Manifest {
  if (manifest.kind !== 'CustomResourceDefinition') return manifest;
  const { conversion, ...spec } = manifest['spec'] as Definition;
  const versions = spec.versions.filter(({ storage }) => storage);
  const names = new Set(versions.map(({ name }) => name));
  const isLeaner = conversion !== undefined || versions.length < spec.versions.length;
  if (!isLeaner || ASKED_IN_OTHER_VERSIONS.has(spec.group)) return manifest;
  const { labels = {}, annotations = {}, ...metadata } = manifest.metadata;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: Object.fromEntries(Object.entries(labels).flatMap(([key, value]) => contractOf(key, value, names))),
      // There is no CA to be written where no webhook is.
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== INJECTION)),
    },
    spec: { ...spec, versions },
  };
}

/** A label, without the versions that are no more; none where it says nothing any more. */
function contractOf(key: string, value: string, versions: ReadonlySet<string>): readonly (readonly [string, string])[] {
  if (!CONTRACT.test(key)) return [[key, value]];
  const left = value.split('_').filter((version) => versions.has(version));
  return left.length === 0 ? [] : [[key, left.join('_')]];
}

/** A CRD whose status does not have a field, so that writing it changes nothing. */
export function withoutStatusField(manifest: Manifest, field: string): Manifest {
  const spec = manifest['spec'] as { readonly versions: readonly Version[] };
  return { ...manifest, spec: { ...spec, versions: spec.versions.map((version) => withoutIn(version, field)) } };
}

interface Version {
  readonly schema?: {
    readonly openAPIV3Schema?: {
      readonly properties?: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
    };
  };
}

function withoutIn(version: Version, field: string): Version {
  const root = version.schema?.openAPIV3Schema;
  const status = root?.properties?.['status'];
  if (status?.properties?.[field] === undefined) return version;
  const { [field]: _, ...properties } = status.properties;
  const fields = { ...root?.properties, status: { ...status, properties } };
  return { ...version, schema: { openAPIV3Schema: { ...root, properties: fields } } };
}
