import { closest } from '../crd/suggest';
import type { SchemaNode } from '../crd/schema';
import { isGoTime } from './time';

export interface JsonOptions {
  /** As `DisallowUnknownFields`. */
  readonly refusesUnknownFields: boolean;
  /** As `json.Unmarshal`; a decoder reads the first value and leaves what follows. */
  readonly isWhole: boolean;
}

export interface DecodedJson {
  /** Why Go does not take the text, by the path of each field; empty where it does. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  /** The text fields at the top, by their name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Where Go's decoder gives up. */
const DEEPEST = 10_000;

/**
 * Decodes JSON with the verdict of Go's encoding/json: names in any case, `null` anywhere, the later of two equal names,
 * whole numbers without fraction or exponent; no values checked but those of times.
 *
 * @param schema stands for the Go type: what the API server asks besides (`required`, `enum` …) is not looked at
 * @param root the beginning of each problem's path
 */
export function decodeGoJson(text: string, schema: SchemaNode, root: string, options: JsonOptions): DecodedJson {
  const problems: { path: string; message: string }[] = [];
  const texts = new Map<string, string>();
  const end = scan(text, 0);
  if (typeof end === 'string' || (options.isWhole && !/^[ \t\r\n]*$/.test(text.slice(end)))) {
    const message = typeof end === 'string' ? end : 'has something behind its JSON';
    return { problems: [{ path: root, message }], texts };
  }
  new Decoder(text, options, problems, texts).value(schema, root, 0);
  return { problems, texts };
}

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\0-\x1f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|true|false|null)/y;

/** A token, and where the next one begins; undefined where there is none. */
function tokenAt(text: string, at: number): { readonly token: string; readonly end: number } | undefined {
  TOKEN.lastIndex = at;
  const [match] = TOKEN.exec(text) ?? [];
  return match === undefined ? undefined : { token: match.trimStart(), end: TOKEN.lastIndex };
}

