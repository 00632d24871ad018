/**
 * The values in manifests that come as bytes, piece by piece: YAML of any number of documents, or JSON, cut and read as
 * kubectl does it. A list gives its items; a large one gives them while it is read, so that its size does not matter.
 */
import { invalidInput } from '../../lib/errors';
import { isMap } from '../util/is-map';
import { ByteQueue } from './byte-queue';
import { decodeText } from './decode-text';
import { JsonFrame } from './json-frame';
import { parseJson } from './json-text';
import { ValueError, YamlError } from './yaml-error';
import { Utf8Bytes } from './utf16';
import { lineAt, MAX_DEPTH, tooDeep } from './yaml-scanner';
import { wholeOf } from './yaml-nodes';
import { YamlDocument } from './yaml-values';

/** What may be an object, and where it begins. */
export interface ManifestValue {
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
}

/** What can be read so far; undefined where nothing can yet, and whoever reads may let others work. */
type Progress<T = void> = Generator<ManifestValue | undefined, T, undefined>;

/** The limit of etcd for one object is 1.5 MiB; what goes on for longer is none. */
const MAX_OBJECT = 16 * 1024 * 1024;
/** Lists up to here are read as a whole. */
const MAX_WHOLE = 1024 * 1024;
/** Where the items of a large list of YAML must begin. */
const MAX_LIST_HEAD = 64 * 1024;
/** Items of a list that wait for its kind. */
const MAX_WAITING = 100_000;
/** How often an item is tried again with one more line that may be the next item's; then, when it is twice as long. */
const MAX_TRIES = 32;
/** As far as kubectl looks for a brace. */
const JSON_WINDOW = 4096;

const LF = 0x0a;
const MARK = Buffer.from('\n---');

const archives: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x50, 0x4b, 0x03, 0x04],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

export class ManifestReader {
  private readonly queue = new ByteQueue();
  private readonly utf8: Utf8Bytes;
  /** Line on which the queue begins, from 0. */
  private line = 0;
  private mode: 'unknown' | 'json' | 'yaml' = 'unknown';
  private jsonValues = 0;
  private frame = new JsonFrame();
  /** Why what looked like JSON is none: the error to show, if it is not valid YAML either. */
  private jsonError: YamlError | undefined;
  /** How many bytes at the beginning of the queue are blanks, as far as is known. */
  private blanks = 0;
  /** Up to where the queue was searched for the end of a document. */
  private searched = 0;
  private list: YamlList | JsonList | undefined;

  /**
   * @param where names the text in an error
   * @param wholeUpTo how many bytes of a list are read before its items are given one by one
   */
  constructor(
    private readonly where: string,
    private readonly wholeUpTo = MAX_WHOLE,
  ) {
    this.utf8 = new Utf8Bytes(where);
  }

  /**
   * Takes what came next, and gives what can be read of it. In between it gives undefined, some milliseconds after what
   * it gave before: a large document takes seconds.
   *
   * @throws TestbedError (`invalid-input`) naming the line; the content is never shown, since it may be a credential
   */
  *push(bytes: Uint8Array): Progress {
    this.queue.push(this.utf8.push(bytes));
    yield* this.read(false);
  }

  /** Gives what is left at the end. */
  *end(): Progress {
    this.queue.push(this.utf8.end());
    yield* this.read(true);
  }

  private *read(isEnd: boolean): Progress {
    try {
      if (this.mode === 'unknown' && !this.guess(isEnd)) return;
      if (this.mode === 'json') yield* this.readJson(isEnd);
      if (this.mode === 'yaml') yield* this.readYaml(isEnd);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      const isJson = this.mode === 'json' || looksMoreLike(this.jsonError, error);
      const { line, message } = (isJson && this.jsonError) || error;
      throw invalidInput(`${this.where}:${line + 1} is not valid ${isJson ? 'JSON' : 'YAML'}: ${message}`);
    }
  }

  private guess(isEnd: boolean): boolean {
    const bytes = this.queue.view();
    if (bytes.length < 8 && !isEnd) return false;
    if (archives.some((start) => start.every((byte, index) => bytes[index] === byte)))
      throw invalidInput(`${this.where} is an archive: unpack it, and give its YAML file or kustomize folder`);
    const window = bytes.subarray(0, JSON_WINDOW);
    const first = window.findIndex((byte) => !isSpace(byte));
    if (first < 0 && bytes.length < JSON_WINDOW && !isEnd) return false;
    this.mode = window[first] === 0x7b ? 'json' : 'yaml';
    return true;
  }

