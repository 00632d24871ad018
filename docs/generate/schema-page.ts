/** A page of Markdown for a JSON Schema: a heading for each object, a row for each of its fields. */

export interface JsonSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** Deeper objects are told in the row of the object that they are in. */
const DEEPEST = 4;

/** @param isListed whether there is a table of the schema's own fields too @returns sections of the page, without its title */
export function schemaPage(schema: JsonSchema, isListed = true): string {
  return [...sections(schema, '', 0)].slice(isListed ? 0 : 1).join('\n\n');
}

function* sections(schema: JsonSchema, path: string, depth: number): Generator<string> {
  const rows = Object.entries(schema.properties ?? {});
  if (rows.length > 0) {
    if (path !== '') yield `## ${code(path)}\n\n${cell(schema.description)}`.trim();
    yield table(
      ['field', 'type', 'what'],
      rows.map(([name, field]) => [
        `${code(name)}${schema.required?.includes(name) === true ? ' (required)' : ''}`,
        typeOf(field),
        cell(field.description),
      ]),
    );
  }
  if (depth >= DEEPEST) return;
  for (const [name, field] of rows) {
    const at = path === '' ? name : `${path}.${name}`;
    for (const each of [field, ...(field.anyOf ?? []), ...(field.oneOf ?? [])]) {
      yield* sections({ ...each, description: each.description ?? field.description ?? '' }, at, depth + 1);
      if (each.items !== undefined)
        yield* sections(
          { ...each.items, description: each.items.description ?? field.description ?? '' },
          `${at}[]`,
          depth + 1,
        );
      if (typeof each.additionalProperties === 'object')
        yield* sections(each.additionalProperties, `${at}.*`, depth + 1);
    }
  }
}

function typeOf(schema: JsonSchema): string {
  const {
    type,
    enum: values,
    const: value,
    anyOf,
    oneOf,
    items,
    minimum,
    maximum,
    $ref,
    additionalProperties,
  } = schema;
  const referred = $ref?.replace(/^.*\//, '');
  if (referred !== undefined) return `[${referred}](${referred}.md)`;
  if (values !== undefined) return values.map((each) => code(JSON.stringify(each))).join(', ');
  if (value !== undefined) return code(JSON.stringify(value));
  const some = anyOf ?? oneOf;
  if (some !== undefined) return [...new Set(some.map(typeOf))].join(' or ');
  const bounds = [minimum !== undefined && `from ${minimum}`, maximum !== undefined && `to ${maximum}`].filter(
    (each) => each !== false,
  );
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`;
  if (type === 'object' && typeof additionalProperties === 'object') return `map to ${typeOf(additionalProperties)}`;
  return [Array.isArray(type) ? type.join(' or ') : (type ?? 'anything'), ...bounds].join(' ');
}

/** A table of Markdown. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Text that may stand in a cell: what looks like markup is shown as it is. */
export function cell(text = ''): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) =>
      i % 2 === 1 ? part.replaceAll('|', '\\|') : part.replaceAll('|', '\\|').replaceAll(/[<{*_[\]]/g, '\\$&'),
    )
    .join('')
    .replaceAll(/\s*\n\s*/g, ' ');
}
