import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { invalidInput, TestbedError } from '../../lib/errors';

/** Projects to begin with. */
export const TEMPLATES = ['cdk8s', 'pulumi'] as const;
export type Template = (typeof TEMPLATES)[number];

/** npm leaves files of that name out of what it packs, so it is written from here. */
const GITIGNORE = 'node_modules\ndist\nreport.*\n';

const FOLDER = join(__dirname, '..', '..', '..', 'templates');

/**
 * Writes a project into a folder that is empty or not there.
 *
 * @returns the files, as they are named in it
 * @throws TestbedError (`invalid-input`) for a folder that holds something, and a name that npm or Pulumi does not take
 */
export function writeStarter(template: Template, folder: string): readonly string[] {
  const name = basename(resolve(folder));
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name))
    throw invalidInput(
      `the folder is called '${name}', and the project after it: use lower-case letters, digits, '-', '_' and '.'`,
    );
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined && !isEmptyFolder(folder))
    throw invalidInput(`${folder} is not an empty folder: name another one`);
  const texts = new Map([['.gitignore', GITIGNORE]]);
  for (const file of readdirSync(join(FOLDER, template)))
    if (!texts.has(file)) texts.set(file, readFileSync(join(FOLDER, template, file), 'utf8'));
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of texts) {
      const filled = text.replaceAll('${PROJECT}', name).replaceAll('${DESCRIPTION}', 'Simulated bare-metal hosts');
      // Not over what somebody else has put there meanwhile.
      writeFileSync(join(folder, file), filled, { flag: 'wx' });
    }
    return [...texts.keys()].sort();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new TestbedError('environment', `the project cannot be written to ${folder} (${code}): name another folder`, {
      cause: error,
    });
  }
}

function isEmptyFolder(folder: string): boolean {
  return existsSync(folder) && lstatSync(folder).isDirectory() && readdirSync(folder).length === 0;
}
