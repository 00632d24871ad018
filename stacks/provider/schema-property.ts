/** What the schema of a package says of a property: as JSON Schema has it, as far as Pulumi's languages can say it. */
export interface SchemaProperty {
  readonly description?: string;
  readonly type?: string;
  readonly items?: SchemaProperty;
  readonly additionalProperties?: SchemaProperty | boolean;
  readonly properties?: Readonly<Record<string, SchemaProperty>>;
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly secret?: boolean;
}

export const text = (description: string): SchemaProperty => ({ description, type: 'string' });
export const truth = (description: string): SchemaProperty => ({ description, type: 'boolean' });
export const integer = (description: string): SchemaProperty => ({ description, type: 'integer' });
export const number = (description: string): SchemaProperty => ({ description, type: 'number' });
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
