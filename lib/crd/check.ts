import { invalidInput } from '../errors';
import { isGoTime } from '../go/time';
import type { Infer, Schema, SchemaNode } from './schema';
import { closest } from './suggest';

/** One thing that is wrong with a value. */
export interface Problem {
  /** The field, such as `spec.raid.hardwareRAIDVolumes[0].level`. */
  readonly path: string;
  /** What is wrong with it: what is allowed and what was given. */
  readonly message: string;
}

/** The message of a field that has to be given, and is not. */
export const MISSING = 'is required';

/**
 * What is wrong with a value, the way the API server would see it, but for two things: a field that the schema does not
 * name is a problem (the server drops it without a word), and a field that is `undefined` is absent.
 *
 * Called for every host of a set, so a value that is right costs no allocation beyond a few objects a call.
 *
 * @param path where the value stands, such as `spec`: the beginning of each problem's path
 * @returns the problems in the order of the value's fields; empty where there is none
 */
export function check(schema: SchemaNode, value: unknown, path: string): readonly Problem[] {
  const report = new Report(path);
  visit(schema, value, report);
  return report.problems;
}

/**
 * The same, as an error.
 *
 * @returns the value, typed
 * @throws TestbedError (invalid-input) naming every problem
 */
export function validate<S extends Schema>(schema: S, value: unknown, path: string): Infer<S> {
  const problems = check(schema, value, path);
  if (problems.length > 0) throw invalidInput(describeProblems(problems));
  return value as Infer<S>;
}

/** One line a problem: `spec.bmc.adress: unknown field; did you mean 'address'?`. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join('\n');
}

const noProblems: readonly Problem[] = Object.freeze([]);

/** Where the walk is, and what it found. The path becomes text only where there is something to say. */
class Report {
  private readonly keys: (string | number)[] = [];
  private found: Problem[] | undefined;

  constructor(private readonly root: string) {}

  get problems(): readonly Problem[] {
    return this.found ?? noProblems;
  }

  enter(key: string | number): void {
    this.keys.push(key);
  }

  leave(): void {
    this.keys.pop();
  }

  add(message: string): void {
    let path = this.root;
    for (const key of this.keys) path += step(key);
    (this.found ??= []).push({ path: path.replace(/^\./, ''), message });
  }

  /** A problem of the field `key` of the object that the walk is in. */
  addAt(key: string | number, message: string): void {
    this.enter(key);
    this.add(message);
    this.leave();
  }
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[\w-]+$/.test(key) ? `.${key}` : `['${key}']`;
}

function visit(schema: SchemaNode, value: unknown, report: Report): void {
  if (value === null) {
    if (schema.nullable !== true) report.add('must not be null; leave the field out instead');
    return;
  }
  switch (schema.type) {
    case 'object':
      visitObject(schema, value, report);
      break;
    case 'array':
      visitArray(schema, value, report);
      break;
    case 'string':
      visitString(schema, value, report);
      break;
    case 'integer':
    case 'number':
      visitNumber(schema, value, report);
      break;
    case 'boolean':
      if (typeof value !== 'boolean') report.add(`must be true or false; given ${show(value)}`);
      else if (schema.enum !== undefined) visitEnum(schema.enum, value, report);
      break;
    default:
      if (schema['x-kubernetes-int-or-string'] === true) visitIntOrString(schema, value, report);
  }
}

function visitObject(schema: SchemaNode, value: unknown, report: Report): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report.add(`must be an object; given ${show(value)}`);
    return;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const properties = schema.properties;
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined) continue;
    const fieldSchema =
      properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    if (fieldSchema !== undefined) {
      report.enter(name);
      visit(fieldSchema, field, report);
      report.leave();
    } else if (schema['x-kubernetes-preserve-unknown-fields'] !== true) {
      report.addAt(name, unknownField(name, Object.keys(properties ?? {})));
    }
  }
  if (schema.required === undefined) return;
  for (const name of schema.required) {
    if (fields[name] === undefined && properties?.[name]?.default === undefined) report.addAt(name, MISSING);
  }
}

function unknownField(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'unknown field; none is allowed here';
  const meant = closest(name, known);
  return meant === undefined
    ? `unknown field; allowed ${[...known].sort().join(', ')}`
    : `unknown field; did you mean '${meant}'?`;
}

