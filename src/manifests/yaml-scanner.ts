/**
 * The tokens of YAML 1.1, cut as libyaml and Go's YAML cut them: what kubectl takes, and nothing else, comes through.
 *
 * The rules that other parsers have differently: quoted text and flow collections may go on at any column, a key without
 * `?` ends within 1,024 characters and on its line, and three more characters than CR and LF end a line.
 */
import { YamlError } from './yaml-error';

export type TokenType =
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export class Token {
  /** The key that may begin with this token, until it is known whether it does. */
  simpleKey: SimpleKey | undefined = undefined;

  constructor(
    readonly type: TokenType,
    /** From 0. */
    readonly line: number,
    /** Text of a scalar, name of an anchor or alias, handle of a tag, version of a directive. */
    readonly value = '',
    /** What follows the handle of a tag, or the prefix of a directive. */
    readonly suffix = '',
    /** Whether a scalar has neither quotes nor `|` or `>`. */
    readonly isPlain = false,
  ) {}
}

interface SimpleKey {
  isPossible: boolean;
  readonly isRequired: boolean;
  readonly tokenNumber: number;
  readonly line: number;
  readonly position: number;
  readonly column: number;
}

/** Nesting that no object of Kubernetes has; far below what would exhaust the stack of those who work on the values. */
export const MAX_DEPTH = 1000;
const MAX_KEY = 1024;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const SINGLE_QUOTE = 0x27;
const ASTERISK = 0x2a;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const PIPE = 0x7c;
const CLOSE_BRACE = 0x7d;
const EXCLAMATION = 0x21;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

/** Bits of what an ASCII character is. */
const BLANK = 1;
const BREAK = 2;
const END = 4;
const FLOW_INDICATOR = 8;
const NAME = 16;
const INDICATOR = 32;
const URI = 64;
const classes = new Uint8Array(128);
for (const [bit, characters] of [
  [BLANK, ' \t'],
  [BREAK, '\r\n'],
  [END, '\0'],
  [FLOW_INDICATOR, ',?[]{}'],
  [NAME, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-'],
  [INDICATOR, '-?:,[]{}#&*!|>\'"%@`'],
  [URI, ";/?:@&=+$,.!~*'()[]%"],
] as const)
  for (const character of characters) classes[character.charCodeAt(0)]! |= bit;

function is(code: number, bits: number): boolean {
  return code < 128 && (classes[code]! & bits) !== 0;
}

function isBreak(code: number): boolean {
  return code < 128
    ? (classes[code]! & BREAK) !== 0
    : code === NEXT_LINE || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR;
}

function isBlankOrEnd(code: number): boolean {
  return code < 128
    ? (classes[code]! & (BLANK | BREAK | END)) !== 0
    : code === NEXT_LINE || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR;
}

function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}

