/**
 * What the schema of a package says of a property: as JSON Schema has it, as far as Pulumi's languages can say it; and what is
 * allowed besides, by which arguments are refused.
 */
export interface SchemaProperty {
  readonly description?: string;
  readonly type?: string;
  readonly items?: SchemaProperty;
  readonly additionalProperties?: SchemaProperty | boolean;
  readonly properties?: Readonly<Record<string, SchemaProperty>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly $ref?: string;
  readonly secret?: boolean;
}

export type Properties = Readonly<Record<string, SchemaProperty>>;

export const text = (description: string): SchemaProperty => ({ description, type: 'string' });
/** A text that is not empty. */
export const name = (description: string): SchemaProperty => ({ description, type: 'string', minLength: 1 });
export const oneOf = (description: string, allowed: readonly string[]): SchemaProperty => ({
  description,
  type: 'string',
  enum: allowed,
});
export const truth = (description: string): SchemaProperty => ({ description, type: 'boolean' });
export const integer = (description: string): SchemaProperty => ({ description, type: 'integer' });
/** A time. More seconds than that no timer has. */
export const seconds = (description: string): SchemaProperty => ({
  description,
  type: 'number',
  minimum: 1,
  maximum: 2_000_000,
});
export const texts = (description: string): SchemaProperty => ({
  description,
  type: 'array',
  items: { type: 'string' },
});
export const integers = (description: string): SchemaProperty => ({
  description,
  type: 'object',
  additionalProperties: { type: 'integer' },
});
export const anything = (description: string): SchemaProperty => ({ description, $ref: 'pulumi.json#/Any' });
export const hidden = (property: SchemaProperty): SchemaProperty => ({ ...property, secret: true });
