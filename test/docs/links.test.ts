import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../support/cli';
import { documentFiles, readDocument } from '../support/documents';

/** What a page links to, code left out. */
function linksOf(file: string): readonly string[] {
  const text = readDocument(file)
    .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, 'code');
  const inline = [...text.matchAll(/\]\(([^()\s]+(?:\([^)]*\))?)\)/g)].map(([, target = '']) => target);
  const named = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target);
  const images = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target = '']) => target);
  return [...inline, ...named, ...images];
}

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = readDocument(file)
    .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return new Set([...headings].map(([, heading = '']) => slug(heading)));
}

function slug(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

describe('links in documents', () => {
  for (const file of documentFiles())
    it(`lead somewhere: ${file}`, () => {
      const broken = linksOf(file).flatMap((link) => {
        if (/^https?:/.test(link)) return URL.canParse(link) && !/localhost|127\.0\.0\.1/.test(link) ? [] : [link];
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : relative(root, join(root, dirname(file), path));
        if (target.startsWith('..') || !existsSync(join(root, target))) return [link];
        if (anchor === undefined || statSync(join(root, target)).isDirectory()) return [];
        return anchorsOf(target).has(anchor) ? [] : [link];
      });
      assert.deepEqual(broken, []);
    });

  it('lead from the README to every page, through another one at most', () => {
    const reached = new Set(['README.md']);
    for (let i = 0; i < 3; i++)
      for (const file of [...reached].filter((each) => each.endsWith('.md') && existsSync(join(root, each))))
        for (const link of linksOf(file))
          if (!/^https?:/.test(link)) reached.add(relative(root, join(root, dirname(file), link.split('#')[0]!)));
    const pages = documentFiles().filter((file) => file.startsWith('docs/') && file !== 'docs/index.md');
    assert.deepEqual(
      pages.filter((page) => !reached.has(page)),
      [],
    );
    assert.ok(pages.length > 25, `${pages.length} pages`);
  });
});

describe('tables in documents', () => {
  /** An empty heading of a column is nothing to somebody who hears the table. */
  const unnamed = (text: string) =>
    [...text.matchAll(/^ *(\|.*\|)\n *\|[ :|-]+\|$/gm)].flatMap(([, row = '']) =>
      row
        .slice(1, -1)
        .split('|')
        .some((cell) => cell.trim() === '')
        ? [row]
        : [],
    );
  it('have a heading for each column', () => {
    assert.equal(unnamed('|   | one |\n| - | --- |\n| a | b |\n').length, 1);
    for (const file of documentFiles()) assert.deepEqual(unnamed(readDocument(file)), [], file);
  });
});
