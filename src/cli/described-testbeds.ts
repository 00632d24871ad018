/** What a command works on: the testbed of a description, or the several of one description or of several files. */
import { basename, join } from 'node:path';
import { invalidInput } from '../../lib/errors';
import { managementClusters, type TestbedDescription } from '../../lib/testbed/management-clusters';
import { withHostCount, type ResolvedTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { requireSeparateEndpoints } from '../managers/workload-endpoints';
import { readTestbedFile, requireOneOf, withDescription } from '../testbed/file';
import {
  claimManagementFolder,
  releaseManagementFolder,
  testbedFolders,
  type TestbedFolder,
} from '../testbed/management-folders';
import type { Listener } from '../util/events';
import { sideBySide, withName } from '../util/side-by-side';
import { bringUpOptions, type BringUpFlags } from './bring-up-options';
import { descriptionFile, type ChoiceFlags } from './options';

/** A testbed that is described. It has a name where it is one of several management clusters. */
export interface DescribedTestbed extends TestbedFolder {
  /** How all are called that are described; none where there is one, which has no name. */
  readonly names: readonly string[];
  readonly props: TestbedProps;
  /** Does something with it. Errors say where in its file they are from. */
  readonly within: <T>(work: () => T | Promise<T>) => Promise<T>;
}

/**
 * Reads what is described, and checks none of it as a whole yet.
 *
 * @param files none for the file that commands take by default, or the default testbed
 * @returns those that are chosen
 * @throws TestbedError (`invalid-input`) for a description, and for a name that there is not or twice
 */
export async function describedTestbeds(
  files: readonly string[],
  { hosts, stateDir, managementCluster: chosen }: ChoiceFlags & { readonly hosts?: number | undefined },
): Promise<readonly DescribedTestbed[]> {
  const read = await Promise.all(
    (files.length === 0 ? [descriptionFile(undefined)] : files).map(async (file) => ({
      file,
      description: file === undefined ? {} : await readTestbedFile(file),
    })),
  );
  const [only] = read;
  const withHosts = (props: TestbedProps) => (hosts === undefined ? props : withHostCount(props, hosts));
  if (read.length === 1 && only !== undefined && only.description.managementClusters === undefined) {
    const { file, description } = only;
    if (chosen !== undefined)
      throw invalidInput(
        `${file ?? 'the default testbed'} describes no managementClusters: leave --management-cluster out`,
      );
    const props = withHosts(description);
    return [{ names: [], stateDir, props, within: (work) => withDescription(file, work) }];
  }
  const all = (
    await Promise.all(read.map(({ file = '', description }) => testbedsOf(file, description, stateDir)))
  ).flat();
  const names = all.map(({ name }) => name);
  const nameless = read.find(({ file }, i) => /^\.*$/.test(names[i] ?? '') && file !== undefined);
  if (nameless !== undefined)
    throw invalidInput(`${nameless.file} has no name that its cluster could have: rename the file`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw invalidInput(
      `two descriptions are called ${twice}, and their clusters would have the same name: rename one of the files, or of the managementClusters`,
    );
  for (const name of chosen ?? []) requireOneOf(names, name, files.join(', ') || 'the description');
  return all
    .filter(({ name }) => chosen?.includes(name) ?? true)
    .map((each) => ({ ...each, names, props: naming(each, () => withHosts(each.props)) }));
}

/** The testbed that a command takes, of a description that may have several. @throws TestbedError (`invalid-input`) */
export async function oneDescribedTestbed(file: string | undefined, flags: ChoiceFlags): Promise<DescribedTestbed> {
  const [only, ...more] = await describedTestbeds(file === undefined ? [] : [file], flags);
  if (only === undefined || more.length > 0) throw nameOne(file ?? 'the description', only?.names ?? []);
  return only;
}

/** One that was looked at as a whole. */
export interface CheckedTestbed<T> extends DescribedTestbed {
  readonly checked: T;
}

/**
 * Looks at each as a whole, and whether they go together, before anything is done to one of them.
 *
 * @throws TestbedError (`invalid-input`) naming those that are not as they should be
 */
export async function checkedTestbeds<T extends { readonly testbed: ResolvedTestbed }>(
  testbeds: readonly DescribedTestbed[],
  check: (props: TestbedProps) => T,
): Promise<readonly CheckedTestbed<T>[]> {
  const { done, failure } = await sideBySide(testbeds, ({ within, props }) => within(() => check(props)));
  if (failure !== undefined) throw failure;
  const clusters = done.map(([{ name = '' }, { testbed }]) => ({ name, clusters: clustersOf(testbed) }));
  if (clusters.length > 1) requireSeparateEndpoints(clusters);
  return done.map(([each, checked]) => ({ ...each, checked }));
}

/**
 * What each is brought up with.
 *
 * @throws TestbedError (`invalid-input`) for flags that do not go together, and for two on one cluster
 */
export function optionsOfEach(testbeds: readonly DescribedTestbed[], flags: BringUpFlags) {
  if (testbeds.length > 1 && flags.port !== undefined)
    throw invalidInput(
      `--port forwards a port of this machine, and there are ${testbeds.length} management clusters: choose one with --management-cluster`,
    );
  const taken = new Map<string, string>();
  return testbeds.map((each) => {
    const { name = '' } = each;
    const options = { ...bringUpOptions(flags, each), stateDir: each.stateDir };
    if (options.cluster.kind === 'existing') {
      const { kubeconfig, context } = options.cluster;
      const other = taken.get(`${kubeconfig} ${context}`);
      if (other !== undefined)
        throw invalidInput(
          `${other} and ${name} would both be on the context ${context}: give --context ${other}=CONTEXT and --context ${name}=CONTEXT`,
        );
      taken.set(`${kubeconfig} ${context}`, name);
    }
    return options;
  });
}

/**
 * Does something with testbeds that are brought up. Those of several management clusters have a folder together, which is
 * there for as long as one of them is.
 */
export async function inTheirFolder<T>(
  testbeds: readonly DescribedTestbed[],
  { stateDir }: ChoiceFlags,
  listener: Listener,
  work: () => Promise<T>,
): Promise<T> {
  const names = testbeds[0]?.names ?? [];
  if (names.length === 0) return work();
  claimManagementFolder(stateDir);
  for (const { name = '' } of testbedFolders(stateDir))
    if (!names.includes(name))
      listener({
        type: 'warning',
        task: 'state folder',
        detail: `${name} is not described any more and is kept: 'metal3-testbed down --management-cluster ${name}' ends it`,
      });
  try {
    return await work();
  } finally {
    releaseManagementFolder(stateDir);
  }
}

function* clustersOf({ clusterSets }: ResolvedTestbed) {
  for (const set of clusterSets) yield* set.clusters();
}

/**
 * The testbeds in the state folder that a command is about.
 *
 * @throws TestbedError (`invalid-input`) for a name that there is not
 */
export function chosenFolders({ stateDir, managementCluster: chosen }: ChoiceFlags): readonly TestbedFolder[] {
  const all = testbedFolders(stateDir);
  if (chosen === undefined) return all;
  const names = all.flatMap(({ name }) => name ?? []);
  if (names.length === 0)
    throw invalidInput(`${stateDir} holds no management clusters: leave --management-cluster out`);
  for (const name of chosen) requireOneOf(names, name, stateDir);
  return all.filter(({ name }) => name !== undefined && chosen.includes(name));
}

/** The testbed in the state folder that a command takes. @throws TestbedError (`invalid-input`) where there are several */
export function oneChosenFolder(flags: ChoiceFlags): TestbedFolder {
  const [only, ...more] = chosenFolders(flags);
  if (only === undefined) return { stateDir: flags.stateDir };
  if (more.length === 0) return only;
  throw nameOne(
    flags.stateDir,
    [only, ...more].flatMap(({ name }) => name ?? []),
  );
}

function nameOne(where: string, names: readonly string[]): Error {
  return invalidInput(
    `${where} has the management clusters ${names.join(', ')}, and this takes one: name it with --management-cluster`,
  );
}

interface NamedDescribed extends Omit<DescribedTestbed, 'names'> {
  readonly name: string;
}

/** What a file gives where there are several. @throws TestbedError (`invalid-input`) */
async function testbedsOf(
  file: string,
  description: TestbedDescription,
  stateDir: string,
): Promise<readonly NamedDescribed[]> {
  const { managementClusters: described } = description;
  const all = await withDescription(file, () => managementClusters(description));
  return all.map(({ name: given, props }, index) => {
    const name = described === undefined ? basename(file).replace(/\.ya?ml$/, '') : given;
    const own = described && { index, keys: new Set(Object.keys(described[index] ?? {})) };
    return { name, props, stateDir: join(stateDir, name), within: (work) => withDescription(file, work, own) };
  });
}

function naming<T>(each: NamedDescribed, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw withName(each, error as Error);
  }
}
