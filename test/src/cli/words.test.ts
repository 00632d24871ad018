import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { root } from '../../support/cli';

/** Words that a reader would have to translate, each with what to write. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bplay(s|ed|ers?|ing)?\b/i, 'simulator, simulates'],
  [/\brungs?\b|\bladders?\b/i, 'benchmark'],
  [/\bdoors?\b/i, 'interface'],
  [/\bat rest\b|\bcomes? to rest\b|\bcame to rest\b|\bwhere they rest\b/i, 'settled, settle'],
  [/\bnot so within\b/i, 'timed out after'],
  [/\blate are\b|\bare late\b/i, 'still pending'],
  [/\bfigures?\b/i, 'metric (figures are pictures)'],
];

/** The names of states in reports that are read by programs, and what a report of version 1 says. */
const DATA = new Set(['at rest', 'asked']);

/** Texts in a source file that somebody may read: literals that have a space in them. */
function textsIn(file: string): readonly { readonly text: string; readonly line: number }[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: { text: string; line: number }[] = [];
  const visit = (node: ts.Node) => {
    if (
      ts.isStringLiteralLike(node) ||
      node.kind === ts.SyntaxKind.TemplateHead ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      const { text } = node as ts.LiteralLikeNode;
      if (/\w \w|\w,? $|^ \w/.test(text) && !DATA.has(text))
        texts.push({ text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

describe('messages', () => {
  for (const folder of ['lib', 'src', 'stacks'])
    it(`in ${folder} have no words that a reader would have to translate`, () => {
      const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.includes('html/style'))
        .map((name) => join(root, folder, name));
      const found = files.flatMap((file) =>
        textsIn(file).flatMap(({ text, line }) =>
          WORDS.filter(([word]) => word.test(text)).map(
            ([, instead]) => `${relative(root, file)}:${line}: '${text}': write ${instead}`,
          ),
        ),
      );
      assert.deepEqual(found, []);
    });
});
