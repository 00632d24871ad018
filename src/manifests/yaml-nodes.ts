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

/**
 * @param text one document
 * @param firstLine number of its first line
 * @param anchors those of the parts of a document that came before, if it is read in parts
 * @returns undefined for a text of nothing but comments
 * @throws YamlError
 */
export function parseYaml(text: string, firstLine = 0, anchors: Anchors = new Map()): YamlNode | undefined {
  return new YamlParser(new YamlScanner(text, firstLine), anchors).document();
}

class YamlParser {
  private readonly tagPrefixes = new Map<string, string>();
  private depth = 0;

  constructor(
    private readonly scanner: YamlScanner,
    private readonly anchors: Anchors,
  ) {}

  document(): YamlNode | undefined {
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
      node = /directive|document|stream-end/.test(token.type) ? emptyScalar(token.line) : this.node(true, false);
    } else {
      this.directives();
      node = this.node(true, false);
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

  /**
   * @param isBlock whether block collections are allowed
   * @param isIndentless whether a list may begin at the indentation of its key
   */
  private node(isBlock: boolean, isIndentless: boolean): YamlNode {
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
          ...{ kind: 'scalar', line, value, tag },
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

  /** Anchors a collection, which then may have its own alias inside, and reads what is in it. */
  private collection<T extends SequenceNode | MappingNode>(
    anchor: string,
    node: T,
    read: (children: YamlNode[]) => void,
  ): T {
    this.anchored(anchor, node);
    if (++this.depth > MAX_DEPTH) throw new YamlError(tooDeep, node.line);
    read(node.children);
    this.depth--;
    return node;
  }

  private blockSequence(anchor: string, line: number): YamlNode {
    return this.collection(anchor, { kind: 'sequence', line, children: [] }, (children) => {
      let token = this.next();
      while (token.type === 'block-entry') {
        const { line } = token;
        token = this.next();
        if (token.type === 'block-entry' || token.type === 'block-end') children.push(emptyScalar(line));
        else children.push(this.node(true, false));
        token = this.scanner.peek();
      }
      if (token.type !== 'block-end') throw unexpected(token, "an item of the list ('- ')");
      this.scanner.skip();
    });
  }

  private indentlessSequence(anchor: string, line: number): YamlNode {
    return this.collection(anchor, { kind: 'sequence', line, children: [] }, (children) => {
      let token = this.scanner.peek();
      while (token.type === 'block-entry') {
        const { line } = token;
        token = this.next();
        if (token.type === 'block-entry' || isBetweenKeys(token)) children.push(emptyScalar(line));
        else children.push(this.node(true, false));
        token = this.scanner.peek();
      }
    });
  }

  private blockMapping(anchor: string, line: number): YamlNode {
    return this.collection(anchor, { kind: 'mapping', line, children: [] }, (children) => {
      let token = this.next();
      while (token.type === 'key') {
        const { line } = token;
        token = this.next();
        children.push(isBetweenKeys(token) ? emptyScalar(line) : this.node(true, true));
        token = this.scanner.peek();
        if (token.type === 'value') {
          token = this.next();
          children.push(isBetweenKeys(token) ? emptyScalar(line) : this.node(true, true));
        } else children.push(emptyScalar(line));
        token = this.scanner.peek();
      }
      if (token.type !== 'block-end') throw unexpected(token, 'a key');
      this.scanner.skip();
    });
  }

  private flowSequence(anchor: string, line: number): YamlNode {
    return this.collection(anchor, { kind: 'sequence', line, children: [] }, (children) => {
      let token = this.next();
      for (let isFirst = true; token.type !== 'flow-sequence-end'; isFirst = false) {
        if (!isFirst) {
          if (token.type !== 'flow-entry') throw unexpected(token, "',' or ']'", line);
          token = this.next();
        }
        if (token.type === 'key') children.push(this.pair(token.line));
        else if (token.type !== 'flow-sequence-end') children.push(this.node(false, false));
        token = this.scanner.peek();
      }
      this.scanner.skip();
    });
  }

  /** A map of one key that stands in a flow list without braces. */
  private pair(line: number): YamlNode {
    return this.collection('', { kind: 'mapping', line, children: [] }, (children) => {
      let token = this.next();
      if (/^(value|flow-entry|flow-sequence-end)$/.test(token.type)) {
        // As in libyaml, which skips the token that stands where the key would.
        this.scanner.skip();
        children.push(emptyScalar(token.line));
      } else children.push(this.node(false, false));
      token = this.scanner.peek();
      if (token.type === 'value') {
        token = this.next();
        if (token.type !== 'flow-entry' && token.type !== 'flow-sequence-end') {
          children.push(this.node(false, false));
          return;
        }
      }
      children.push(emptyScalar(token.line));
    });
  }

  private flowMapping(anchor: string, line: number): YamlNode {
    return this.collection(anchor, { kind: 'mapping', line, children: [] }, (children) => {
      let token = this.next();
      for (let isFirst = true; token.type !== 'flow-mapping-end'; isFirst = false) {
        if (!isFirst) {
          if (token.type !== 'flow-entry') throw unexpected(token, "',' or '}'", line);
          token = this.next();
        }
        if (token.type === 'key') {
          token = this.next();
          if (token.type !== 'value' && !isFlowMappingBreak(token)) children.push(this.node(false, false));
          else children.push(emptyScalar(token.line));
          token = this.scanner.peek();
          if (token.type === 'value') {
            token = this.next();
            children.push(isFlowMappingBreak(token) ? emptyScalar(token.line) : this.node(false, false));
          } else children.push(emptyScalar(token.line));
        } else if (token.type !== 'flow-mapping-end') {
          children.push(this.node(false, false));
          children.push(emptyScalar(token.line));
        }
        token = this.scanner.peek();
      }
      this.scanner.skip();
    });
  }
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
  ...{ 'stream-end': 'the text ends', 'block-end': 'the indentation goes back', 'block-entry': "there is '- '" },
  ...{ 'document-start': "there is '---'", 'document-end': "there is '...'", key: 'there is a key' },
  ...{ 'flow-entry': "there is ','", 'flow-sequence-end': "there is ']'", 'flow-mapping-end': "there is '}'" },
  ...{ 'block-mapping-start': 'there is a key', 'block-sequence-start': "there is '- '", value: "there is ':'" },
  ...{ scalar: 'there is text', alias: 'there is an alias', anchor: 'there is an anchor', tag: 'there is a tag' },
  ...{ 'flow-sequence-start': "there is '['", 'flow-mapping-start': "there is '{'" },
  ...{ 'version-directive': 'there is %YAML', 'tag-directive': 'there is %TAG' },
};

/** @param opened line on which the bracket is that is not closed */
function unexpected(token: Token, wanted: string, opened?: number): YamlError {
  const since = opened === undefined || opened === token.line ? '' : ` for the bracket of line ${opened + 1}`;
  const what = `${tokenWords[token.type]!} where ${wanted} should be${since}`;
  return new YamlError(what, token.line, token.type === 'stream-end');
}
