import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const REQUIRE = /\brequire\("(\.{1,2}\/[^"]+)"\)/g;

/**
 * Compiled CommonJS modules as one script for a page, which has no require of its own. Each is run when it is first asked
 * for, as Node.js does it.
 *
 * @param entry file of the module that is run
 * @param globals modules that the page has as global variables: the variable by the module's name
 */
export function linkScript(entry: string, globals: Readonly<Record<string, string>>): string {
  const root = dirname(dirname(entry));
  const nameOf = (file: string) => relative(root, file);
  const modules = new Map<string, string>();
  const read = (file: string): void => {
    const name = nameOf(file);
    if (modules.has(name)) return;
    modules.set(name, '');
    const needed: string[] = [];
    const source = readFileSync(file, 'utf8')
      .replace(/^\/\/# sourceMappingURL=.*$/m, '')
      .replaceAll(REQUIRE, (_, path: string) => {
        const target = join(dirname(file), `${path}.js`);
        needed.push(target);
        return `require(${JSON.stringify(nameOf(target))})`;
      });
    modules.set(name, source);
    needed.forEach(read);
  };
  read(entry);
  const sources = [...modules].map(([name, source]) => `${JSON.stringify(name)}(exports, require) {\n${source}}`);
  const given = Object.entries(globals).map(([name, variable]) => `${JSON.stringify(name)}: ${variable}`);
  return `(() => {
const sources = {\n${sources.join(',\n')}\n};
const loaded = { ${given.join(', ')} };
const require = (name) => {
  if (!(name in loaded)) sources[name]((loaded[name] = {}), require);
  return loaded[name];
};
require(${JSON.stringify(nameOf(entry))});
})();`;
}
