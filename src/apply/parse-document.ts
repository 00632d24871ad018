/** The values of one document of a manifest, as kubectl reads them. */
import { parseDocument, type Tags } from 'yaml';

/** What is wrong with a document, without its content, which may be a credential. */
export class DocumentError extends Error {
  constructor(
    what: string,
    /** Line of the document on which it is, from 0. */
    readonly line: number,
  ) {
    super(what);
  }
}

/**
 * One document of YAML, or JSON, which may stand one behind the other without a mark in between, as `jq -c '.items[]'` gives
 * them.
 *
 * @throws DocumentError
 */
export function parseValues(text: string): readonly unknown[] {
  const isLarge = MAY_BE_LARGE.test(text);
  if (text.trimStart().startsWith('{')) {
    const values = jsonValues(text, isLarge);
    // YAML in flow style also begins with a brace.
    if (values !== undefined) return values;
  }
  return [yamlValue(text, isLarge)];
}

/** Only what has so many digits in a row can be a number that JavaScript rounds. */
const MAY_BE_LARGE = /\d{16}/;
const MOST_ALIASES = 100;

function yamlValue(text: string, isLarge: boolean): unknown {
  const document = parseDocument(text, {
    ...{ prettyErrors: false, logLevel: 'silent', intAsBigInt: isLarge },
    // kubectl reads YAML 1.1: a mode of 0644 is octal, and `yes` is true.
    ...{ version: '1.1', customTags: withoutTimes },
  });
  const [error] = document.errors;
  if (error !== undefined)
    throw new DocumentError(
      error.code.toLowerCase().replaceAll('_', ' '),
      text.slice(0, error.pos[0]).split('\n').length - 1,
    );
  try {
    const reviver = (_: unknown, value: unknown) => (typeof value === 'bigint' ? exact(value) : value);
    return document.toJS({ maxAliasCount: MOST_ALIASES, ...(isLarge && { reviver }) });
  } catch (failure) {
    const isUnknown = (failure as Error).message.startsWith('Unresolved alias');
    throw new DocumentError(isUnknown ? 'alias without its anchor' : `more than ${MOST_ALIASES} aliases`, 0);
  }
}

/** JSON has no times, so that they are text; and numbers to the base of 60 are what kubectl does not read either. */
function withoutTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'string' || (!/:timestamp$/.test(tag.tag) && !('format' in tag && tag.format === 'TIME')),
  );
}

/** @returns undefined for what is no JSON */
function jsonValues(text: string, isLarge: boolean): readonly unknown[] | undefined {
  const parse = (part: string): unknown => (isLarge ? SOURCE_JSON.parse(part, exactNumber) : JSON.parse(part));
  for (const parts of [() => [text], () => objectsOneByOne(text)]) {
    try {
      return parts().map(parse);
    } catch {
      // Not in this way.
    }
  }
  return undefined;
}

/** Cuts a text where the first brace of an object is closed. */
function objectsOneByOne(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') depth++;
    if (token !== '}' || --depth > 0) continue;
    parts.push(text.slice(start, index + 1));
    start = index + 1;
  }
  const rest = text.slice(start);
  return rest.trim() === '' ? parts : [...parts, rest];
}

/** What V8 has of https://github.com/tc39/proposal-json-parse-with-source, and TypeScript does not know yet. */
interface SourceJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
}

const SOURCE_JSON = JSON as unknown as SourceJson;

function exactNumber(_: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  return typeof value === 'number' && /^-?\d+$/.test(source) ? exact(BigInt(source)) : value;
}

/** An integer as it is written, where a number would be another one. */
function exact(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : SOURCE_JSON.rawJSON(String(value));
}
