import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../../lib/crd/suggest';
import { EXPLAINED_ERRORS } from './errors';
import { STATE_TEXTS } from './states';

/** A part of a JSON Schema, as far as it is told. */
interface Field {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly items?: Field;
  readonly additionalProperties?: Field | boolean;
  readonly anyOf?: readonly Field[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Field>>;
}

/**
 * What a step of scenarios, a key of testbed.yaml, a state of a kind, or an error means.
 *
 * @param subject such as `provision`, `hostSets.count`, `available`, or a part of an error's message
 * @returns texts, one for each meaning; none where nothing is known
 */
export function explain(subject: string): readonly string[] {
  const schema = testbedSchema();
  const steps = schema.$defs?.['step'] ?? {};
  const root = { ...schema, properties: { ...schema.properties, step: steps } };
  const field = fieldAt(
    root,
    root,
    subject.split(/\.|\[\]\.?/).filter((part) => part !== ''),
  );
  const step = steps.properties?.[subject];
  return [
    ...(step === undefined ? [] : [fieldText(`${subject}: a step of scenarios`, step)]),
    ...(field === undefined ? [] : [fieldText(`${subject}: a key of testbed.yaml`, field)]),
    ...stateTexts(subject),
    ...errorTexts(subject),
  ];
}

/** What was most likely meant by something that nothing is known of. */
export function explainable(subject: string): string | undefined {
  const schema = testbedSchema();
  return closest(subject, [
    ...Object.keys(schema.properties ?? {}),
    ...Object.keys(schema.$defs?.['step']?.properties ?? {}),
    ...Object.values(STATE_TEXTS).flatMap((states) => Object.keys(states)),
    ...Object.keys(EXPLAINED_ERRORS),
  ]);
}

function testbedSchema(): Field {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'testbed.schema.json'), 'utf8')) as Field;
}

/**
 * Lists and maps are gone through: `hostSets.count` is the count of each of them.
 *
 * @param root where what a field refers to is found
 */
function fieldAt(root: Field, field: Field, [name, ...rest]: readonly string[]): Field | undefined {
  const { $ref, ...own } = field;
  const [, referred] = /^#\/properties\/(\w+)$/.exec($ref ?? '') ?? [];
  const whole = referred === undefined ? field : { ...root.properties?.[referred], ...own };
  if (name === undefined) return whole;
  const inner = partsOf(whole).find((part) => part.properties !== undefined && Object.hasOwn(part.properties, name));
  const found = inner?.properties?.[name];
  return found === undefined ? undefined : fieldAt(root, found, rest);
}

/** A field and what it may be made of. */
function partsOf(field: Field): readonly Field[] {
  const { items, anyOf = [], additionalProperties } = field;
  const values = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [field, ...[items, ...anyOf, ...values].flatMap((each) => (each === undefined ? [] : partsOf(each)))];
}

function fieldText(title: string, field: Field): string {
  const { description = '', enum: values } = field;
  const inner = partsOf(field).find(({ properties }) => properties !== undefined);
  const names = Object.entries(inner?.properties ?? {});
  const width = Math.max(0, ...names.map(([name]) => name.length));
  return [
    title,
    ...(description === '' ? [] : [`  ${description}`]),
    ...(values === undefined ? [] : [`  One of ${values.map((each) => JSON.stringify(each)).join(', ')}.`]),
    ...(names.length === 0 ? [] : ['  Fields:']),
    ...names.map(
      ([name, each]) =>
        `    ${name.padEnd(width)}  ${firstSentence(each.description)}${inner?.required?.includes(name) === true ? ' Required.' : ''}`,
    ),
  ].join('\n');
}

function firstSentence(text = ''): string {
  return /^[^]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}

function stateTexts(subject: string): readonly string[] {
  return Object.entries(STATE_TEXTS).flatMap(([kind, states]) => {
    const [name, text] = Object.entries(states).find(([state]) => state === subject.toLowerCase()) ?? [];
    return text === undefined ? [] : [`${name}: a state of a ${kind}\n  ${text}`];
  });
}

/** An error is asked for by its code, or by any part of its message that is more than a word. */
function errorTexts(subject: string): readonly string[] {
  const asked = plain(subject);
  return Object.entries(EXPLAINED_ERRORS).flatMap(([code, { means, exitCode, errors }]) => [
    ...(subject === code ? [`${code}: a code of errors, exit code ${exitCode}\n  ${means}`] : []),
    ...errors
      .filter(({ message }) => {
        const known = plain(message);
        return asked.includes(' ') && (asked.includes(known) || known.includes(asked));
      })
      .map(
        ({ message, why, remedy }) =>
          `… ${message} …: an error (${code}, exit code ${exitCode})\n  ${why}\n  ${remedy}`,
      ),
  ]);
}

/** A message without what is filled in, which differs. */
function plain(message: string): string {
  return message.replaceAll(/\$\{[^}]*\}|\b\d+\b/g, 'N').toLowerCase();
}
