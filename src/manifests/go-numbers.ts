/** Numbers as Go reads and writes them. */

/** What V8 has of https://github.com/tc39/proposal-json-parse-with-source, and TypeScript does not know yet. */
interface SourceJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
}

export const SOURCE_JSON = JSON as unknown as SourceJson;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const MOST_UNSIGNED = 2n ** 64n - 1n;

/** An integer as it is written, where a number of JavaScript would be another one; beyond 64 bits, Go has none either. */
export function exactInteger(value: bigint): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number) || value < LEAST || value > MOST) return number;
  return SOURCE_JSON.rawJSON(String(value));
}

const INTEGER = /^([-+]?)(?:0[xX]([\dA-Fa-f]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;
/** Go's YAML reads the digits behind this prefix by themselves, so that a sign may stand there too. */
const BINARY = /^(-?)0b([-+]?)([01]+)$/;

/** An integer of YAML 1.1, with prefix and underscores, of 64 bits. */
export function parseGoInteger(
  text: string,
): { readonly type: 'integer'; readonly value: number | bigint } | undefined {
  if (text.startsWith('.')) return undefined;
  const plain = text.replaceAll('_', '');
  const match = INTEGER.exec(plain);
  if (match === null) return parseBinary(plain);
  const [, sign, hex, binary, octal, decimal] = match;
  if (decimal !== undefined && decimal.length < 16) return { type: 'integer', value: Number(plain) + 0 };
  const size = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : decimal!,
  );
  const value = sign === '-' ? -size : size;
  // Only without a sign it may use the sign's bit.
  if (value < LEAST || value > (sign === '' ? MOST_UNSIGNED : MOST)) return undefined;
  const number = Number(value);
  return { type: 'integer', value: Number.isSafeInteger(number) ? number : value };
}

function parseBinary(plain: string): { readonly type: 'integer'; readonly value: number | bigint } | undefined {
  const [, outer = '', inner = '', digits] = BINARY.exec(plain) ?? [];
  if (digits === undefined || (outer !== '' && inner !== '')) return undefined;
  const size = BigInt(`0b${digits}`);
  const value = outer === '-' || inner === '-' ? -size : size;
  return value < LEAST || value > MOST ? undefined : { type: 'integer', value };
}

const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
/** Where a dot begins it, underscores must be between digits. */
const DOT_FLOAT = /^\.\d+(_\d+)*([eE][-+]?\d+(_\d+)*)?$/;

/** A number with a fraction or exponent; what is beyond a float's range is none. */
export function parseGoFloat(text: string): { readonly type: 'float'; readonly value: number } | undefined {
  const plain = text.replaceAll('_', '');
  if (!(text.startsWith('.') ? DOT_FLOAT.test(text) : FLOAT.test(plain))) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? { type: 'float', value } : undefined;
}

/** A float as a key: the shortest text that gives it back at single precision. */
export function float32Key(value: number): string {
  const float = Math.fround(value);
  if (Number.isNaN(float)) return '.nan';
  if (!Number.isFinite(float)) return float > 0 ? '.inf' : '-.inf';
  const sign = Object.is(float, -0) || float < 0 ? '-' : '';
  const size = Math.abs(float);
  if (size === 0) return `${sign}0`;
  let digits = 1;
  while (Math.fround(Number(roundedToEven(size, digits))) !== size) digits++;
  const [mantissa = '', exponentText = ''] = roundedToEven(size, digits).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  return sign + decimal(mantissa.replace('.', ''), exponent);
}

/** A float of single precision to so many digits; where two are as near, the even one, and not the larger as in JavaScript. */
function roundedToEven(size: number, digits: number): string {
  const up = size.toExponential(digits - 1);
  const exact = size.toExponential(100);
  const behind = exact.slice(digits === 1 ? 2 : digits + 1, exact.indexOf('e'));
  if (!/^5?0*$/.test(behind) || !behind.startsWith('5')) return up;
  const cut = `${digits === 1 ? exact.slice(0, 1) : exact.slice(0, digits + 1)}${exact.slice(exact.indexOf('e'))}`;
  return /[02468]e/.test(cut) ? cut : up;
}

/** Digits with the point behind so many of them. */
function decimal(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (exponent + 1 >= digits.length) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
