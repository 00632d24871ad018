import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TestbedError } from '../../lib/errors';
import { requireObject } from '../../src/manifests/kubernetes-object';
import { ManifestReader, type ManifestValue } from '../../src/manifests/manifest-reader';
import { documentStart, jsonFragment, plainScalar, yamlFragment } from '../support/yaml-texts';

/** The same texts on every run, unless another seed is given. */
const SEED = Number(process.env['METAL3_TESTBED_SEED'] ?? 1);
/** How many times as many texts. */
const TIMES = Number(process.env['METAL3_TESTBED_TEXTS'] ?? 1);
const SCALARS = 30_000 * TIMES;
const DOCUMENTS = 1500 * TIMES;

/** What is refused here and is not by kubectl, each with its reason. */
const differences: readonly (readonly [RegExp, string])[] = [
  [/text after the end of the document|a second document/, 'kubectl drops what follows without a word'],
  [/^\S+ is not valid YAML: the character U\+/, 'kubectl sees no control characters in what it drops'],
  [/levels deep/, 'kubectl takes ten times as many levels, and no object has so many'],
  [/half of a surrogate pair/, 'kubectl puts U+FFFD in its place, which is another text'],
  // Also in !!binary.
  [/not valid UTF-8/, 'kubectl puts U+FFFD in its place, which is another text'],
  [/is UTF-16 that is not valid/, 'kubectl puts U+FFFD in its place, which is another text'],
];
/** What is read in another way than by kubectl, with its reason. */
const other: readonly (readonly [(text: string) => boolean, string])[] = [
  [hasZeroKeys, 'of two keys that are zero, at least one a float (0.0, -0.0), kubectl keeps one or both by chance'],
];
/** What kubectl refuses and is read here. */
const taken = [
  // Until v1.33, a stream that begins with a brace is JSON to kubectl, and nothing else; since then it is YAML, if it is not valid JSON.
  (text: string) => /^\s*\{/.test(text),
];

interface Reading {
  /** The object as JSON in a form to compare. */
  readonly object?: string;
  readonly error?: string;
}

function ours(bytes: Buffer): Reading {
  const reader = new ManifestReader('f');
  let object: string | undefined;
  const take = (values: Iterable<ManifestValue | undefined>): void => {
    for (const each of values) {
      if (each === undefined) continue;
      const { value, line } = each;
      const json = JSON.stringify(requireObject(value, 'f', line));
      object ??= comparable(json);
    }
  };
  try {
    take(reader.push(bytes));
    take(reader.end());
    return object === undefined ? {} : { object };
  } catch (error) {
    assert.ok(error instanceof TestbedError, `a fault of the reader: ${(error as Error).stack}`);
    return { ...(object !== undefined && { object }), error: error.message };
  }
}

/** Keys in order, and long integers with all their digits. */
function comparable(json: string): string {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown;
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.entries(value)
      .filter(([key]) => key !== 'annotations')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]);
  };
  return JSON.stringify(
    sorted(
      parse(json, (_, value, { source = '' }) => {
        if (typeof value !== 'number') return value;
        return `number ${/^-?\d+$/.test(source) ? BigInt(source) : value}`;
      }),
    ),
  );
}

