import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './cli';

export interface Text {
  /** Path from the root of the repository, and line. */
  readonly at: string;
  readonly text: string;
}

/** TypeScript files below folders of the repository. */
export function sourcesIn(...folders: readonly string[]): readonly ts.SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, folder, name))
      .sort()
      .map((file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)),
  );
}

/** What code may tell somebody: literals of more than a word, with `${…}` where a value is filled in. */
export function messagesIn(source: ts.SourceFile): readonly Text[] {
  const isMessage = (node: ts.Node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
  // Code is full of literals that are a word: a message has spaces.
  return textsOf(source, (node) => (isMessage(node) ? [node] : []))
    .map(({ at, text }) => ({ at, text: text.slice(1, -1) }))
    .filter(({ text }) => /\w,? \w|\w[,;:]? $|^ \w|[:;,)}] /.test(text));
}

/** Names that code declares or uses. */
export function namesIn(source: ts.SourceFile): readonly Text[] {
  return textsOf(source, (node) => (ts.isIdentifier(node) ? [node] : []));
}

/** Comments, with docstrings. */
export function commentsIn(source: ts.SourceFile): readonly Text[] {
  const seen = new Set<number>();
  const ranges = (node: ts.Node) =>
    [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ].filter(({ pos }) => !seen.has(pos) && seen.add(pos));
  return textsOf(source, (node) =>
    ranges(node).map(({ pos, end }) => ({ getStart: () => pos, getText: () => source.text.slice(pos, end) })),
  );
}

function textsOf(
  source: ts.SourceFile,
  pick: (node: ts.Node) => readonly Pick<ts.Node, 'getStart' | 'getText'>[],
): readonly Text[] {
  const texts: Text[] = [];
  const file = relative(root, source.fileName);
  const visit = (node: ts.Node) => {
    for (const found of pick(node))
      texts.push({
        at: `${file}:${source.getLineAndCharacterOfPosition(found.getStart()).line + 1}`,
        text: found.getText(),
      });
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return texts;
}
