/** The nodes of one document of YAML: the grammar of libyaml over the tokens of {@link YamlScanner}. */
import { YamlError } from './yaml-error';
import { MAX_DEPTH, tooDeep, YamlScanner, type Token } from './yaml-scanner';

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** From 0. */
  readonly line: number;
  readonly value: string;
  /** In full, as `tag:yaml.org,2002:str`, or empty. */
  readonly tag: string;
  /** Whether its type follows from how it looks. */
  readonly isImplicit: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly line: number;
  readonly children: YamlNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly line: number;
  /** Key, value, key, value … */
  readonly children: YamlNode[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly line: number;
  readonly name: string;
  readonly target: YamlNode;
}

export const TAG_PREFIX = 'tag:yaml.org,2002:';

const textBehindEnd = "text after the end of the document: put '---' on a line between the two";

export type Anchors = Map<string, YamlNode>;

/** Work that may be long: it stops now and then, for whoever does it to let others work, and has a value at its end. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** The value of such work that is done at one go. */
export function wholeOf<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** After so many nodes it stops: some milliseconds. */
export const SLICE_NODES = 4096;

/**
 * @param text one document
 * @param firstLine number of its first line
 * @param anchors those of the parts of a document that came before, if it is read in parts
 * @returns undefined for a text of nothing but comments
 * @throws YamlError
 */
export function parseYaml(text: string, firstLine = 0, anchors: Anchors = new Map()): Sliced<YamlNode | undefined> {
  return new YamlParser(new YamlScanner(text, firstLine), anchors).document();
}

class YamlParser {
  private readonly tagPrefixes = new Map<string, string>();
  private depth = 0;
  private steps = 0;

  constructor(
    private readonly scanner: YamlScanner,
    private readonly anchors: Anchors,
  ) {}

  *document(): Sliced<YamlNode | undefined> {
    let token = this.scanner.peek();
    let node: YamlNode | undefined;
    if (/directive|document-start|stream-end/.test(token.type)) {
      if (token.type === 'stream-end') return undefined;
      this.directives();
      token = this.scanner.peek();
      if (token.type !== 'document-start')
        throw new YamlError(
          "a directive must be followed by '---', and kubectl cuts the text there: leave it out",
          token.line,
        );
      token = this.next();
      node = /directive|document|stream-end/.test(token.type) ? emptyScalar(token.line) : yield* this.root();
    } else {
      this.directives();
      node = yield* this.root();
    }
    token = this.scanner.peek();
    if (token.type === 'document-end') token = this.behindEnd(token.line);
    if (token.type === 'document-start')
      throw new YamlError("a second document ('---') where only one is allowed", token.line);
    // kubectl drops it without a word.
    if (token.type !== 'stream-end') throw new YamlError(textBehindEnd, token.line);
    return node;
  }

  /** Whatever stands behind `...`, but for more of them. */
  private behindEnd(line: number): Token {
    try {
      let token = this.next();
      while (token.type === 'document-end') token = this.next();
      return token;
    } catch {
      throw new YamlError(textBehindEnd, line + 1);
    }
  }

  private next(): Token {
    this.scanner.skip();
    return this.scanner.peek();
  }

  private directives(): void {
    let hasVersion = false;
    let token = this.scanner.peek();
    for (; token.type === 'version-directive' || token.type === 'tag-directive'; token = this.next()) {
      if (token.type === 'version-directive') {
        if (hasVersion) throw new YamlError('a second %YAML', token.line);
        if (!/^0?1\.0?1$/.test(token.value))
          throw new YamlError('it asks for another version than YAML 1.1, which kubectl reads', token.line);
        hasVersion = true;
      } else {
        if (this.tagPrefixes.has(token.value)) throw new YamlError('a second %TAG for one handle', token.line);
        this.tagPrefixes.set(token.value, token.suffix);
      }
    }
    for (const [handle, prefix] of [
      ['!', '!'],
      ['!!', TAG_PREFIX],
    ] as const)
      if (!this.tagPrefixes.has(handle)) this.tagPrefixes.set(handle, prefix);
  }

  private *root(): Sliced<YamlNode> {
    const node = this.node(true, false);
    return isRead(node) ? node : yield* node;
  }