/** @returns where the value that begins here ends; text where it is not valid JSON. Not recursive: a value may be deep. */
function scan(text: string, start: number): number | string {
  const open: ('{' | '[')[] = [];
  // What may come next: a value, the first or a further name, a colon, or what ends a value.
  let state: 'value' | 'first item' | 'first name' | 'name' | 'colon' | 'end' = 'value';
  let at = start;
  for (;;) {
    const next = tokenAt(text, at);
    if (next === undefined) {
      return /^[ \t\r\n]*$/.test(text.slice(at))
        ? 'ends before its JSON does'
        : `is not valid JSON at character ${at + 1}`;
    }
    const { token, end } = next;
    const wrong = `is not valid JSON at character ${end - token.length + 1}`;
    at = end;
    const inside = open.at(-1);
    if (token === '}' || token === ']') {
      const isFirst = token === '}' ? state === 'first name' : state === 'first item';
      if (inside !== (token === '}' ? '{' : '[') || !(isFirst || state === 'end')) return wrong;
      open.pop();
      state = 'end';
    } else if (token === ',') {
      if (state !== 'end') return wrong;
      state = inside === '{' ? 'name' : 'value';
    } else if (token === ':') {
      if (state !== 'colon') return wrong;
      state = 'value';
    } else if (state === 'first name' || state === 'name') {
      if (!token.startsWith('"')) return wrong;
      state = 'colon';
    } else if (state !== 'value' && state !== 'first item') {
      return wrong;
    } else if (token === '{' || token === '[') {
      open.push(token);
      if (open.length > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
      state = token === '{' ? 'first name' : 'first item';
    } else {
      state = 'end';
    }
    if (state === 'end' && open.length === 0) return at;
  }
}

/** Walks over text that {@link scan} has found to be JSON. */
class Decoder {
  constructor(
    private readonly text: string,
    private readonly options: JsonOptions,
    private readonly problems: { path: string; message: string }[],
    private readonly texts: Map<string, string>,
  ) {}

  /** @returns where the value ends */
  value(schema: SchemaNode | undefined, path: string, at: number): number {
    const next = tokenAt(this.text, at);
    const end = scan(this.text, at);
    if (next === undefined || typeof end === 'string') throw new RangeError('JSON that was not scanned');
    const { token } = next;
    if (token === 'null' || schema === undefined) return end;
    switch (schema.type) {
      case 'object':
        if (token === '{') return this.object(schema, path, next.end);
        this.add(path, 'must be an object');
        break;
      case 'array':
        if (token === '[') return this.array(schema, path, next.end);
        this.add(path, 'must be a list');
        break;
      case 'string':
        if (!token.startsWith('"')) this.add(path, 'must be a string');
        else if (schema.format === 'date-time' && !isGoTime(JSON.parse(token) as string)) {
          this.add(path, `must be a time such as 2026-01-31T12:00:00Z; given ${cut(token)}`);
        }
        break;
      case 'integer':
        if (!isGoInteger(token, schema.format === 'int32' ? 31n : 63n)) {
          this.add(path, `must be a whole number, without fraction or exponent; given ${cut(token)}`);
        }
        break;
      case 'number':
        if (!/^[-\d]/.test(token) || !Number.isFinite(Number(token))) {
          this.add(path, `must be a number; given ${cut(token)}`);
        }
        break;
      case 'boolean':
        if (token !== 'true' && token !== 'false') this.add(path, `must be true or false; given ${cut(token)}`);
    }
    return end;
  }

  private object(schema: SchemaNode, path: string, start: number): number {
    for (let at = start; ;) {
      const name = this.next(at);
      if (name.token === '}') return name.end;
      if (name.token === ',') {
        at = name.end;
        continue;
      }
      const given = JSON.parse(name.token) as string;
      const field = fieldOf(schema, given);
      const fieldPath = `${path}.${field ?? given}`;
      const colon = this.next(name.end);
      if (field === undefined && this.options.refusesUnknownFields) this.addUnknown(fieldPath, given, schema);
      const fieldSchema = field === undefined ? undefined : schema.properties?.[field];
      const found = this.next(colon.end);
      if (field !== undefined && fieldSchema?.type === 'string' && !/[.[]/.test(path) && found.token.startsWith('"')) {
        this.texts.set(field, JSON.parse(found.token) as string);
      }
      at = this.value(fieldSchema, fieldPath, colon.end);
    }
  }

  private array(schema: SchemaNode, path: string, start: number): number {
    for (let at = start, index = 0; ;) {
      const next = this.next(at);
      if (next.token === ']') return next.end;
      at = next.token === ',' ? next.end : this.value(schema.items, `${path}[${index++}]`, at);
    }
  }

  private next(at: number): { readonly token: string; readonly end: number } {
    const next = tokenAt(this.text, at);
    if (next === undefined) throw new RangeError('JSON that was not scanned');
    return next;
  }

  private add(path: string, message: string): void {
    this.problems.push({ path, message });
  }

  private addUnknown(path: string, name: string, { properties = {} }: SchemaNode): void {
    const meant = closest(name, Object.keys(properties));
    this.add(path, meant === undefined ? 'unknown field' : `unknown field; did you mean '${meant}'?`);
  }
}

function fieldOf({ properties = {} }: SchemaNode, name: string): string | undefined {
  if (Object.hasOwn(properties, name)) return name;
  const folded = fold(name);
  return Object.keys(properties).find((field) => fold(field) === folded);
}

/** As Go compares names: two letters besides those of ASCII are an s and a k to it. */
function fold(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}

function isGoInteger(token: string, bits: bigint): boolean {
  if (!/^-?\d+$/.test(token) || token.length > 20) return false;
  const value = BigInt(token);
  return value >= -(1n << bits) && value < 1n << bits;
}

function cut(token: string): string {
  return token.length > 80 ? `${token.slice(0, 77)}...` : token;
}
