/** One value of JSON, as Go's JSON and kubectl read it. */
import { exactInteger, SOURCE_JSON } from './go-numbers';
import { ValueError, YamlError } from './yaml-error';
import { lineAt, MAX_DEPTH, tooDeep } from './yaml-scanner';

/** What JSON.parse alone would give differently: long integers, what is not a float, and halves of surrogate pairs. */
const NEEDS_CARE = /\d{16}|[eE]\+?\d{3}|\\u[dD][89a-fA-F]/;

/**
 * @param firstLine number of the first line of the text
 * @throws YamlError without the content
 */
export function parseJson(text: string, firstLine = 0): unknown {
  try {
    return NEEDS_CARE.test(text) ? SOURCE_JSON.parse(text, carefully) : JSON.parse(text);
  } catch (error) {
    if (error instanceof NoValue) throw new ValueError(error.message, firstLine);
    const { position, what, isCut } = jsonProblem(text);
    throw new YamlError(what, lineAt(text, position, firstLine), isCut);
  }
}

class NoValue extends Error {}

function carefully(key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed()))
    throw new NoValue('text with half of a surrogate pair (\\ud800 to \\udfff), which is not a character');
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) throw new NoValue('a number that is beyond what a float can hold: put it in quotes');
  return /^-?\d{16,}$/.test(source) ? exactInteger(BigInt(source)) : value;
}

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-]))/y;

interface Problem {
  readonly position: number;
  readonly what: string;
  readonly isCut: boolean;
}

/** Where a text that is not valid JSON stops being some. */
function jsonProblem(text: string): Problem {
  const open: string[] = [];
  let wanted: 'value' | 'key' | 'first key' | 'first value' | 'colon' | 'separator' = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const blanks = /[ \t\r\n]*/y;
    blanks.lastIndex = start;
    blanks.exec(text);
    const position = blanks.lastIndex;
    if (match === null) {
      if (position >= text.length)
        return { position, what: 'the text ends before the last bracket is closed', isCut: true };
      const isQuoted = text[position] === '"';
      const what = isQuoted
        ? 'quoted text that is not closed, or has an escape or a control character that JSON does not allow'
        : `unexpected text where ${wantedWords[wanted]} should be`;
      return { position, what, isCut: isQuoted };
    }
    const [, mark, quoted] = match;
    const problem = {
      position,
      what: `${mark === undefined ? 'a value' : `'${mark}'`} where ${wantedWords[wanted]} should be`,
      isCut: false,
    };
    const isValueAllowed = wanted === 'value' || wanted === 'first value';
    const inside = open.at(-1);
    if (mark === '{' || mark === '[') {
      if (!isValueAllowed) return problem;
      open.push(mark);
      if (open.length > MAX_DEPTH) return { position, what: tooDeep, isCut: false };
      wanted = mark === '{' ? 'first key' : 'first value';
    } else if (mark === '}' || mark === ']') {
      const isEmpty = wanted === (mark === '}' ? 'first key' : 'first value');
      if (inside !== (mark === '}' ? '{' : '[') || !(isEmpty || wanted === 'separator')) return problem;
      open.pop();
      wanted = 'separator';
    } else if (mark === ',') {
      if (wanted !== 'separator' || inside === undefined) return problem;
      wanted = inside === '{' ? 'key' : 'value';
    } else if (mark === ':') {
      if (wanted !== 'colon') return problem;
      wanted = 'value';
    } else if (wanted === 'key' || wanted === 'first key') {
      if (quoted === undefined) return problem;
      wanted = 'colon';
    } else {
      if (!isValueAllowed) return problem;
      wanted = 'separator';
    }
  }
}

const wantedWords = {
  value: 'a value',
  'first value': "a value or ']'",
  key: 'a key in quotes',
  'first key': "a key in quotes or '}'",
  colon: "':'",
  separator: "',' or a closing bracket",
} as const;