const NO_TEXT = /[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const LONG_CHARACTER = /[\ud800-\udbff]/;

/** Chomping and indentation indicators, in either order. */
const BLOCK_HEADER = /^[|>](?:([+-])(\d)?|(\d)([+-])?)?/;

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const codeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export class YamlScanner {
  private readonly text: string;
  private position = 0;
  private line: number;
  private lineStart = 0;
  private queue: Token[] = [];
  private head = 0;
  private tokensTaken = 0;
  private indent = -1;
  private readonly indents: number[] = [];
  private readonly simpleKeys: (SimpleKey | undefined)[] = [undefined];
  private allowsSimpleKey = true;
  private flowLevel = 0;
  private readonly hasLongCharacters: boolean;

  /**
   * @param text one document
   * @param firstLine number of its first line
   * @throws YamlError for control characters
   */
  constructor(
    text: string,
    private readonly firstLine = 0,
  ) {
    this.line = firstLine;
    const bad = NO_TEXT.exec(text);
    if (bad !== null) {
      const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      throw new YamlError(
        `the character U+${code} is not allowed: write it as an escape in "…"`,
        lineAt(text, bad.index, firstLine),
      );
    }
    this.hasLongCharacters = LONG_CHARACTER.test(text);
    this.text = `${text}\0`;
  }

  /** The next token, which stays the next one until it is skipped. */
  peek(): Token {
    for (;;) {
      const next = this.queue[this.head];
      if (next !== undefined) {
        // A token that may begin a key is not the next one before that is known: the key's own token goes before it.
        const key = next.simpleKey;
        if (key === undefined || !this.isValid(key)) return next;
      }
      this.fetch();
    }
  }

  skip(): void {
    this.head++;
    this.tokensTaken++;
    if (this.head > 256 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  private get column(): number {
    return this.position - this.lineStart;
  }

  private at(offset: number): number {
    return this.text.charCodeAt(this.position + offset);
  }

  private append(token: Token): void {
    this.queue.push(token);
  }

  private fetch(): void {
    this.skipToToken();
    this.unrollIndent(this.column);
    const { position, text } = this;
    const code = text.charCodeAt(position);
    if (code === 0) return this.fetchStreamEnd();
    if (position === this.lineStart) {
      if (code === PERCENT) return this.fetchDirective();
      if (this.isDocumentMark(MINUS)) return this.fetchDocumentMark('document-start');
      if (this.isDocumentMark(DOT)) return this.fetchDocumentMark('document-end');
    }
    const isIndicator = is(code, INDICATOR);
    if (isIndicator) {
      const isFlow = this.flowLevel > 0;
      const nextIsBlank = isBlankOrEnd(text.charCodeAt(position + 1));
      switch (code) {
        case OPEN_BRACKET:
          return this.fetchFlowStart('flow-sequence-start');
        case OPEN_BRACE:
          return this.fetchFlowStart('flow-mapping-start');
        case CLOSE_BRACKET:
          return this.fetchFlowEnd('flow-sequence-end');
        case CLOSE_BRACE:
          return this.fetchFlowEnd('flow-mapping-end');
        case COMMA:
          return this.fetchFlowEntry();
        case MINUS:
          if (nextIsBlank) return this.fetchBlockEntry();
          return this.fetchPlain();
        case QUESTION:
          if (isFlow || nextIsBlank) return this.fetchKey();
          return this.fetchPlain();
        case COLON:
          if (isFlow || nextIsBlank) return this.fetchValue();
          return this.fetchPlain();
        case ASTERISK:
          return this.fetchAnchor('alias');
        case AMPERSAND:
          return this.fetchAnchor('anchor');
        case EXCLAMATION:
          return this.fetchTag();
        case PIPE:
        case GREATER:
          if (!isFlow) return this.fetchBlockScalar(code === PIPE);
          break;
        case SINGLE_QUOTE:
        case DOUBLE_QUOTE:
          return this.fetchQuoted(code);
      }
    } else if (!isBlankOrEnd(code)) return this.fetchPlain();
    if (code === TAB) throw this.error('a tab in the indentation: indent with spaces');
    throw this.error(`no value begins with ${describeCharacter(code)}: put it in quotes`);
  }

  private error(what: string, line = this.line): YamlError {
    return new YamlError(what, line);
  }

  // Keys without `?`

  private isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    if (key.line === this.line && !this.isFar(key.position)) return true;
    if (key.isRequired) throw missingColon(key);
    key.isPossible = false;
    return false;
  }

  /** Counted in characters, of which one may be two units of a string. */
  private isFar(start: number): boolean {
    if (this.position - start <= MAX_KEY) return false;
    if (!this.hasLongCharacters || this.position - start > 2 * MAX_KEY) return true;
    return [...this.text.slice(start, this.position)].length > MAX_KEY;
  }

  /** What is appended next may be a key. */
  private saveSimpleKey(): SimpleKey | undefined {
    if (!this.allowsSimpleKey) return undefined;
    const { column } = this;
    const key: SimpleKey = {
      isPossible: true,
      isRequired: this.flowLevel === 0 && this.indent === column,
      tokenNumber: this.tokensTaken + this.queue.length - this.head,
      line: this.line,
      position: this.position,
      column,
    };
    this.removeSimpleKey();
    this.simpleKeys[this.simpleKeys.length - 1] = key;
    return key;
  }

  private removeSimpleKey(): void {
    const key = this.simpleKeys[this.simpleKeys.length - 1];
    if (key === undefined || !key.isPossible) return;
    if (key.isRequired) throw missingColon(key);
    key.isPossible = false;
  }

  // Indentation of block collections

  private rollIndent(column: number, type: TokenType, line: number, tokenNumber?: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    const token = new Token(type, line);
    if (tokenNumber === undefined) this.append(token);
    else this.queue.splice(this.head + tokenNumber - this.tokensTaken, 0, token);
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.append(new Token('block-end', this.line));
      this.indent = this.indents.pop() ?? -1;
    }
  }

  // One method for each kind of token

  private fetchStreamEnd(): void {
    this.unrollIndent(-1);
    this.removeSimpleKey();
    this.allowsSimpleKey = false;
    this.append(new Token('stream-end', Math.max(this.column === 0 ? this.line - 1 : this.line, this.firstLine)));
    // No key goes on behind it.
    if (this.column !== 0) this.line++;
    this.lineStart = this.position;
  }

  private isDocumentMark(code: number): boolean {
    return this.at(0) === code && this.at(1) === code && this.at(2) === code && isBlankOrEnd(this.at(3));
  }

  private fetchDocumentMark(type: TokenType): void {
    this.unrollIndent(-1);
    this.removeSimpleKey();
    this.allowsSimpleKey = false;
    this.append(new Token(type, this.line));
    this.position += 3;
  }

  private fetchFlowStart(type: TokenType): void {
    const token = new Token(type, this.line);
    token.simpleKey = this.saveSimpleKey();
    this.simpleKeys.push(undefined);
    this.flowLevel++;
    if (this.flowLevel > MAX_DEPTH) throw this.error(tooDeep);
    this.allowsSimpleKey = true;
    this.position++;
    this.append(token);
  }

  private fetchFlowEnd(type: TokenType): void {
    this.removeSimpleKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.simpleKeys.pop();
    }
    this.allowsSimpleKey = false;
    this.append(new Token(type, this.line));
    this.position++;
  }

  private fetchFlowEntry(): void {
    this.removeSimpleKey();
    this.allowsSimpleKey = true;
    this.append(new Token('flow-entry', this.line));
    this.position++;
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.allowsSimpleKey) throw this.error("an item of a list ('- ') cannot stand here: begin a line with it");
      this.rollIndent(this.column, 'block-sequence-start', this.line);
    }
    this.removeSimpleKey();
    this.allowsSimpleKey = true;
    this.append(new Token('block-entry', this.line));
    this.position++;
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.allowsSimpleKey) throw this.error("a key ('? ') cannot stand here: begin a line with it");
      this.rollIndent(this.column, 'block-mapping-start', this.line);
    }
    this.removeSimpleKey();
    this.allowsSimpleKey = this.flowLevel === 0;
    this.append(new Token('key', this.line));
    this.position++;
  }

  private fetchValue(): void {
    const key = this.simpleKeys[this.simpleKeys.length - 1];
    if (key !== undefined && this.isValid(key)) {
      this.queue.splice(this.head + key.tokenNumber - this.tokensTaken, 0, new Token('key', key.line));
      this.rollIndent(key.column, 'block-mapping-start', key.line, key.tokenNumber);
      key.isPossible = false;
      this.allowsSimpleKey = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.allowsSimpleKey)
          throw this.error("a second ': ' on one line: put the value in quotes, or on lines of its own");
        this.rollIndent(this.column, 'block-mapping-start', this.line);
      }
      this.allowsSimpleKey = this.flowLevel === 0;
    }
    this.append(new Token('value', this.line));
    this.position++;
  }

  private fetchAnchor(type: 'alias' | 'anchor'): void {
    const key = this.saveSimpleKey();
    this.allowsSimpleKey = false;
    const { line } = this;
    const start = ++this.position;
    while (is(this.at(0), NAME)) this.position++;
    const code = this.at(0);
    if (this.position === start || !(isBlankOrEnd(code) || '?:,]}%@`'.includes(String.fromCharCode(code))))
      throw this.error(`the name of an ${type} has letters, digits, '-' and '_' only`);
    this.appendKeyed(new Token(type, line, this.text.slice(start, this.position)), key);
  }

  private appendKeyed(token: Token, key: SimpleKey | undefined): void {
    token.simpleKey = key;
    this.append(token);
  }

  private fetchPlain(): void {
    const key = this.saveSimpleKey();
    this.allowsSimpleKey = false;
    this.appendKeyed(this.scanPlain(), key);
  }

  private fetchQuoted(quote: number): void {
    const key = this.saveSimpleKey();
    this.allowsSimpleKey = false;
    this.appendKeyed(this.scanQuoted(quote), key);
  }

  private fetchBlockScalar(isLiteral: boolean): void {
    this.removeSimpleKey();
    this.allowsSimpleKey = true;
    this.append(this.scanBlockScalar(isLiteral));
  }

  private fetchTag(): void {
    const key = this.saveSimpleKey();
    this.allowsSimpleKey = false;
    this.appendKeyed(this.scanTag(), key);
  }

  private fetchDirective(): void {
    this.unrollIndent(-1);
    this.removeSimpleKey();
    this.allowsSimpleKey = false;
    this.append(this.scanDirective());
  }

  // White space

  private skipToToken(): void {
    const { text } = this;
    for (;;) {
      let code = text.charCodeAt(this.position);
      // A tab may be between what stands on one line, and not where it would be taken for indentation.
      const allowsTab = this.flowLevel > 0 || !this.allowsSimpleKey;
      while (code === SPACE || (code === TAB && allowsTab)) code = text.charCodeAt(++this.position);
      if (code === HASH) code = this.skipComment();
      if (!isBreak(code)) return;
      this.skipBreak();
      if (this.flowLevel === 0) this.allowsSimpleKey = true;
    }
  }

  private skipComment(): number {
    let code = this.at(0);
    while (!isBreakOrEnd(code)) code = this.text.charCodeAt(++this.position);
    return code;
  }

  private skipBlanks(): void {
    while (is(this.at(0), BLANK)) this.position++;
  }

  private skipBreak(): void {
    this.position += this.at(0) === CR && this.at(1) === LF ? 2 : 1;
    this.line++;
    this.lineStart = this.position;
  }

  /** @returns what the line break is in a text */
  private readBreak(): string {
    const code = this.at(0);
    if (!isBreak(code)) return '';
    this.skipBreak();
    return code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR ? String.fromCharCode(code) : '\n';
  }

  // Directives and tags

  private scanDirective(): Token {
    const { line } = this;
    const start = ++this.position;
    while (is(this.at(0), NAME)) this.position++;
    const name = this.text.slice(start, this.position);
    if (!isBlankOrEnd(this.at(0)) || (name !== 'YAML' && name !== 'TAG'))
      throw this.error("a line that begins with '%' must be %YAML or %TAG: put text in quotes");
    this.skipBlanks();
    const token = name === 'YAML' ? this.scanVersion(line) : this.scanTagDirective(line);
    this.skipBlanks();
    if (this.at(0) === HASH) this.skipComment();
    if (!isBreakOrEnd(this.at(0))) throw this.error(`nothing may follow %${name} on its line`);
    this.readBreak();
    return token;
  }

  private scanVersion(line: number): Token {
    const [, version] = /^(\d{1,2}\.\d{1,2})(?!\d)/.exec(this.text.slice(this.position, this.position + 6)) ?? [];
    if (version === undefined) throw this.error('%YAML needs a version, 1.1');
    this.position += version.length;
    return new Token('version-directive', line, version);
  }

  private scanTagDirective(line: number): Token {
    const handle = this.scanTagHandle();
    if (handle !== '!' && !/^!.*!$/.test(handle)) throw this.error("the handle of a %TAG begins and ends with '!'");
    if (!is(this.at(0), BLANK)) throw this.error('%TAG needs a handle and a prefix');
    this.skipBlanks();
    const prefix = this.scanUri('');
    if (!isBlankOrEnd(this.at(0))) throw this.error('the prefix of a %TAG has a character that no tag has');
    return new Token('tag-directive', line, handle, prefix);
  }

  private scanTag(): Token {
    const { line } = this;
    let handle = '';
    let suffix: string;
    if (this.at(1) === LESS) {
      this.position += 2;
      suffix = this.scanUri('');
      if (this.at(0) !== GREATER) throw this.error("a tag that begins with '!<' ends with '>'");
      this.position++;
    } else {
      handle = this.scanTagHandle();
      if (handle.length > 1 && handle.endsWith('!')) suffix = this.scanUri('');
      else {
        suffix = this.scanUri(handle);
        handle = '!';
        if (suffix === '') [handle, suffix] = [suffix, handle];
      }
    }
    if (!isBlankOrEnd(this.at(0))) throw this.error('a tag must be followed by a space');
    return new Token('tag', line, handle, suffix);
  }

  private scanTagHandle(): string {
    const start = this.position;
    if (this.at(0) !== EXCLAMATION) throw this.error("a tag begins with '!'");
    this.position++;
    while (is(this.at(0), NAME)) this.position++;
    if (this.at(0) === EXCLAMATION) this.position++;
    return this.text.slice(start, this.position);
  }

  /** @param head what was read of the tag, with its `!` */
  private scanUri(head: string): string {
    const start = this.position;
    while (is(this.at(0), NAME | URI)) this.position++;
    const rest = this.text.slice(start, this.position);
    if (head === '' && rest === '') throw this.error('a tag has no name');
    try {
      return head.slice(1) + decodeURIComponent(rest);
    } catch {
      throw this.error("'%' in a tag must begin the code of a character in UTF-8");
    }
  }

  // Texts

  private scanBlockScalar(isLiteral: boolean): Token {
    const { text, line } = this;
    const [header, before, digitAfter, digitBefore, after] = BLOCK_HEADER.exec(
      text.slice(this.position, this.position + 3),
    )!;
    const chomping = before ?? after;
    const digit = digitAfter ?? digitBefore;
    this.position += header.length;
    if (digit === '0') throw this.error('an indentation indicator is from 1 to 9');
    this.skipBlanks();
    if (this.at(0) === HASH) this.skipComment();
    if (!isBreakOrEnd(this.at(0))) throw this.error(`nothing but a comment may follow '${isLiteral ? '|' : '>'}'`);
    this.readBreak();

    const explicit = digit === undefined ? 0 : Math.max(this.indent, 0) + Number(digit);
    const breaks = { indent: explicit, text: '' };
    const parts: string[] = [];
    let leadingBreak = '';
    let wasBlank = false;
    this.scanIndentation(breaks);
    while (this.column === breaks.indent && this.at(0) !== 0) {
      const isBlank = is(this.at(0), BLANK);
      if (!isLiteral && leadingBreak === '\n' && !wasBlank && !isBlank) {
        if (breaks.text === '') parts.push(' ');
      } else parts.push(leadingBreak);
      parts.push(breaks.text);
      breaks.text = '';
      wasBlank = isBlank;
      const start = this.position;
      let end = start;
      while (!isBreakOrEnd(text.charCodeAt(end))) end++;
      this.position = end;
      parts.push(text.slice(start, end));
      leadingBreak = this.readBreak();
      this.scanIndentation(breaks);
    }
    if (chomping !== '-') parts.push(leadingBreak);
    if (chomping === '+') parts.push(breaks.text);
    return new Token('scalar', line, parts.join(''));
  }

  /** Skips the indentation of a block scalar and its empty lines, and finds how deep it is where that is not said. */
  private scanIndentation(breaks: { indent: number; text: string }): void {
    let deepest = 0;
    const empty: string[] = [];
    for (;;) {
      const isOpen = (): boolean => breaks.indent === 0 || this.column < breaks.indent;
      while (isOpen() && this.at(0) === SPACE) this.position++;
      deepest = Math.max(deepest, this.column);
      if (isOpen() && this.at(0) === TAB) throw this.error('a tab in the indentation: indent with spaces');
      if (!isBreak(this.at(0))) break;
      empty.push(this.readBreak());
    }
    breaks.text += empty.join('');
    if (breaks.indent === 0) breaks.indent = Math.max(deepest, this.indent + 1, 1);
  }

  private scanQuoted(quote: number): Token {
    const { text, line } = this;
    const start = this.position + 1;
    // Most are on one line and without escapes.
    for (let end = start; ; end++) {
      const code = text.charCodeAt(end);
      if (code === quote) {
        if (quote === SINGLE_QUOTE && text.charCodeAt(end + 1) === SINGLE_QUOTE) break;
        this.position = end + 1;
        return new Token('scalar', line, text.slice(start, end));
      }
      if (code === BACKSLASH ? quote === DOUBLE_QUOTE : isBreakOrEnd(code)) break;
    }
    this.position = start;
    return new Token('scalar', line, this.scanLongQuoted(quote, line));
  }

  private scanLongQuoted(quote: number, line: number): string {
    const { text } = this;
    const parts: string[] = [];
    for (;;) {
      if (this.column === 0 && (this.isDocumentMark(MINUS) || this.isDocumentMark(DOT)))
        throw this.error(
          "quoted text goes over a line that begins a document ('---' or '...'): close the quotes before",
        );
      if (this.at(0) === 0) throw new YamlError('quoted text is not closed', line, true);
      let isFolded = this.scanQuotedRun(quote, parts, line);
      if (this.at(0) === quote) break;
      const blanks = this.position;
      let blanksEnd = blanks;
      let leadingBreak = '';
      const trailing: string[] = [];
      for (let code = this.at(0); is(code, BLANK) || isBreak(code); code = this.at(0)) {
        if (is(code, BLANK)) {
          this.position++;
          if (!isFolded) blanksEnd = this.position;
        } else if (isFolded) trailing.push(this.readBreak());
        else {
          leadingBreak = this.readBreak();
          isFolded = true;
        }
      }
      if (isFolded) parts.push(folded(leadingBreak, trailing.join('')));
      else parts.push(text.slice(blanks, blanksEnd));
    }
    this.position++;
    return parts.join('');
  }

  /** @returns whether it ended with an escaped line break */
  private scanQuotedRun(quote: number, parts: string[], line: number): boolean {
    const { text } = this;
    for (;;) {
      const start = this.position;
      let end = start;
      let code = text.charCodeAt(end);
      while (!isBlankOrEnd(code) && code !== quote && (code !== BACKSLASH || quote === SINGLE_QUOTE))
        code = text.charCodeAt(++end);
      if (end > start) parts.push(text.slice(start, end));
      this.position = end;
      if (code === SINGLE_QUOTE && quote === SINGLE_QUOTE && text.charCodeAt(end + 1) === SINGLE_QUOTE) {
        parts.push("'");
        this.position += 2;
      } else if (code === BACKSLASH && quote === DOUBLE_QUOTE) {
        this.position++;
        if (isBreak(this.at(0))) {
          this.skipBreak();
          return true;
        }
        parts.push(this.scanEscape(line));
      } else return false;
    }
  }

  private scanEscape(line: number): string {
    const { text } = this;
    const character = text[this.position]!;
    this.position++;
    const simple = Object.hasOwn(escapes, character) ? escapes[character] : undefined;
    if (simple !== undefined) return simple;
    const length = Object.hasOwn(codeLengths, character) ? codeLengths[character]! : 0;
    if (length === 0) {
      if (character === '\0') throw new YamlError('quoted text is not closed', line, true);
      throw this.error("a backslash in double quotes that does not begin an escape: write '\\\\' for it");
    }
    const digits = text.slice(this.position, this.position + length);
    if (digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits))
      throw this.error(`the escape \\${character} needs ${length} hexadecimal digits`);
    this.position += length;
    const code = parseInt(digits, 16);
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
      throw this.error(
        `the escape \\${character} is not a character by itself: YAML has no surrogate pairs, write \\U and 8 digits`,
      );
    return String.fromCodePoint(code);
  }

  private scanPlain(): Token {
    const { text, line } = this;
    const indent = this.indent + 1;
    const isFlow = this.flowLevel > 0;
    let value = '';
    let pending = '';
    let isFolded = false;
    for (;;) {
      if (this.column === 0 && (this.isDocumentMark(MINUS) || this.isDocumentMark(DOT))) break;
      if (this.at(0) === HASH) break;
      const start = this.position;
      let end = start;
      for (let code = text.charCodeAt(end); !isBlankOrEnd(code); code = text.charCodeAt(++end)) {
        if (code === COLON && isBlankOrEnd(text.charCodeAt(end + 1))) break;
        if (isFlow && is(code, FLOW_INDICATOR)) break;
      }
      if (end > start) {
        value += pending + text.slice(start, end);
        pending = '';
        isFolded = false;
        this.position = end;
      }
      let code = text.charCodeAt(end);
      if (!is(code, BLANK) && !isBreak(code)) break;
      const blanks = end;
      let leadingBreak = '';
      const trailing: string[] = [];
      for (; is(code, BLANK) || isBreak(code); code = this.at(0)) {
        if (is(code, BLANK)) {
          if (isFolded && code === TAB && this.column < indent)
            throw this.error('a tab in the indentation: indent with spaces');
          this.position++;
        } else if (isFolded) trailing.push(this.readBreak());
        else {
          leadingBreak = this.readBreak();
          isFolded = true;
        }
      }
      pending = isFolded ? folded(leadingBreak, trailing.join('')) : text.slice(blanks, this.position);
      if (!isFlow && this.column < indent) break;
    }
    // Behind a line break there may be a key.
    if (isFolded) this.allowsSimpleKey = true;
    return new Token('scalar', line, value, '', true);
  }
}

export const tooDeep = `more than ${MAX_DEPTH} levels deep, which no object of Kubernetes is`;

function folded(leadingBreak: string, trailing: string): string {
  if (leadingBreak !== '\n') return leadingBreak + trailing;
  return trailing === '' ? ' ' : trailing;
}

function missingColon(key: SimpleKey): YamlError {
  return new YamlError("a key without ': ' after it, or text that is not indented more than its key", key.line);
}

function describeCharacter(code: number): string {
  return `'${String.fromCharCode(code)}'`;
}

/** Line of a position in a text. */
export function lineAt(text: string, position: number, firstLine = 0): number {
  let line = firstLine;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
