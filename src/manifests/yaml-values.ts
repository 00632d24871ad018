/**
 * What the nodes of a document are as JSON: the rules of sigs.k8s.io/yaml, by which kubectl reads manifests.
 *
 * Plain text is a number, boolean or null as in YAML 1.1 and Go's YAML; keys become text; a key that comes again, also by
 * a merge key, replaces the one before it.
 */
import { exactInteger, float32Key, parseGoFloat, parseGoInteger } from './go-numbers';
import { YamlError } from './yaml-error';
import { parseYaml, SLICE_NODES, TAG_PREFIX, wholeOf } from './yaml-nodes';
import type { Anchors, MappingNode, ScalarNode, Sliced, YamlNode } from './yaml-nodes';
import { isTimestamp } from './yaml-timestamp';

/** The value of a node. */
export function yamlValue(node: YamlNode): unknown {
  return wholeOf(new Decoder(new Expansion()).root(node));
}

/** Up to so many values, nearly all may come from aliases; from the second on, one in ten. */
const SMALL = 400_000;
const LARGE = 4_000_000;

/** A few lines of aliases can stand for gigabytes: Go's limit on how much of a document they may be. */
class Expansion {
  /** The document is one too. */
  private values = 1;
  private fromAliases = 0;

  count(isFromAlias: boolean, line: number): void {
    this.values++;
    if (isFromAlias) this.fromAliases++;
    if (this.fromAliases <= 100 || this.values <= 1000) return;
    const share = this.fromAliases / this.values;
    const large = Math.min(Math.max((this.values - SMALL) / (LARGE - SMALL), 0), 1);
    if (share > 0.99 - 0.89 * large)
      throw new YamlError('aliases (*) that expand to too many values: write them out', line);
  }
}

/** The values of a document, which may come in parts: what one part anchors, those after it may use. */
export class YamlDocument {
  private readonly anchors: Anchors = new Map();
  private readonly expansion = new Expansion();

  /** @throws YamlError */
  *read(text: string, firstLine = 0): Sliced<unknown> {
    const node = yield* parseYaml(text, firstLine, this.anchors);
    return node === undefined ? undefined : yield* new Decoder(this.expansion).root(node);
  }
}

class Decoder {
  private readonly opened = new Set<YamlNode>();
  private steps = 0;
  /** The first value that JSON does not have. */
  private withoutJson: YamlError | undefined;
  /** Maps with a key that JSON does not have. */
  private readonly problems = new Map<object, YamlError>();

  constructor(private readonly expansion: Expansion) {}

  *root(node: YamlNode): Sliced<unknown> {
    const value = yield* this.value(node);
    if (this.withoutJson !== undefined) this.requireJson(value, this.withoutJson);
    return value;
  }

  /** What JSON does not have is refused at the end, since a key that comes again may replace it. */
  private requireJson(value: unknown, first: YamlError): void {
    if (typeof value === 'number' && !Number.isFinite(value)) throw first;
    if (typeof value !== 'object' || value === null) return;
    const problem = this.problems.get(value);
    if (problem !== undefined) throw problem;
    for (const each of Object.values(value)) this.requireJson(each, first);
  }

  private noJson(what: string, line: number): YamlError {
    const problem = new YamlError(what, line);
    this.withoutJson ??= problem;
    return problem;
  }

  private *value(node: YamlNode): Sliced<unknown> {
    return node.kind === 'scalar' ? this.scalar(node) : yield* this.collection(node);
  }

  private *collection(node: Exclude<YamlNode, ScalarNode>): Sliced<unknown> {
    this.count(node);
    switch (node.kind) {
      case 'sequence': {
        const list: unknown[] = [];
        for (const child of node.children) {
          if (this.isSliceOver()) yield;
          list.push(child.kind === 'scalar' ? this.scalar(child) : yield* this.collection(child));
        }
        return list;
      }
      case 'mapping':
        return yield* this.fill({}, node);
      case 'alias':
        return yield* this.throughAlias(node, this.value(node.target));
    }
  }

  private count({ line }: YamlNode): void {
    this.expansion.count(this.opened.size > 0, line);
  }

  private isSliceOver(): boolean {
    return ++this.steps % SLICE_NODES === 0;
  }

  private scalar(node: ScalarNode): unknown {
    this.count(node);
    const resolved = resolve(node);
    switch (resolved.type) {
      case 'null':
        return null;
      case 'integer':
        return typeof resolved.value === 'bigint' ? exactInteger(resolved.value) : resolved.value;
      case 'float':
        if (!Number.isFinite(resolved.value))
          this.noJson('a number that JSON does not have (.inf, .nan): put text in quotes', node.line);
        return resolved.value;
      default:
        return resolved.value;
    }
  }

  private *throughAlias<T>(node: YamlNode, read: Sliced<T>): Sliced<T> {
    if (this.opened.has(node))
      throw new YamlError('an alias (*) inside its own anchor (&): it would contain itself', node.line);
    this.opened.add(node);
    const value = yield* read;
    this.opened.delete(node);
    return value;
  }

  private *fill(map: Record<string, unknown>, { children }: MappingNode): Sliced<Record<string, unknown>> {
    for (let i = 0; i < children.length; i += 2) {
      if (this.isSliceOver()) yield;
      const key = children[i]!;
      const value = children[i + 1]!;
      if (isMergeKey(key)) yield* this.merge(map, value);
      else {
        const name = key.kind === 'scalar' ? this.textKey(key) : yield* this.otherKey(key);
        const field = value.kind === 'scalar' ? this.scalar(value) : yield* this.collection(value);
        if (typeof name === 'string') setField(map, name, field);
        else this.problems.set(map, name);
      }
    }
    return map;
  }

