/**
 * Protocol Buffers as far as clients of a workload cluster use them, by tables of fields. Pure. A library would want the same
 * tables, and Kubernetes has times, quantities and raw JSON that are messages on the wire and texts in JSON.
 */

/** How a field is read and written. Lists and maps of messages are told by their wrappers. */
export type Field =
  | 'string'
  | 'bytes'
  | 'bool'
  /** A bool that is left out where it is false. */
  | 'flag'
  | 'int'
  /** An int that may be given as 0. */
  | 'number'
  | 'uint64'
  | 'double'
  | { readonly message: () => Fields }
  | { readonly repeated: Field }
  | { readonly map: Field }
  /** A message that is something else in JSON. */
  | { readonly as: (bytes: Buffer, depth: number) => unknown };

/** The fields of a message: their names, by number. */
export type Fields = Readonly<Record<number, readonly [name: string, field: Field]>>;

const MOST_DEPTH = 32;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** What is not of its message, or cut short. */
export class ProtobufError extends Error {}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new ProtobufError('it is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('it has a number that is too long');
  }

  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new ProtobufError('it is cut short');
    return this.bytes.subarray(this.at, (this.at += length));
  }

  value(wire: number): bigint | Buffer {
    if (wire === VARINT) return this.varint();
    if (wire === FIXED64) return this.take(8);
    if (wire === FIXED32) return this.take(4);
    if (wire !== BYTES) throw new ProtobufError(`it has a field of wire type ${wire}`);
    const length = this.varint();
    if (length > BigInt(this.bytes.length)) throw new ProtobufError('it is cut short');
    return this.take(Number(length));
  }
}

/**
 * @returns the message as JSON has it: bytes as base64, int64 as number; without what is empty, as Go's JSON is without it
 * @throws ProtobufError for what is no such message, and for a field that the table lacks, unless it is empty
 */
export function decode(fields: Fields, bytes: Buffer, depth = 0): Record<string, unknown> {
  if (depth > MOST_DEPTH) throw new ProtobufError('it is nested too deeply');
  const reader = new Reader(bytes);
  const result: Record<string, unknown> = {};
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint() & 0xffffffffn);
    const value = reader.value(tag & 7);
    const known = fields[tag >>> 3];
    if (known === undefined) {
      if (isEmpty(value)) continue;
      throw new ProtobufError(`its field ${tag >>> 3} is not known here`);
    }
    const [name, field] = known;
    if (typeof field === 'string' && field !== 'bool' && field !== 'number' && isEmpty(value)) continue;
    if (typeof field === 'object' && 'repeated' in field) {
      const list = (result[name] ??= []) as unknown[];
      list.push(valueOf(field.repeated, value, depth));
    } else if (typeof field === 'object' && 'map' in field) {
      const entry = decode({ 1: ['key', 'string'], 2: ['value', field.map] }, bytesOf(value), depth + 1);
      // As with any map that comes from outside, `__proto__` is a key like another.
      const map = (result[name] ??= {});
      const key = (entry['key'] as string | undefined) ?? '';
      const empty = field.map === 'string' || field.map === 'bytes' ? '' : undefined;
      Object.defineProperty(map, key, {
        value: entry['value'] ?? empty,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else result[name] = valueOf(field, value, depth);
  }
  return result;
}

function valueOf(field: Field, value: bigint | Buffer, depth: number): unknown {
  if (field === 'string') return bytesOf(value).toString('utf8');
  if (field === 'bytes') return bytesOf(value).toString('base64');
  if (field === 'bool' || field === 'flag') return numberOf(value) !== 0n;
  if (field === 'int' || field === 'number') return Number(BigInt.asIntN(64, numberOf(value)));
  if (field === 'uint64') return numberOf(value);
  if (field === 'double') return bytesOf(value).length === 8 ? bytesOf(value).readDoubleLE() : 0;
  if ('message' in field) return decode(field.message(), bytesOf(value), depth + 1);
  if ('as' in field) return field.as(bytesOf(value), depth + 1);
  throw new ProtobufError('it has a list in a list');
}

function isEmpty(value: bigint | Buffer): boolean {
  return typeof value === 'bigint' ? value === 0n : value.length === 0;
}

function bytesOf(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw new ProtobufError('it has a number where a text is');
  return value;
}

function numberOf(value: bigint | Buffer): bigint {
  if (typeof value !== 'bigint') throw new ProtobufError('it has a text where a number is');
  return value;
}

/** A message of values that were chosen here, so that nothing is checked. Default values are left out, as they are. */
export function encode(fields: Fields, values: Readonly<Record<string, unknown>>): Buffer {
  const parts: Buffer[] = [];
  for (const [number, [name, field]] of Object.entries(fields)) {
    const value = values[name];
    if (value === undefined) continue;
    const isList = typeof field === 'object' && 'repeated' in field;
    for (const each of isList ? (value as readonly unknown[]) : [value])
      parts.push(encodedField(Number(number), isList ? field.repeated : field, each));
  }
  return Buffer.concat(parts);
}

function encodedField(number: number, field: Field, value: unknown): Buffer {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt(value))]);
  const bytes =
    typeof field === 'object' && 'message' in field
      ? encode(field.message(), value as Readonly<Record<string, unknown>>)
      : Buffer.from(value as string);
  return Buffer.concat([varint(BigInt((number << 3) | BYTES)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}