  private drop(count: number): void {
    this.line = this.lineOf(count);
    this.queue.drop(count);
    this.blanks = 0;
  }

  private tooLarge(line: number, what: string): Error {
    return invalidInput(
      `${this.where}:${line + 1} begins ${what} of more than ${MAX_OBJECT / 2 ** 20} MiB, which is not a Kubernetes object: cut it into objects`,
    );
  }

  /** The text of bytes of the queue, of which the first is on the line given. */
  private textOf(bytes: Uint8Array, line: number): string {
    return decodeText(bytes, this.where, line);
  }

  // JSON

  private *readJson(isEnd: boolean): Progress {
    for (;;) {
      if (this.list === undefined && this.frame.position === 0) {
        const first = this.firstByte();
        if (first < 0) {
          if (this.queue.length > MAX_OBJECT) throw this.tooLarge(this.line, 'a run of blanks');
          return;
        }
        // What stands before a value stays until the value is read, since it is of no JSON but of YAML otherwise.
        if (!this.beginsValue(first, isEnd)) {
          if (!isEnd && this.queue.length - first < 5) return;
          return this.leaveJson(undefined);
        }
        this.frame.position = first;
      }
      const bytes = this.queue.view();
      if (
        bytes.subarray(this.frame.position, this.frame.position + 4).toString('latin1') === 'null' &&
        this.frame.depth === 0
      ) {
        this.drop(this.frame.position + 4);
        this.jsonValues++;
        this.frame = new JsonFrame();
        continue;
      }
      const end = this.frame.advance(bytes);
      if (this.frame.deepest > MAX_DEPTH) throw new YamlError(tooDeep, this.lineOf(this.frame.position));
      if (this.list === undefined && bytes.length > this.wholeUpTo && this.frame.itemsStart !== undefined)
        this.beginJsonList();
      if (this.list instanceof JsonList) {
        const isOver = yield* this.readJsonItems(this.list, end);
        if (!isOver) {
          if (isEnd)
            throw new YamlError('the text ends before the last bracket is closed', this.lineOf(this.queue.length));
          return;
        }
        continue;
      }
      if (end === undefined) {
        if (this.queue.length > MAX_OBJECT) throw this.tooLarge(this.lineOf(this.firstByte()), 'an object');
        if (isEnd) this.leaveJson(this.tryJson(this.textOf(bytes, this.line), this.line) as YamlError);
        return;
      }
      const start = this.firstByte();
      const line = this.lineOf(start);
      const value = this.tryJson(this.textOf(bytes.subarray(start, end), line), line);
      if (value instanceof YamlError) return this.leaveJson(value);
      this.jsonValues++;
      this.drop(end);
      this.frame = new JsonFrame();
      yield* itemsOf(value, line + 1);
    }
  }

  private tryJson(text: string, line: number): unknown {
    try {
      return parseJson(text, line);
    } catch (error) {
      if (error instanceof YamlError && !(error instanceof ValueError)) return error;
      throw error;
    }
  }

  /** Where a value of JSON begins; negative where nothing but blanks has come. */
  private firstByte(): number {
    const bytes = this.queue.view();
    while (this.blanks < bytes.length && isJsonSpace(bytes[this.blanks]!)) this.blanks++;
    return this.blanks < bytes.length ? this.blanks : -1;
  }

  private lineOf(position: number): number {
    const bytes = this.queue.view().subarray(0, position);
    let { line } = this;
    for (let i = bytes.indexOf(LF); i >= 0; i = bytes.indexOf(LF, i + 1)) line++;
    return line;
  }

