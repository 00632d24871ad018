import { withoutUndefined } from '../without-undefined';
import { described, object, required, string, type Schema, type SchemaNode } from './schema';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'boolean' | 'date' | 'integer' | 'number' | 'string';
  /** Where the value is, such as `.status.provisioning.state`. */
  readonly jsonPath: string;
  /**
   * Above 0: shown by `-o wide` only.
   * @default 0
   */
  readonly priority?: number;
}

export interface CustomResourceVersion {
  /** Such as `v1alpha1`. */
  readonly name: string;
  readonly spec: Schema;
  /** @default - the resource has no status */
  readonly status?: Schema;
  /** @default - the API server's own: the age alone */
  readonly columns?: readonly PrinterColumn[];
  /**
   * `{ status: {} }`: the status is written through its own endpoint.
   * @default - none
   */
  readonly subresources?: { readonly status?: Readonly<Record<string, never>> };
  /**
   * Paths such as `.spec.issuerRef.name`, by which a list may be selected (Kubernetes 1.30 on).
   * @default - name and namespace alone
   */
  readonly selectableFields?: readonly string[];
  /**
   * Which parts of an object must be there.
   * @default - none
   */
  readonly required?: readonly ('metadata' | 'spec')[];
  /**
   * Whether the API server offers it.
   * @default true
   */
  readonly served?: boolean;
  /**
   * Whether objects are stored in it; true for exactly one version.
   * @default true
   */
  readonly storage?: boolean;
}

export interface CustomResourceProps {
  /** The API group, such as `metal3.io`. */
  readonly group: string;
  readonly kind: string;
  /**
   * What an object of this kind is, as `kubectl explain` says it.
   * @default - nothing is said
   */
  readonly description?: string;
  /** The name in URLs, such as `baremetalhosts`. */
  readonly plural: string;
  /** @default - none */
  readonly shortNames?: readonly string[];
  /**
   * Groups of kinds that `kubectl get` takes as one name.
   * @default - none
   */
  readonly categories?: readonly string[];
  /** @default 'Namespaced' */
  readonly scope?: 'Cluster' | 'Namespaced';
  readonly versions: readonly CustomResourceVersion[];
  /**
   * Labels of the definition itself.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Annotations of the definition itself.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A CustomResourceDefinition as it is applied. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly scope: 'Cluster' | 'Namespaced';
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: SchemaNode };
      readonly additionalPrinterColumns?: readonly PrinterColumn[];
      readonly subresources?: { readonly status?: Readonly<Record<string, never>> };
      readonly selectableFields?: readonly { readonly jsonPath: string }[];
    }[];
  };
}

/** The CustomResourceDefinition of one kind. */
export function customResource(props: CustomResourceProps): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: withoutUndefined({
      name: `${props.plural}.${props.group}`,
      labels: props.labels,
      annotations: props.annotations,
    }),
    spec: {
      group: props.group,
      names: withoutUndefined({
        kind: props.kind,
        listKind: `${props.kind}List`,
        plural: props.plural,
        singular: props.kind.toLowerCase(),
        shortNames: props.shortNames,
        categories: props.categories,
      }),
      scope: props.scope ?? 'Namespaced',
      versions: props.versions.map((version) =>
        withoutUndefined({
          name: version.name,
          served: version.served ?? true,
          storage: version.storage ?? true,
          schema: { openAPIV3Schema: wholeObject(version, props.description) },
          additionalPrinterColumns: version.columns,
          subresources: version.subresources,
          selectableFields: version.selectableFields?.map((jsonPath) => ({ jsonPath })),
        }),
      ),
    },
  };
}

/** Around spec and status, what every object has. The API server knows `metadata` by itself. */
function wholeObject(
  { spec, status, required: parts = [] }: CustomResourceVersion,
  description: string | undefined,
): SchemaNode {
  const metadata = object({});
  const fields = {
    apiVersion: string(),
    kind: string(),
    metadata: parts.includes('metadata') ? required(metadata) : metadata,
    spec: parts.includes('spec') ? required(spec) : spec,
  };
  const schema = object(status === undefined ? fields : { ...fields, status });
  return description === undefined ? schema : described(description, schema);
}