  private textKey(node: ScalarNode): string | YamlError {
    this.count(node);
    const text = keyText(node);
    return typeof text === 'string' ? text : this.noJson(text.problem, node.line);
  }

  private *otherKey(node: YamlNode): Sliced<string | YamlError> {
    if (node.kind === 'scalar') return this.textKey(node);
    if (node.kind !== 'alias') throw new YamlError('a key that is a list or a map: a key is text', node.line);
    this.count(node);
    return yield* this.throughAlias(node, this.otherKey(node.target));
  }

  private *merge(map: Record<string, unknown>, node: YamlNode): Sliced<void> {
    // The first of them has the last word.
    const maps = node.kind === 'sequence' ? node.children.toReversed() : [node];
    for (const each of maps) yield* this.mergeMap(map, each);
  }

  private *mergeMap(map: Record<string, unknown>, node: YamlNode): Sliced<void> {
    const isAlias = node.kind === 'alias';
    const target = isAlias ? node.target : node;
    if (target.kind !== 'mapping') throw new YamlError("'<<' takes a map, or a list of maps", node.line);
    this.count(node);
    if (!isAlias) yield* this.fill(map, target);
    else yield* this.throughAlias(node, this.mergeAlias(map, target, node));
  }

  private *mergeAlias(map: Record<string, unknown>, target: MappingNode, alias: YamlNode): Sliced<void> {
    this.count(alias);
    yield* this.fill(map, target);
  }
}

function isMergeKey(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.isImplicit || node.tag === `${TAG_PREFIX}merge`);
}

/** Also for `__proto__`, which is a field like any other. */
function setField(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  else map[key] = value;
}

/** What a scalar is to Go: its numbers are of one of two kinds, which matters for keys. */
type Resolved =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'integer'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number };

const words = new Map<string, Resolved>();
for (const [resolved, texts] of [
  [{ type: 'boolean', value: true }, 'y Y yes Yes YES true True TRUE on On ON'],
  [{ type: 'boolean', value: false }, 'n N no No NO false False FALSE off Off OFF'],
  [{ type: 'null' }, '~ null Null NULL'],
  [{ type: 'float', value: NaN }, '.nan .NaN .NAN'],
  [{ type: 'float', value: Infinity }, '.inf .Inf .INF +.inf +.Inf +.INF'],
  [{ type: 'float', value: -Infinity }, '-.inf -.Inf -.INF'],
] as const)
  for (const text of texts.split(' ')) words.set(text, resolved);
words.set('', { type: 'null' });

const WORD_START = /^[yYnNtTfFoO~]/;
const NUMBER_START = /^[-+.\d]/;

function resolve(node: ScalarNode): Resolved {
  const { value, tag, line } = node;
  if (tag === '') return node.isImplicit ? resolvePlain(value) : { type: 'text', value };
  if (!tag.startsWith(TAG_PREFIX)) return { type: 'text', value };
  const name = tag.slice(TAG_PREFIX.length);
  switch (name) {
    case 'binary':
      return { type: 'text', value: binaryText(value, line) };
    case 'null':
    case 'bool':
    case 'int':
    case 'float':
    case 'timestamp':
      return resolveTagged(name, value, line);
    default:
      return { type: 'text', value };
  }
}

function resolvePlain(value: string): Resolved {
  if (WORD_START.test(value) || value === '') return words.get(value) ?? { type: 'text', value };
  if (!NUMBER_START.test(value)) return { type: 'text', value };
  return words.get(value) ?? parseGoInteger(value) ?? parseGoFloat(value) ?? { type: 'text', value };
}

const tagTypes = { null: 'null', bool: 'boolean', int: 'integer', float: 'float', timestamp: 'timestamp' } as const;

function resolveTagged(tag: keyof typeof tagTypes, value: string, line: number): Resolved {
  const resolved = resolvePlain(value);
  if (tag === 'timestamp' && isTimestamp(value)) return { type: 'text', value };
  if (resolved.type === tagTypes[tag]) return resolved;
  if (tag === 'float' && resolved.type === 'integer') {
    const number = Number(resolved.value);
    if (resolved.value < 2n ** 63n) return { type: 'float', value: number };
  }
  throw new YamlError(`a value with the tag !!${tag} that is not one`, line);
}

function binaryText(value: string, line: number): string {
  const base64 = value.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
    throw new YamlError('a value with the tag !!binary that is not valid base64', line);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw new YamlError(
      'a value with the tag !!binary whose bytes are not valid UTF-8, which JSON cannot hold: use binaryData, or data of a Secret',
      line,
    );
  }
}

function keyText(node: ScalarNode): string | { readonly problem: string } {
  const resolved = resolve(node);
  switch (resolved.type) {
    case 'text':
      return resolved.value;
    case 'null':
      return { problem: 'a key that is null: put it in quotes' };
    case 'float':
      return float32Key(resolved.value);
    case 'integer':
      if (resolved.value >= 2n ** 63n) return { problem: 'a key that is a number beyond 64 bits: put it in quotes' };
      return String(resolved.value);
    default:
      return String(resolved.value);
  }
}
