import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { root, runProgram } from '../support/cli';

/** What looks for things beside the repository, on machines that have them there, and does without them elsewhere. */
const MAY_LOOK_OUTSIDE = ['.ci/run', '.ci/prepare-kind'];
/** Paths that lead out since that is what a test is about. */
const HOSTILE = [`test/src/programs/image/contents.test.ts: ${'../'.repeat(6)}bin`];

/** Where paths of a file begin: TypeScript is run from where it is compiled to. */
function placesOf(file: string): readonly string[] {
  const folder = dirname(join(root, file));
  return file.endsWith('.ts') ? [folder, dirname(join(root, 'build', file))] : [folder];
}

describe('the repository', () => {
  const isClone = existsSync(join(root, '.git'));
  const files = async () =>
    (await runProgram('git', ['-C', root, 'ls-files', '-z'])).stdout.split('\0').filter((file) => file !== '');

  it('points nowhere outside of itself', async (t) => {
    if (!isClone) return t.skip('this is no clone');
    const out = (await files()).flatMap((file) => {
      const path = join(root, file);
      if (!existsSync(path)) return [];
      const leadsOut = (place: string, target: string) => relative(root, resolve(place, target)).startsWith('..');
      if (lstatSync(path).isSymbolicLink())
        return leadsOut(dirname(path), readlinkSync(path)) ? [`${file}: a link to ${readlinkSync(path)}`] : [];
      const text = readFileSync(path, 'utf8');
      if (text.includes('\0') || MAY_LOOK_OUTSIDE.includes(file)) return [];
      const relatives = [...text.matchAll(/(?<![\w./])(?:\.\.\/)+[\w.-]+/g)].map(([target]) => target);
      // Whatever stands before it, such as a variable.
      const beside = [...text.matchAll(/\.\.\/shared\b/g)].map(([target]) => target);
      const ofMachine = [...text.matchAll(/(?<![\w.])\/(?:work|root)\/[\w.-]+/g)].map(([target]) => target);
      return [
        ...relatives.filter((target) => placesOf(file).every((place) => leadsOut(place, target))),
        ...beside,
        ...ofMachine,
      ].map((target) => `${file}: ${target}`);
    });
    assert.deepEqual(
      out.filter((each) => !HOSTILE.includes(each)),
      [],
    );
  });

  it('asks in its own CI alone for what may lie beside it, and does without', (t) => {
    if (!isClone) return t.skip('this is no clone');
    for (const file of MAY_LOOK_OUTSIDE)
      assert.match(readFileSync(join(root, file), 'utf8'), /\[ -d "\$(lab|upstream)" \]/, file);
  });
});
