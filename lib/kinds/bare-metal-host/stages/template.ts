/**
 * JSON whose gaps kwok fills from the host at hand.
 *
 * kwok renders a stage's patch as a Go template with the sprig functions, over the object as it last saw it, and reads
 * the result as YAML, of which JSON is a part.
 */

/** A Go template expression that stands for a JSON value: `new Template('.metadata.generation')`. */
export class Template {
  constructor(readonly expression: string) {}
}

/** Go template text that writes JSON itself. */
export class TemplateText {
  constructor(readonly text: string) {}
}

/** JSON in which any value may be a `Template`. In a merge patch, null removes. */
export type Templated =
  | string
  | number
  | boolean
  | null
  | Template
  | TemplateText
  | readonly Templated[]
  | { readonly [key: string]: Templated | undefined };

/**
 * The value at a path of the host.
 *
 * @param path for instance `spec.image.url`; no key may hold a dot
 * @param otherwise a Go template operand for a host that has nothing there
 */
export function fromHost(path: string, otherwise = 'nil'): Template {
  return new Template(expressionFromHost(path, otherwise));
}

/** The expression inside `fromHost`, to build larger ones from. */
export function expressionFromHost(path: string, otherwise = 'nil'): string {
  const keys = path.split('.').map((key) => JSON.stringify(key));
  return `dig ${keys.join(' ')} ${otherwise} .`;
}

/** The text of a template that renders to this JSON. Properties that are undefined are left out. */
export function renderTemplate(value: Templated): string {
  if (value instanceof Template) return `{{ ${value.expression} | toJson }}`;
  if (value instanceof TemplateText) return value.text;
  if (typeof value === 'string') return renderString(value);
  if (Array.isArray(value)) return `[${(value as readonly Templated[]).map(renderTemplate).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value as Readonly<Record<string, Templated | undefined>>).flatMap(([key, member]) =>
      member === undefined ? [] : [`${JSON.stringify(key)}:${renderTemplate(member)}`],
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Text with braces of its own must not be taken for an action; Go reads the escapes of JSON. */
function renderString(text: string): string {
  const quoted = JSON.stringify(text);
  return text.includes('{{') ? `{{ ${quoted} | toJson }}` : quoted;
}