function visitArray(schema: SchemaNode, value: unknown, report: Report): void {
  if (!Array.isArray(value)) {
    report.add(`must be a list; given ${show(value)}`);
    return;
  }
  const items = value as readonly unknown[];
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    report.add(`must have at least ${schema.minItems} items; given ${items.length}`);
  }
  if (schema.maxItems !== undefined && items.length > schema.maxItems) {
    report.add(`must have at most ${schema.maxItems} items; given ${items.length}`);
  }
  for (let index = 0; index < items.length; index++) {
    report.enter(index);
    visit(schema.items!, items[index], report);
    report.leave();
  }
  if (schema['x-kubernetes-list-type'] === 'set' || schema['x-kubernetes-list-type'] === 'map') {
    visitRepeats(items, schema['x-kubernetes-list-map-keys'], report);
  }
}

/** Lists of these kinds are short (conditions), so each item is compared with those before it. */
function visitRepeats(items: readonly unknown[], keys: readonly string[] | undefined, report: Report): void {
  for (let index = 1; index < items.length; index++) {
    for (let earlier = 0; earlier < index; earlier++) {
      if (!isSameItem(items[index], items[earlier], keys)) continue;
      report.addAt(index, `must differ from [${earlier}]${keys === undefined ? '' : ` in ${keys.join(' or ')}`}`);
      break;
    }
  }
}

function isSameItem(a: unknown, b: unknown, keys: readonly string[] | undefined): boolean {
  if (keys === undefined) return a === b;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return keys.every((key) => (a as Record<string, unknown>)[key] === (b as Record<string, unknown>)[key]);
}

function visitString(schema: SchemaNode, value: unknown, report: Report): void {
  if (typeof value !== 'string') {
    report.add(`must be a string; given ${show(value)}`);
    return;
  }
  if (schema.enum !== undefined) visitEnum(schema.enum, value, report);
  if (schema.pattern !== undefined && !compiled(schema.pattern).test(value)) {
    report.add(`must match ${schema.pattern}; given ${show(value)}`);
  }
  // Kubernetes counts characters, JavaScript UTF-16 units: never fewer, so counting is left to those over the mark.
  if (schema.minLength !== undefined && [...value.slice(0, 2 * schema.minLength)].length < schema.minLength) {
    report.add(`must have at least ${schema.minLength} characters; given ${show(value)}`);
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength && [...value].length > schema.maxLength) {
    report.add(`must have at most ${schema.maxLength} characters; given ${[...value].length}`);
  }
  if (schema.format === 'byte' && !base64Pattern.test(value)) report.add(`must be base64; given ${show(value)}`);
  // The API server asks for two digits of an hour, and those who read the time for the rest.
  if (schema.format === 'date-time' && !(isGoTime(value) && /T\d\d:/.test(value))) {
    report.add(`must be a time such as 2026-01-31T12:00:00Z; given ${show(value)}`);
  }
}

function visitIntOrString(schema: SchemaNode, value: unknown, report: Report): void {
  if (typeof value === 'string') visitString(schema, value, report);
  else if (!Number.isInteger(value)) report.add(`must be an integer or a string; given ${show(value)}`);
}

function visitNumber(schema: SchemaNode, value: unknown, report: Report): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    report.add(`must be a number; given ${show(value)}`);
    return;
  }
  if (schema.type === 'integer' && !Number.isInteger(value)) report.add(`must be an integer; given ${value}`);
  const minimum = schema.minimum ?? (schema.format === 'int32' ? -(2 ** 31) : undefined);
  const maximum = schema.maximum ?? (schema.format === 'int32' ? 2 ** 31 - 1 : undefined);
  // As JSON a larger one has no place in an integer of Go, and the API server takes it for a number with a fraction.
  if (schema.type === 'integer' && (value >= 2 ** 63 || value < -(2 ** 63))) {
    report.add(`must be an integer of 64 bits; given ${value}`);
  }
  if (minimum !== undefined && value < minimum) report.add(`must be at least ${minimum}; given ${value}`);
  if (maximum !== undefined && value > maximum) report.add(`must be at most ${maximum}; given ${value}`);
}

function visitEnum(allowed: readonly unknown[], value: boolean | string, report: Report): void {
  if (allowed.includes(value)) return;
  const meant = typeof value === 'string' ? closest(value, allowed.map(String)) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${show(meant)}?`;
  report.add(`must be one of ${allowed.map(show).join(', ')}; given ${show(value)}${hint}`);
}

const base64Pattern = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const patterns = new Map<string, RegExp>();

/** RE2 reads characters, not UTF-16 units: hence the `u` flag. */
function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, 'u');
    patterns.set(pattern, expression);
  }
  return expression;
}

/** A value in an error, cut short: it may be anything. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 77)}...` : value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
