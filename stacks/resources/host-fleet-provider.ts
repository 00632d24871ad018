/**
 * The provider of host fleets as Pulumi keeps it. Pulumi writes the text of these functions into the state of every
 * stack, and runs them from there, in a process of its own: they hold nothing of what a fleet does, which is loaded from
 * the package that is installed then. An upgrade of the package is therefore no change of the resource.
 */
import type * as pulumi from '@pulumi/pulumi';
import type { HostFleetInputs, HostFleetOutputs } from './host-fleet-state';

export const hostFleetProvider: pulumi.dynamic.ResourceProvider<HostFleetInputs, HostFleetOutputs> = {
  check: (olds, news) => operations().check(olds, news),
  diff: (id, olds, news) => operations().diff(id, olds, news),
  create: (inputs) => operations().create(inputs),
  read: (id, props) => operations().read(id, props),
  update: (id, olds, news) => operations().update(id, olds, news),
  delete: (id, props) => operations().delete(id, props),
};

/**
 * Loads the package by its name: from where the program is, else from where Pulumi's own SDK is, as in a program that
 * the Automation API runs from a temporary folder. Globals alone, since everything else would be written into the state.
 */
function operations(): Required<pulumi.dynamic.ResourceProvider<HostFleetInputs, HostFleetOutputs>> {
  const { createRequire } = process.getBuiltinModule('node:module');
  const entry = 'metal3-testbed/pulumi/host-fleet-plugin';
  const places = [`${process.cwd()}/program.js`, process.argv[1] ?? ''].filter((place) => place !== '');
  for (const place of places) {
    const load = createRequire(place);
    let file: string;
    try {
      file = load.resolve(entry);
    } catch {
      continue;
    }
    return (load(file) as { operations: ReturnType<typeof operations> }).operations;
  }
  throw new Error(`the package metal3-testbed is not found from ${places.join(' or ')}: install it beside the program`);
}
