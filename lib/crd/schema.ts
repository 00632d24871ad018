import { withoutUndefined } from '../without-undefined';

/**
 * A node of a CRD's `openAPIV3Schema`: the part of JSON Schema that Kubernetes calls structural.
 *
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface SchemaNode {
  readonly type?: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';
  readonly format?: 'byte' | 'date-time' | 'double' | 'int32' | 'int64';
  readonly description?: string;
  readonly nullable?: true;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode;
  /** Beside `x-kubernetes-int-or-string` alone: the one place where a structural schema may name two types. */
  readonly anyOf?: readonly SchemaNode[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** A rule in CEL, which the API server evaluates and the check at construction does not. */
export interface ValidationRule {
  /** An expression over `self`, such as `self.minReplicas <= self.replicas`. */
  readonly rule: string;
  /** What is said where the rule does not hold. */
  readonly message: string;
}

declare const valueType: unique symbol;

/** A schema node that knows the TypeScript type of its values. The type is there for the compiler only. */
export interface Schema<T = unknown> extends SchemaNode {
  readonly [valueType]?: T;
}

/** The TypeScript type of the values that a schema describes: `type Image = Infer<typeof image>`. */
export type Infer<S extends Schema> = S extends Schema<infer T> ? T : never;

/** A field that must be given; made by {@link required}. */
export interface RequiredField<S extends Schema = Schema> {
  readonly requiredSchema: S;
}

type Fields = Readonly<Record<string, Schema | RequiredField>>;
type FieldValue<F> = F extends RequiredField<infer S> ? Infer<S> : F extends Schema<infer T> ? T : never;

/**
 * The type of an object with these fields. An optional field may also be given as `undefined`, which reads as absent
 * (cdk8s leaves it out), so that `image: provision ? image : undefined` compiles under exactOptionalPropertyTypes too.
 */
type ObjectOf<F extends Fields> = Flatten<
  { readonly [K in keyof F as F[K] extends RequiredField ? K : never]: FieldValue<F[K]> } & {
    readonly [K in keyof F as F[K] extends RequiredField ? never : K]?: FieldValue<F[K]> | undefined;
  }
>;

/** Makes editors show one object type instead of an intersection. */
type Flatten<T> = { [K in keyof T]: T[K] } & {};

export interface StringConstraints {
  /** Go RE2 syntax, of which only the part that JavaScript reads the same way is allowed. Not anchored. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberConstraints {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: 'double';
}

export interface IntegerConstraints {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: 'int32' | 'int64';
}

export interface ListConstraints {
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ObjectOptions {
  /** `atomic`: server-side apply owns the object as a whole, not field by field. */
  readonly mapType?: 'atomic' | 'granular';
}

export function string(constraints: StringConstraints = {}): Schema<string> {
  return { type: 'string', ...constraints };
}

/** A time in RFC 3339, such as `2026-01-31T12:00:00Z`. */
export function dateTime(): Schema<string> {
  return { type: 'string', format: 'date-time' };
}

/** Bytes, in base64. */
export function bytes(): Schema<string> {
  return { type: 'string', format: 'byte' };
}

/** One of the given strings. */
export function enumeration<const T extends string>(...values: readonly T[]): Schema<T> {
  return { type: 'string', enum: values };
}

export function integer(constraints: IntegerConstraints = {}): Schema<number> {
  return { type: 'integer', ...constraints };
}

export function number(constraints: NumberConstraints = {}): Schema<number> {
  return { type: 'number', ...constraints };
}

/** @param values set where the release spells the two values out as an `enum` */
export function boolean(values?: readonly boolean[]): Schema<boolean> {
  return values === undefined ? { type: 'boolean' } : { type: 'boolean', enum: values };
}

/** An integer or a string, such as a port by number or by name. A pattern holds for the string. */
export function intOrString(constraints: Pick<StringConstraints, 'pattern'> = {}): Schema<number | string> {
  return { anyOf: [{ type: 'integer' }, { type: 'string' }], ...constraints, 'x-kubernetes-int-or-string': true };
}

export function array<T>(items: Schema<T>, constraints: ListConstraints = {}): Schema<readonly T[]> {
  return { type: 'array', items, ...constraints };
}

/** A list whose items are told apart by the values of `keys`, which server-side apply merges item by item. */
export function mapList<T extends object>(
  items: Schema<T>,
  keys: readonly (keyof T & string)[],
  constraints: ListConstraints = {},
): Schema<readonly T[]> {
  return {
    ...array(items, constraints),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  };
}

/** A list in which no value stands twice, which server-side apply merges value by value. */
export function setList<T extends boolean | number | string>(
  items: Schema<T>,
  constraints: ListConstraints = {},
): Schema<readonly T[]> {
  return { ...array(items, constraints), 'x-kubernetes-list-type': 'set' };
}

/** An object with any keys, all of whose values are of one schema. */
export function map<T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return { type: 'object', additionalProperties: values };
}

/** An object with these fields and no others. A field is optional unless it is wrapped in {@link required}. */
export function object<const F extends Fields>(fields: F, options: ObjectOptions = {}): Schema<ObjectOf<F>> {
  const properties: Record<string, SchemaNode> = {};
  const requiredNames: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if ('requiredSchema' in field) {
      requiredNames.push(name);
      properties[name] = field.requiredSchema;
    } else {
      properties[name] = field;
    }
  }
  return withoutUndefined<SchemaNode>({
    type: 'object',
    properties: Object.keys(properties).length > 0 ? properties : undefined,
    required: requiredNames.length > 0 ? requiredNames.sort() : undefined,
    'x-kubernetes-map-type': options.mapType,
  });
}

/** An object of which the API server keeps every field, named here or not. */
export function unknownFields(): Schema<Readonly<Record<string, unknown>>> {
  return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
}

/** Any value at all, kept as it is given. */
export function anything(): Schema {
  return { 'x-kubernetes-preserve-unknown-fields': true };
}

/** Marks a field of {@link object} as one that must be given. */
export function required<S extends Schema>(schema: S): RequiredField<S> {
  return { requiredSchema: schema };
}

/** A value of which any field may be left out, at any depth. */
export type AllOptional<T> = T extends readonly (infer Item)[]
  ? readonly AllOptional<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: AllOptional<T[K]> | undefined }
    : T;

/** The same schema, with no field required at any depth. */
export function allOptional<T>(schema: Schema<T>): Schema<AllOptional<T>> {
  const { required: _, properties, items, additionalProperties, ...rest } = schema as SchemaNode;
  return withoutUndefined<SchemaNode>({
    ...rest,
    properties:
      properties && Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, allOptional(node)])),
    items: items && allOptional(items),
    additionalProperties: additionalProperties && allOptional(additionalProperties),
  });
}

/** The same schema, with `null` allowed. */
export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { ...(schema as SchemaNode), nullable: true };
}

/** The same schema, with a value that the API server fills in where none is given. */
export function withDefault<T>(schema: Schema<T>, value: NoInfer<T>): Schema<T> {
  return { ...schema, default: value };
}

/** The same schema, with what `kubectl explain` and editors show for it. */
export function described<T>(description: string, schema: Schema<T>): Schema<T> {
  return { ...schema, description };
}
