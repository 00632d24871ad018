import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../support/cli';
import { documentFiles } from '../../support/documents';
import { commentsIn, messagesIn, namesIn, sourcesIn, type Text } from '../../support/texts';

type Rule = readonly [word: RegExp, instead: string];

/** Words that a reader would have to translate, each with what to write. */
const WORDS: readonly Rule[] = [
  [/\bplay(s|ed|ers?|ing)?\b/i, 'simulator, simulates'],
  [/\brungs?\b|\bladders?\b/i, 'benchmark'],
  [/\bdoors?\b/i, 'interface'],
  [/\bat rest\b|\bcom(e|es|ing) to rest\b|\bcame to rest\b|\bwhere they rest\b/i, 'settled, settle'],
  [/\bnot so within\b/i, 'timed out after'],
  [/\blate are\b|\bare late\b|\bis late\b/i, 'still pending'],
  [/\bfigures?\b/i, 'metric, number (figures are pictures)'],
  [
    /(?<!there )(?<!that )\b(is|are) no (valid|DNS|JSON|YAML|UTF|URL|CIDR|MAC|Kubernetes|name for|number|program|list)\b/i,
    'is not a valid …',
  ],
];

/** Words of the past of this project in names, with those of the field. */
const NAMES: readonly Rule[] = [
  [/^plays?([A-Z]|$)|[pP]layers?([A-Z]|$)|Plays?([A-Z]|$)/, 'simulator, simulate'],
  [/[rR]ungs?([A-Z]|$)|[lL]adder/, 'benchmark'],
  [/^door|Doors?([A-Z]|$)/, 'interface'],
  [/\b[fF]igures?([A-Z]|$)|Figures?$/, 'metric'],
  [/^Means$|requireMeans/, 'Capabilities'],
  [/^Subject$/, 'target'],
  [/takeOn/, 'forEachRateLimited'],
  [/orMissing/, 'ignoreNotFound'],
  [/^Resources$/, 'RESTMapper'],
  [/[aA]tRest([A-Z]|$)|[cC]omeToRest/, 'settled'],
];

const FOLDERS = ['lib', 'src', 'stacks', 'bench', 'examples', 'test'];

/** Names of Kubernetes. */
const ALLOWED = new Set([
  'lib/components/baremetal-operator/permissions.ts: Subject',
  'lib/components/cert-manager/cert-manager.ts: Subject',
]);
/** Where a figure is a picture, or what a report of version 1 has. */
const OTHERS =
  /^(src\/report\/html\/style|src\/report\/version-1\.ts|test\/src\/report\/read-report\.test\.ts|src\/report\/browser\/chart\.ts|test\/e2e\/report\.test\.ts)/;

const isChecked = ({ at }: Text) => !/^test\/(src\/cli\/words\.test|support\/samples)/.test(at) && !OTHERS.test(at);

function offences(texts: readonly Text[], rules: readonly Rule[]): readonly string[] {
  return texts
    .filter(isChecked)
    .flatMap(({ at, text }) =>
      rules
        .filter(([word]) => word.test(text) && !ALLOWED.has(`${at.replace(/:\d+$/, '')}: ${text}`))
        .map(([word, instead]) => `${at}: '${word.exec(text)?.[0] ?? ''}': write ${instead}`),
    );
}

/** Lines of what people read who do not read code. */
function documents(): readonly Text[] {
  const files = [...documentFiles(), ...filesOf('examples', /\.yaml$/)];
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .map((text, i) => ({ at: `${file}:${i + 1}`, text })),
  );
}

function filesOf(folder: string, name: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file));
}

describe('words that a reader would have to translate', () => {
  const sources = sourcesIn(...FOLDERS);

  it('are in no message, and in no name of a test', () => {
    assert.deepEqual(offences(sources.flatMap(messagesIn), WORDS), []);
  });

  it('are in no comment', () => {
    assert.deepEqual(offences(sources.flatMap(commentsIn), WORDS), []);
  });

  it('are in no name', () => {
    assert.deepEqual(offences(sources.flatMap(namesIn), NAMES), []);
  });

  it('are in no document', () => {
    assert.deepEqual(offences(documents(), WORDS), []);
  });
});