/** What kubectl reads in each of the files, without a cluster. */
async function kubectl(texts: readonly Buffer[]): Promise<readonly Reading[]> {
  const folder = mkdtempSync(join(tmpdir(), 'metal3-testbed-kubectl-'));
  try {
    const runs: Promise<{ readonly stdout: string; readonly stderr: string }>[] = [];
    for (let start = 0; start < texts.length; start += 500) {
      const part = join(folder, String(start));
      mkdirSync(part);
      texts.slice(start, start + 500).forEach((text, i) => writeFileSync(join(part, `${start + i}.yaml`), text));
      runs.push(
        new Promise((resolve) => {
          const args = ['annotate', '--local', '-f', part, '-o', 'json', 'oracle=kubectl'];
          const options = { env: { PATH: process.env['PATH'], HOME: folder }, maxBuffer: 2 ** 30, timeout: 60_000 };
          execFile('kubectl', args, options, (_, stdout, stderr) => resolve({ stdout, stderr }));
        }),
      );
    }
    const readings = texts.map((): { object?: string; error?: string } => ({}));
    for (const { stdout, stderr } of await Promise.all(runs)) {
      for (const json of stdout.split(/^(?=\{)/m)) {
        const [, index] = /^ {8}"name": "d-(\d+)"/m.exec(json) ?? [];
        if (index !== undefined) readings[Number(index)]!.object ??= comparable(json);
      }
      for (const [, index] of stderr.matchAll(/\/(\d+)\.yaml\b/g)) readings[Number(index)]!.error = 'refused';
    }
    return readings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether keys of the first test are zero more than once, and not all whole numbers. */
function hasZeroKeys(text: string): boolean {
  const keys = [...text.matchAll(/^ {2}\? (\S+)$/gm)].map(([, key = '']) => key.replaceAll('_', ''));
  const zeros = keys.filter((key) => Number(key) === 0);
  return zeros.length > 1 && zeros.some((key) => /[.eE]/.test(key));
}

function explained(text: string, here: Reading, there: Reading): boolean {
  if (here.error === undefined && there.error === undefined) return other.some(([is]) => is(text));
  if (here.error !== undefined && there.error === undefined)
    return differences.some(([message]) => message.test(here.error!));
  return here.error === undefined && there.error !== undefined && taken.some((is) => is(text));
}

async function compare(
  texts: readonly string[],
  encoded = (text: string): Buffer => Buffer.from(text),
): Promise<{ readonly read: number; readonly refused: number }> {
  const files = texts.map(encoded);
  const read = await kubectl(files);
  let refused = 0;
  const different = texts.flatMap((text, i) => {
    const [here, there] = [ours(files[i]!), read[i]!];
    if (here.error !== undefined) refused++;
    if (here.error !== undefined && there.error !== undefined) return [];
    if (here.error === undefined && there.error === undefined && here.object === there.object) return [];
    return explained(text, here, there) ? [] : [{ text, here, kubectl: there }];
  });
  assert.deepEqual(
    different.slice(0, 3),
    [],
    `${different.length} of ${texts.length} are read in another way than kubectl does`,
  );
  return { read: texts.length - refused, refused };
}

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: SEED });
}

const head = (i: number): string => `apiVersion: v1\nkind: Text\nmetadata:\n  name: d-${i}\n`;

function lines(scalars: readonly string[], line: (scalar: string) => string): string {
  return scalars.map(line).join('');
}

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

describe('manifests mean what they mean to kubectl', { skip: !hasKubectl && 'needs kubectl', timeout: 300_000 }, () => {
  it(`in ${SCALARS} scalars, as values and as keys`, async (t) => {
    const scalars = sample(plainScalar, SCALARS);
    const texts: string[] = [];
    for (let i = 0; i < scalars.length; i += 250)
      texts.push(`${head(texts.length)}values:\n${lines(scalars.slice(i, i + 250), (scalar) => `- ${scalar}\n`)}`);
    // A key that is null or beyond 64 bits is refused with all that stand beside it.
    for (let i = 0; i < scalars.length; i += 10)
      texts.push(
        `${head(texts.length)}keys:\n${lines(scalars.slice(i, i + 10), (scalar) => `  ? ${scalar}\n  : same\n`)}`,
      );
    const { read } = await compare(texts);
    t.diagnostic(`${read} of ${texts.length} texts were read by both`);
    assert.ok(read > texts.length * 0.7);
  });

  it(`in ${DOCUMENTS} documents of YAML`, async (t) => {
    const fragments = sample(fc.tuple(documentStart, yamlFragment), DOCUMENTS);
    const { read, refused } = await compare(
      fragments.map(
        ([start, text], i) => `${start}${head(i)}anchors: [&a { x: 1, y: [2] }, &b { x: 3 }]\nspec:\n${text}`,
      ),
    );
    t.diagnostic(`${read} were read by both, ${refused} refused`);
    assert.ok(read > DOCUMENTS / 4 && refused > DOCUMENTS / 10);
  });

  it('in UTF-16 of both kinds', async () => {
    const fragments = sample(fc.tuple(documentStart, yamlFragment), DOCUMENTS / 5);
    const texts = fragments.map(([start, text], i) => `\ufeff${start}${head(i)}spec:\n${text}`);
    const { read } = await compare(texts, (text) => Buffer.from(text, 'utf16le'));
    assert.equal((await compare(texts, (text) => Buffer.from(text, 'utf16le').swap16())).read, read);
    assert.ok(read > DOCUMENTS / 20);
  });

  it(`in ${DOCUMENTS} documents of JSON`, async (t) => {
    const { read, refused } = await compare(
      sample(fc.tuple(jsonFragment, fc.constantFrom('', '', '---\n', '\n ')), DOCUMENTS).map(
        ([text, start], i) =>
          `${start}{"apiVersion":"v1","kind":"Text","metadata":{"name":"d-${i}"},\n"spec":${text}}\n`,
      ),
    );
    t.diagnostic(`${read} were read by both, ${refused} refused`);
    assert.ok(read > DOCUMENTS / 4 && refused > DOCUMENTS / 20);
  });
});