  /**
   * @param isBlock whether block collections are allowed
   * @param isIndentless whether a list may begin at the indentation of its key
   * @returns a collection that has yet to be read, or anything else
   */
  private node(isBlock: boolean, isIndentless: boolean): YamlNode | Sliced<YamlNode> {
    let token = this.scanner.peek();
    const { line } = token;
    if (token.type === 'alias') {
      this.scanner.skip();
      const target = this.anchors.get(token.value);
      if (target === undefined)
        throw new YamlError('an alias (*) of an anchor (&) that is not defined before it', line);
      return { kind: 'alias', line, name: token.value, target };
    }
    let anchor = '';
    let tag = '';
    if (token.type === 'anchor' || token.type === 'tag') {
      const first = token.type;
      for (let i = 0; i < 2 && (i === 0 || token.type === (first === 'anchor' ? 'tag' : 'anchor')); i++) {
        if (token.type === 'anchor') anchor = token.value;
        else tag = this.tagOf(token);
        token = this.next();
      }
    }
    const isImplicit = tag === '';
    switch (token.type) {
      case 'block-entry':
        if (isIndentless) return this.indentlessSequence(anchor, line);
        break;
      case 'scalar': {
        this.scanner.skip();
        const { value, isPlain } = token;
        const node: ScalarNode = {
          kind: 'scalar',
          line,
          value,
          tag,
          isImplicit: (isImplicit && isPlain) || tag === '!',
        };
        return this.anchored(anchor, node);
      }
      case 'flow-sequence-start':
        return this.flowSequence(anchor, line);
      case 'flow-mapping-start':
        return this.flowMapping(anchor, line);
      case 'block-sequence-start':
        if (isBlock) return this.blockSequence(anchor, line);
        break;
      case 'block-mapping-start':
        if (isBlock) return this.blockMapping(anchor, line);
        break;
    }
    if (anchor !== '' || tag !== '') return this.anchored(anchor, { kind: 'scalar', line, value: '', tag, isImplicit });
    throw unexpected(token, 'a value');
  }

  private tagOf({ value: handle, suffix, line }: Token): string {
    if (handle === '') return suffix;
    const prefix = this.tagPrefixes.get(handle);
    if (prefix === undefined) throw new YamlError('a tag with a handle that no %TAG defines', line);
    return prefix + suffix;
  }

  private anchored<T extends YamlNode>(anchor: string, node: T): T {
    if (anchor !== '') this.anchors.set(anchor, node);
    return node;
  }

  /** Anchors a collection, which then may have its own alias inside. */
  private begin<T extends SequenceNode | MappingNode>(anchor: string, node: T): T {
    this.anchored(anchor, node);
    if (++this.depth > MAX_DEPTH) throw new YamlError(tooDeep, node.line);
    return node;
  }

  private end<T extends SequenceNode | MappingNode>(node: T): T {
    this.depth--;
    return node;
  }

  private isSliceOver(): boolean {
    return ++this.steps % SLICE_NODES === 0;
  }

  private *blockSequence(anchor: string, line: number): Sliced<YamlNode> {
    const node: SequenceNode = this.begin(anchor, { kind: 'sequence', line, children: [] });
    const { children } = node;
    let token = this.next();
    while (token.type === 'block-entry') {
      if (this.isSliceOver()) yield;
      const { line } = token;
      token = this.next();
      if (token.type === 'block-entry' || token.type === 'block-end') children.push(emptyScalar(line));
      else {
        const item = this.node(true, false);
        children.push(isRead(item) ? item : yield* item);
      }
      token = this.scanner.peek();
    }
    if (token.type !== 'block-end') throw unexpected(token, "an item of the list ('- ')");
    this.scanner.skip();
    return this.end(node);
  }

  private *indentlessSequence(anchor: string, line: number): Sliced<YamlNode> {
    const node: SequenceNode = this.begin(anchor, { kind: 'sequence', line, children: [] });
    const { children } = node;
    let token = this.scanner.peek();
    while (token.type === 'block-entry') {
      if (this.isSliceOver()) yield;
      const { line } = token;
      token = this.next();
      if (token.type === 'block-entry' || isBetweenKeys(token)) children.push(emptyScalar(line));
      else {
        const item = this.node(true, false);
        children.push(isRead(item) ? item : yield* item);
      }
      token = this.scanner.peek();
    }
    return this.end(node);
  }

  private *blockMapping(anchor: string, line: number): Sliced<YamlNode> {
    const node: MappingNode = this.begin(anchor, { kind: 'mapping', line, children: [] });
    const { children } = node;
    let token = this.next();
    while (token.type === 'key') {
      if (this.isSliceOver()) yield;
      const { line } = token;
      token = this.next();
      const key = isBetweenKeys(token) ? emptyScalar(line) : this.node(true, true);
      children.push(isRead(key) ? key : yield* key);
      token = this.scanner.peek();
      if (token.type === 'value') {
        token = this.next();
        const value = isBetweenKeys(token) ? emptyScalar(line) : this.node(true, true);
        children.push(isRead(value) ? value : yield* value);
      } else children.push(emptyScalar(line));
      token = this.scanner.peek();
    }
    if (token.type !== 'block-end') throw unexpected(token, 'a key');
    this.scanner.skip();
    return this.end(node);
  }

