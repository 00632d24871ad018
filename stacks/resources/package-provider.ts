import type { dynamic } from '@pulumi/pulumi';

/**
 * A provider whose text is all that Pulumi keeps of it: each method loads this package when it is called, and hands over
 * to what the package then has under the name. So an upgrade of the package changes no resource.
 *
 * Pulumi runs it in a process of its own. The package is looked for from that process's folder, which is the program's, and
 * then from where Pulumi's own SDK is, as in a program that the Automation API runs from a temporary folder. (A plain
 * `require` would not find it where the program is part of the package.)
 *
 * @param name of the file beside this one, `{name}-plugin`, which exports the `operations`. States refer to it for as long
 * as they live: it stays.
 */
export function packageProvider(name: string): dynamic.ResourceProvider {
  // Serialized: nothing of this module may be used in here but the name.
  const load = (): Required<dynamic.ResourceProvider> => {
    const { createRequire } = process.getBuiltinModule('node:module');
    const places = [`${process.cwd()}/`, process.argv[1] ?? '/'];
    for (const place of places) {
      const require = createRequire(place);
      let file: string;
      try {
        file = require.resolve(`metal3-testbed/pulumi/plugins/${name}`);
      } catch {
        continue;
      }
      return (require(file) as { operations: Required<dynamic.ResourceProvider> }).operations;
    }
    throw new Error(`metal3-testbed is not found from ${places.join(' or ')}: install it where the program is`);
  };
  return {
    check: (olds, news) => load().check(olds, news),
    diff: (id, olds, news) => load().diff(id, olds, news),
    create: (inputs) => load().create(inputs),
    read: (id, props) => load().read(id, props),
    update: (id, olds, news) => load().update(id, olds, news),
    delete: (id, props) => load().delete(id, props),
  };
}
