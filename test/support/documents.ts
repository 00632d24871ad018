import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './cli';

/** A block of code in a page. */
export interface Block {
  /** File and line, as errors have it. */
  readonly at: string;
  /** The language, and what else stands behind it, such as `yaml steps`. */
  readonly info: string;
  readonly text: string;
}

/** Every page of Markdown that people read, from the root of the repository. */
export function documentFiles(): readonly string[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md') && !name.endsWith('.api.md'));
  const below = ['docs', 'stacks', 'examples', 'templates', '.github'].flatMap((folder) =>
    markdownIn(join(root, folder)),
  );
  return [...top, ...below.map((file) => relative(root, file))];
}

function markdownIn(folder: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    if (['node_modules', 'api', 'dist', 'cache'].includes(entry.name)) return [];
    const file = join(folder, entry.name);
    return entry.isDirectory() ? markdownIn(file) : entry.name.endsWith('.md') ? [file] : [];
  });
}

export function readDocument(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The blocks of code of a page. */
export function blocksOf(file: string): readonly Block[] {
  const text = readDocument(file);
  return [...text.matchAll(/^( *)```([^\n`]*)\n([^]*?)^\1```$/gm)].map((found) => ({
    at: `${file}:${text.slice(0, found.index).split('\n').length}`,
    info: found[2]!.trim(),
    text: found[3]!.replaceAll(new RegExp(`^${found[1]}`, 'gm'), ''),
  }));
}