  private *flowSequence(anchor: string, line: number): Sliced<YamlNode> {
    const node: SequenceNode = this.begin(anchor, { kind: 'sequence', line, children: [] });
    const { children } = node;
    let token = this.next();
    for (let isFirst = true; token.type !== 'flow-sequence-end'; isFirst = false) {
      if (this.isSliceOver()) yield;
      if (!isFirst) {
        if (token.type !== 'flow-entry') throw unexpected(token, "',' or ']'", line);
        token = this.next();
      }
      if (token.type === 'key') children.push(yield* this.pair(token.line));
      else if (token.type !== 'flow-sequence-end') {
        const item = this.node(false, false);
        children.push(isRead(item) ? item : yield* item);
      }
      token = this.scanner.peek();
    }
    this.scanner.skip();
    return this.end(node);
  }

  /** A map of one key that stands in a flow list without braces. */
  private *pair(line: number): Sliced<YamlNode> {
    const node: MappingNode = this.begin('', { kind: 'mapping', line, children: [] });
    const { children } = node;
    let token = this.next();
    if (/^(value|flow-entry|flow-sequence-end)$/.test(token.type)) {
      // As in libyaml, which skips the token that stands where the key would.
      this.scanner.skip();
      children.push(emptyScalar(token.line));
    } else {
      const key = this.node(false, false);
      children.push(isRead(key) ? key : yield* key);
    }
    token = this.scanner.peek();
    if (token.type === 'value') {
      token = this.next();
      if (token.type !== 'flow-entry' && token.type !== 'flow-sequence-end') {
        const value = this.node(false, false);
        children.push(isRead(value) ? value : yield* value);
        return this.end(node);
      }
    }
    children.push(emptyScalar(token.line));
    return this.end(node);
  }

  private *flowMapping(anchor: string, line: number): Sliced<YamlNode> {
    const node: MappingNode = this.begin(anchor, { kind: 'mapping', line, children: [] });
    const { children } = node;
    let token = this.next();
    for (let isFirst = true; token.type !== 'flow-mapping-end'; isFirst = false) {
      if (this.isSliceOver()) yield;
      if (!isFirst) {
        if (token.type !== 'flow-entry') throw unexpected(token, "',' or '}'", line);
        token = this.next();
      }
      if (token.type === 'key') {
        token = this.next();
        if (token.type !== 'value' && !isFlowMappingBreak(token)) {
          const key = this.node(false, false);
          children.push(isRead(key) ? key : yield* key);
        } else children.push(emptyScalar(token.line));
        token = this.scanner.peek();
        if (token.type === 'value') {
          token = this.next();
          const value = isFlowMappingBreak(token) ? emptyScalar(token.line) : this.node(false, false);
          children.push(isRead(value) ? value : yield* value);
        } else children.push(emptyScalar(token.line));
      } else if (token.type !== 'flow-mapping-end') {
        const key = this.node(false, false);
        children.push(isRead(key) ? key : yield* key);
        children.push(emptyScalar(token.line));
      }
      token = this.scanner.peek();
    }
    this.scanner.skip();
    return this.end(node);
  }
}

function isRead(node: YamlNode | Sliced<YamlNode>): node is YamlNode {
  return 'kind' in node;
}

function isBetweenKeys({ type }: Token): boolean {
  return type === 'key' || type === 'value' || type === 'block-end';
}

function isFlowMappingBreak({ type }: Token): boolean {
  return type === 'flow-entry' || type === 'flow-mapping-end';
}

function emptyScalar(line: number): YamlNode {
  return { kind: 'scalar', line, value: '', tag: '', isImplicit: true };
}

const tokenWords: Partial<Record<Token['type'], string>> = {
  'stream-end': 'the text ends',
  'block-end': 'the indentation goes back',
  'block-entry': "there is '- '",
  'document-start': "there is '---'",
  'document-end': "there is '...'",
  key: 'there is a key',
  'flow-entry': "there is ','",
  'flow-sequence-end': "there is ']'",
  'flow-mapping-end': "there is '}'",
  'block-mapping-start': 'there is a key',
  'block-sequence-start': "there is '- '",
  value: "there is ':'",
  scalar: 'there is text',
  alias: 'there is an alias',
  anchor: 'there is an anchor',
  tag: 'there is a tag',
  'flow-sequence-start': "there is '['",
  'flow-mapping-start': "there is '{'",
  'version-directive': 'there is %YAML',
  'tag-directive': 'there is %TAG',
};

/** @param opened line on which the bracket is that is not closed */
function unexpected(token: Token, wanted: string, opened?: number): YamlError {
  const since = opened === undefined || opened === token.line ? '' : ` for the bracket of line ${opened + 1}`;
  const what = `${tokenWords[token.type]!} where ${wanted} should be${since}`;
  return new YamlError(what, token.line, token.type === 'stream-end');
}
