/** `npm run docs`: writes the pages that are made from code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from './pages';

async function main(): Promise<void> {
  const root = join(__dirname, '..', '..', '..');
  for (const { file, text } of await referencePages(root)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

void main();