  private beginsValue(first: number, isEnd: boolean): boolean {
    const bytes = this.queue.view();
    const byte = bytes[first];
    if (byte === 0x7b || byte === 0x5b) return true;
    const word = bytes.subarray(first, first + 5).toString('latin1');
    return /^null(?:$|[\s{[])/.test(word) && (word.length === 5 || isEnd);
  }

  /** What is not valid JSON may be YAML, in flow style for instance, unless there was more than one value of JSON before it. */
  private leaveJson(error: YamlError | undefined): void {
    if (this.jsonValues > 1) {
      throw (
        error ?? new YamlError('unexpected text after the JSON objects', this.lineOf(Math.max(this.firstByte(), 0)))
      );
    }
    this.jsonError = error;
    const bytes = this.queue.view();
    const blanks = bytes.findIndex((byte) => !isSpace(byte) || byte === LF);
    this.drop(bytes[blanks] === LF ? blanks + 1 : Math.max(blanks, 0));
    this.mode = 'yaml';
    this.searched = 0;
  }

  private beginJsonList(): void {
    const start = this.frame.itemsStart!;
    const head = this.textOf(this.queue.view().subarray(this.firstByte(), start), this.line);
    this.list = new JsonList(head, this.lineOf(this.firstByte()), typeOf(parseJson(`${head}]}`, this.line)));
    this.drop(start);
    this.frame.drop(start);
  }

  /** @returns whether the list is over */
  private *readJsonItems(list: JsonList, end: number | undefined): Progress<boolean> {
    const bytes = this.queue.view();
    const { itemsEnd, itemEnds } = this.frame;
    let start = 0;
    let { line } = this;
    if (!list.isOver) {
      const ends = itemsEnd === undefined ? itemEnds : [...itemEnds, itemsEnd];
      for (const itemEnd of ends) {
        const text = this.textOf(bytes.subarray(start, itemEnd), line);
        const blanks = /^\s*/.exec(text)![0];
        if (blanks.length < text.length || ends.length > 1 || list.hasItems)
          yield* list.take(parseJson(text, line), line + lineAt(blanks, blanks.length) + 1);
        line += lineAt(text, text.length);
        start = itemEnd + 1;
      }
      if (itemsEnd !== undefined) {
        list.isOver = true;
        start = itemsEnd;
      }
      if (start > 0) {
        this.drop(start);
        this.frame.drop(start);
      }
    }
    const size = this.queue.length;
    if (end === undefined) {
      if (size > MAX_OBJECT) throw this.tooLarge(this.line, 'an item of a list');
      return false;
    }
    const tail = this.textOf(this.queue.view().subarray(0, end - start), this.line);
    const envelope = parseJson(list.head + tail, list.line);
    this.jsonValues++;
    this.drop(end - start);
    this.frame = new JsonFrame();
    this.list = undefined;
    yield* list.finish(typeOf(envelope));
    return true;
  }

  // YAML

  /** As kubectl cuts lines: of two carriage returns before a line feed, one is left. */
  private linesOf(bytes: Uint8Array, line: number): string {
    return this.textOf(bytes, line).replaceAll('\r\n', '\n');
  }

  private *readYaml(isEnd: boolean): Progress {
    // As in kubectl, the last line has an end too, which is part of the text of a block scalar.
    if (isEnd && this.queue.length > 0 && this.queue.view().at(-1) !== LF) this.queue.push(Buffer.from('\n'));
    for (;;) {
      const bytes = this.queue.view();
      const mark = this.findMark(bytes, isEnd);
      let end = mark?.start ?? (isEnd ? bytes.length : undefined);
      if (this.list === undefined && (end ?? bytes.length) > this.wholeUpTo) {
        const dropped = this.beginYamlList(bytes.subarray(0, end));
        if (end !== undefined) end -= dropped;
      }
      if (this.list instanceof YamlList) {
        yield* this.readYamlItems(this.list, end);
        if (end === undefined) return;
        this.list = undefined;
      } else if (end === undefined) {
        if (bytes.length > MAX_OBJECT) throw this.tooLarge(this.line, 'a document');
        return;
      } else if (end > 0) {
        if (end > MAX_OBJECT) throw this.tooLarge(this.line, 'a document');
        const text = this.linesOf(bytes.subarray(0, end), this.line);
        const { line } = this;
        yield* itemsOf(yield* new YamlDocument().read(text, line), line + 1 + lineOfContent(text));
        this.drop(end);
      }
      if (mark === undefined) return;
      this.drop(mark.size);
      this.searched = 0;
    }
  }

  /**
   * The next line that begins with `---` and ends the document, which has something before it.
   *
   * @returns where the line begins, and how long it is
   */
  private findMark(bytes: Buffer, isEnd: boolean): { readonly start: number; readonly size: number } | undefined {
    for (;;) {
      let start: number;
      if (this.searched === 0 && bytes.subarray(0, 3).toString('latin1') === '---') start = 0;
      else {
        const before = bytes.indexOf(MARK, Math.max(this.searched - 1, 0));
        if (before < 0) {
          this.searched = Math.max(this.searched, bytes.length - MARK.length + 1, 0);
          return undefined;
        }
        start = before + 1;
      }
      const lineEnd = bytes.indexOf(LF, start);
      if (lineEnd < 0 && !isEnd) {
        if (bytes.length - start > MAX_WHOLE) throw this.tooLarge(this.lineOf(start), 'a line');
        return undefined;
      }
      const next = lineEnd < 0 ? bytes.length : lineEnd + 1;
      const rest = bytes
        .subarray(start + 3, next)
        .toString('utf8')
        .replace(GO_SPACES, '');
      if (rest !== '' && !rest.startsWith('#'))
        throw new YamlError("text after '---': put it on the next line", this.lineOf(start));
      if (start > 0 || this.list !== undefined) return { start, size: next - start };
      // As in kubectl, it is part of the document that has nothing before it.
      this.searched = next;
    }
  }

  /** @returns how many bytes of the queue were read */
  private beginYamlList(bytes: Buffer): number {
    const window = bytes.subarray(0, MAX_LIST_HEAD).toString('latin1');
    const match = LIST_HEAD.exec(window);
    if (match === null) return 0;
    const [whole, head = '', spaces = ''] = match;
    // A key in quoted text is none.
    const list = new YamlList(spaces.length, this.line);
    try {
      list.addEnvelope(wholeOf(list.document.read(this.linesOf(bytes.subarray(0, head.length), this.line), this.line)));
    } catch (error) {
      if (error instanceof YamlError) return 0;
      throw error;
    }
    this.list = list;
    const start = whole.lastIndexOf('\n') + 1;
    this.drop(start);
    this.searched = Math.max(this.searched - start, 0);
    return start;
  }

  /** @param documentEnd where the document ends, if that has come */
  private *readYamlItems(list: YamlList, documentEnd: number | undefined): Progress {
    let end = documentEnd;
    const drop = (count: number): void => {
      this.drop(count);
      list.scanned -= count;
      this.searched = Math.max(this.searched - count, 0);
      if (end !== undefined) end -= count;
    };
    while (!list.isOver) {
      const bytes = this.queue.view();
      const next = list.findEnd(bytes, end);
      if (next === undefined) {
        if (bytes.length > MAX_OBJECT) throw this.tooLarge(this.line, 'an item of a list');
        return;
      }
      const { line } = this;
      const isLast = next === end;
      if (next > MAX_OBJECT) throw this.tooLarge(line, 'an item of a list');
      // Quoted text and brackets may go on where the next item seems to begin.
      if (!isLast && next < list.tryFrom) continue;
      let items: unknown;
      try {
        items = yield* list.document.read(this.linesOf(bytes.subarray(0, next), line), line);
      } catch (error) {
        if (!(error instanceof YamlError && error.isCut) || isLast) throw error;
        if (++list.tries > MAX_TRIES) list.tryFrom = 2 * next;
        list.isOver = false;
        continue;
      }
      list.tryFrom = list.tries = 0;
      list.isOver = list.endsList;
      for (const item of Array.isArray(items) ? (items as unknown[]) : []) yield* list.take(item, line + 1);
      drop(next);
      if (isLast) break;
    }
    if (end === undefined) {
      if (this.queue.length > MAX_OBJECT) throw this.tooLarge(this.line, 'the end of a list');
      return;
    }
    const rest = this.linesOf(this.queue.view().subarray(0, end), this.line);
    const envelope = yield* list.document.read(rest, this.line);
    if (envelope !== undefined) list.addEnvelope(envelope);
    this.drop(end);
    yield* list.finish(typeOf(list.envelope));
  }
}

/** Whether text that is neither JSON nor YAML went wrong later as JSON, or in both at its end. */
function looksMoreLike(json: YamlError | undefined, yaml: YamlError): json is YamlError {
  return json !== undefined && (json.line >= yaml.line || (json.isCut && yaml.isCut));
}

interface ListType {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}

function typeOf(value: unknown): ListType {
  return isMap(value) ? value : {};
}

function isTyped({ apiVersion, kind }: ListType): boolean {
  return typeof apiVersion === 'string' && typeof kind === 'string';
}

/** A list whose items are given one after the other. */
class LargeList {
  isOver = false;
  hasItems = false;
  private readonly waiting: ManifestValue[] = [];

  constructor(
    readonly line: number,
    protected type: ListType,
  ) {}

  /** An item that does not say what it is waits for the kind of its list. */
  *take(item: unknown, line: number): Progress {
    this.hasItems = true;
    if (isUntyped(item) && typeof this.type.kind !== 'string') {
      if (this.waiting.length >= MAX_WAITING)
        throw new YamlError('a list whose kind comes after its items: put apiVersion and kind first', line - 1);
      this.waiting.push({ value: item, line });
    } else yield { value: typed(item, this.type), line };
  }

  *finish(type: ListType): Progress {
    if (!isTyped(type)) throw new YamlError('a list without apiVersion and kind', this.line);
    for (const { value, line } of this.waiting) yield { value: typed(value, type), line };
  }
}

class JsonList extends LargeList {
  /** @param head the list's text up to its items */
  constructor(
    readonly head: string,
    line: number,
    type: ListType,
  ) {
    super(line, type);
  }
}

class YamlList extends LargeList {
  readonly document = new YamlDocument();
  envelope: Readonly<Record<string, unknown>> = {};
  /** Up to where the queue was looked through for the end of an item. */
  scanned = 0;
  /** Size of an item from which on it is worth to try again whether it is whole. */
  tryFrom = 0;
  /** How often it was not. */
  tries = 0;
  /** Whether the end that was found last is that of all items. */
  endsList = false;

  /** @param indent column of the items' hyphens */
  constructor(
    private readonly indent: number,
    line: number,
  ) {
    super(line, {});
  }

  addEnvelope(value: unknown): void {
    if (value === undefined || value === null) return;
    if (!isMap(value)) throw new YamlError('a list without apiVersion and kind', this.line);
    this.envelope = { ...this.envelope, ...value };
    this.type = this.envelope;
  }

  /** Where the item at the beginning of the bytes may end: where a line begins that is not indented deeper. */
  findEnd(bytes: Buffer, documentEnd: number | undefined): number | undefined {
    for (;;) {
      const lineStart = bytes.indexOf(LF, this.scanned) + 1;
      if (lineStart === 0 || (documentEnd !== undefined && lineStart >= documentEnd)) {
        this.endsList = true;
        return documentEnd;
      }
      let column = lineStart;
      while (bytes[column] === 0x20 && column - lineStart <= this.indent) column++;
      const [first, second] = [bytes[column], bytes[column + 1]];
      // What decides has not come yet.
      if ((first === undefined || second === undefined) && documentEnd === undefined) return undefined;
      this.scanned = lineStart;
      const indent = column - lineStart;
      if (
        indent > this.indent ||
        first === undefined ||
        first === LF ||
        first === 0x0d ||
        first === 0x09 ||
        first === 0x23
      )
        continue;
      const isItem = first === 0x2d && (second === undefined || isSpace(second));
      // In between there is nothing valid, unless it is in quotes or brackets.
      if (indent > 0 && !(indent === this.indent && isItem)) continue;
      this.endsList = !(indent === this.indent && isItem);
      return lineStart;
    }
  }
}

/** The key `items` of a map at the left margin, and the hyphen of the first of them. */
const LIST_HEAD =
  /^((?:[^\n]*\n)*?)(?:items|"items"|'items'):[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-[ \r\n]/;

/** What Go takes for white space at the ends of a text. */
const GO_SPACES =
  /^[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isJsonSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** How many lines of marks, comments and nothing there are before what a document says. */
function lineOfContent(text: string): number {
  const content = CONTENT.exec(text);
  return content === null ? 0 : lineAt(text, content.index);
}

/** A line that says something. */
const CONTENT = /^(?!---)[ \t]*[^ \t\r\n#]/m;

function isUntyped(item: unknown): boolean {
  return isMap(item) && (isUnset(item['kind']) || isUnset(item['apiVersion']));
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** The items of a list of one kind, as the API server gives it, do not say what they are. */
function typed(item: unknown, { apiVersion, kind }: ListType): unknown {
  if (!isUntyped(item) || typeof kind !== 'string' || kind === 'List') return item;
  const { apiVersion: ownVersion, kind: ownKind, ...rest } = item as Readonly<Record<string, unknown>>;
  return {
    apiVersion: isUnset(ownVersion) ? apiVersion : ownVersion,
    kind: isUnset(ownKind) ? kind.replace(/List$/, '') : ownKind,
    ...rest,
  };
}

/** A value, or the items of a list, which is whatever has items. */
function* itemsOf(value: unknown, line: number): Progress {
  if (value === undefined || value === null) return;
  const type = typeOf(value);
  const items = isMap(value) ? value['items'] : undefined;
  if (!Array.isArray(items) || !isTyped(type)) yield { value, line };
  else for (const item of items as unknown[]) yield { value: typed(item, type), line };
}
