import { createReadStream } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withoutUndefined } from '../../lib/without-undefined';
import { invalidInput, TestbedError } from '../../lib/errors';
import { closest } from '../../lib/crd/suggest';
import type { ProviderProps } from '../../lib/components/cluster-api-provider/options';
import type { ClusterApiComponents } from '../../lib/testbed/cluster-api';
import type {
  ClusterApiEntry,
  ClusterSetEntry,
  HostSetEntry,
  OneTestbedEntries,
  OperatorEntry,
  ProviderEntry,
  TestbedEntries,
} from '../../lib/testbed/entries';
import { managementClusters, type TestbedDescription } from '../../lib/testbed/management-clusters';
import type { TestbedOperatorProps } from '../../lib/testbed/operator-shards';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { requireTestbedShape } from '../../lib/testbed/schema';
import { resolveClusterSet, withFullClusterSetPaths } from './cluster-set-entry';
import { resolveHostSet, withFullPaths } from './host-set-entry';
import { decodeText } from '../manifests/decode-text';
import { parseJson } from '../manifests/json-text';
import { toUtf8 } from '../manifests/utf16';
import { YamlError } from '../manifests/yaml-error';
import { lineOfPath } from '../manifests/yaml-lines';
import { parseYaml, wholeOf } from '../manifests/yaml-nodes';
import { yamlValue } from '../manifests/yaml-values';
import { lockFileName } from '../upstream/lock-file';
import { readManifests } from '../upstream/manifests';
import { isMap } from '../util/is-map';

/**
 * Reads a testbed.yaml, the credentials that it takes from the environment or from files, and the manifests that it
 * names, which come from the cache alone.
 *
 * @param file path; credentials files are relative to its folder
 * @throws TestbedError (`invalid-input`) for a file that is missing or no YAML, for every field that is unknown or not
 * allowed, and for credentials that cannot be had; no credential is ever part of the error
 */
export async function readTestbedFile(file: string): Promise<TestbedDescription> {
  const { entries, lineOf } = await readEntries(file);
  const { managementClusters, ...common } = entries;
  return withoutUndefined({
    ...(await resolveEntries(common, { file, lineOf, within: '' })),
    managementClusters:
      managementClusters &&
      (await Promise.all(
        managementClusters.map(async ({ name, ...own }, i) => ({
          name,
          ...(await resolveEntries(own, { file, lineOf, within: `managementClusters[${i}].` })),
        })),
      )),
  });
}

/** One testbed of a description. @param where the file, and what the path of all that it says begins with */
async function resolveEntries(entries: OneTestbedEntries, where: Where): Promise<TestbedProps> {
  const { hostSets, clusterSets, operators, clusterApi, ...rest } = entries;
  const folder = dirname(resolve(where.file));
  return withoutUndefined({
    ...rest,
    clusterApi: clusterApi && resolveProviders(clusterApi, folder),
    operators: operators?.map((operator) => resolveOperator(operator, folder)),
    hostSets: hostSets && (await resolveSets('hostSets', hostSets, resolveHostSet, where)),
    clusterSets: clusterSets && (await resolveSets('clusterSets', clusterSets, resolveClusterSet, where)),
  });
}

interface Where {
  readonly file: string;
  readonly lineOf: LineOf;
  readonly within: string;
}

/** What a problem that a part of this package finds begins with: a path in the description. */
const PATH =
  /^((?:operators|hostSets|clusterSets|simulator|kwok|workloadApi|certManager|clusterApi|installCertManager|scenario|managementClusters)\b[^\s:]*): /;

/**
 * The text of a description, for whoever reads it elsewhere.
 *
 * @param managementCluster which one, of a description that has several: nobody else's credentials are part of the text
 * @throws as {@link readTestbedFile}; and for what it takes from the environment, from files, or from the cache of manifests
 */
export async function readWholeDescription(file: string, managementCluster?: string): Promise<string> {
  const text = decodeText(toUtf8(await readDescription(file), file), file);
  const { entries: all } = await readEntries(file);
  const entries = await withDescription(file, () => oneOf(all, file, managementCluster));
  const elsewhere = [...fieldsOf(entries)].find((field) => /From$|^manifests$/.test(field));
  if (elsewhere !== undefined)
    throw invalidInput(
      `${file} has ${elsewhere}, which is found on this machine alone: write the value itself, or name a Secret of the cluster with secretName`,
    );
  return managementCluster === undefined ? text : JSON.stringify(entries);
}

/** The names of all fields, whatever they are in. */
function* fieldsOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* fieldsOf(each);
  else if (isMap(value))
    for (const [name, each] of Object.entries(value)) {
      if (typeof each === 'object' || name === 'manifests') yield name;
      yield* fieldsOf(each);
    }
}

/**
 * Does something with a description that was read from a file. Errors about it name the file, and the line.
 *
 * @param file undefined for a description that comes from none
 * @param own where it is one of several management clusters: its index, and which keys it gives itself
 */
export async function withDescription<T>(
  file: string | undefined,
  work: () => T | Promise<T>,
  own?: { readonly index: number; readonly keys: ReadonlySet<string> },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (file === undefined || !(error instanceof TestbedError) || error.code !== 'invalid-input') throw error;
    const named = error.message.split('\n').some((line) => PATH.test(line));
    if (!named && error.path === undefined) throw error;
    const message = (named ? error.message : `${error.path}: ${error.message}`).replace(
      new RegExp(PATH, 'gm'),
      (start, path: string) =>
        own?.keys.has(/^\w+/.exec(path)?.[0] ?? '') ? `managementClusters[${own.index}].${start}` : start,
    );
    const lineOf = await readDescription(file).then(
      (bytes) => parseDescription(bytes, file).lineOf,
      // Deleted since.
      () => () => 1,
    );
    const located = message.replace(
      new RegExp(PATH, 'gm'),
      (start, path: string) => `${file}:${lineOf(path)}: ${start}`,
    );
    throw new TestbedError(error.code, located, { cause: error });
  }
}

/** A description for those who keep its platform apart from its hosts. */
export interface TestbedLayers {
  readonly platform: Pick<
    TestbedProps,
    'certManager' | 'clusterApi' | 'installCertManager' | 'kwok' | 'operators' | 'workloadApi'
  >;
  /** How hosts behave where kwok simulates them. */
  readonly simulator?: TestbedProps['simulator'];
  /** Their credentials are where the description says, and are not read. */
  readonly hostSets?: readonly HostSetEntry[];
  /** The same. */
  readonly clusterSets?: readonly ClusterSetEntry[];
}

/**
 * As {@link readTestbedFile}, without reading the hosts' credentials: files that hold some are named by full path.
 *
 * @param managementCluster which one, of a description that has several
 */
export async function readTestbedLayers(file: string, managementCluster?: string): Promise<TestbedLayers> {
  const { entries: whole } = await readEntries(file);
  const entries = await withDescription(file, () => oneOf(whole, file, managementCluster));
  const { hostSets, clusterSets, operators, certManager, clusterApi, installCertManager, simulator } = entries;
  const { kwok, workloadApi } = entries;
  const folder = dirname(resolve(file));
  return {
    platform: {
      certManager,
      installCertManager,
      kwok,
      workloadApi,
      // As a whole testbed has it, whose clusters need it.
      clusterApi: (clusterSets ?? []).length > 0 || clusterApi ? resolveProviders(clusterApi ?? {}, folder) : undefined,
      operators: operators?.map((operator) => resolveOperator(operator, folder)),
    },
    simulator,
    hostSets: hostSets?.map((set) => withFullPaths(set, folder)),
    clusterSets: clusterSets?.map((set) => withFullClusterSetPaths(set, folder)),
  };
}

/** One testbed of what a file says. */
function oneOf(entries: TestbedEntries, file: string, name: string | undefined): OneTestbedEntries {
  const all = managementClusters(entries);
  if (entries.managementClusters === undefined) {
    if (name === undefined) return entries;
    throw invalidInput(`${file} describes no managementClusters: leave the name '${name}' out`);
  }
  const names = all.map((each) => each.name);
  if (name === undefined)
    throw invalidInput(`${file} describes the management clusters ${names.join(', ')}, and this takes one: name it`);
  requireOneOf(names, name, file);
  return all[names.indexOf(name)]!.props;
}

/** @param where what has management clusters of these names @throws TestbedError (`invalid-input`) for another one */
export function requireOneOf(names: readonly string[], name: string, where: string): void {
  if (names.includes(name)) return;
  const meant = closest(name, names);
  throw invalidInput(
    `${where} has no management cluster '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}: name one of ${names.join(', ')}`,
  );
}

/** A description of more is none. */
const MAX_SIZE = 16 * 1024 * 1024;

async function readEntries(file: string): Promise<{ readonly entries: TestbedEntries; readonly lineOf: LineOf }> {
  const { value: written, lineOf } = parseDescription(await readDescription(file), file);
  const value = withOperatorList(written);
  requireTestbedShape(value, file, lineOf);
  return { entries: value as TestbedEntries, lineOf };
}

/** `operators: { count: 5 }` is a list of one. */
function withOperatorList(value: unknown): unknown {
  if (!isMap(value)) return value;
  const { operators, managementClusters } = value;
  return withoutUndefined({
    ...value,
    operators: isMap(operators) ? [operators] : operators,
    managementClusters: Array.isArray(managementClusters)
      ? managementClusters.map(withOperatorList)
      : managementClusters,
  });
}

async function readDescription(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: MAX_SIZE })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw invalidInput(
      `description ${file} cannot be read (${(error as NodeJS.ErrnoException).code}): name an existing file, or leave it out for the blog's 10 hosts`,
    );
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_SIZE) throw invalidInput(`description ${file} has more than 16 MiB: name a testbed.yaml`);
  return bytes;
}

/** On which line of a description something is, by its path: `hostSets[0].count`. */
type LineOf = (path: string) => number;

/** YAML as kubectl reads it, or JSON. */
function parseDescription(bytes: Uint8Array, file: string): { readonly value: unknown; readonly lineOf: LineOf } {
  const text = decodeText(toUtf8(bytes, file), file);
  try {
    const node = wholeOf(parseYaml(text));
    const lineOf = (path: string): number => (node === undefined ? 1 : lineOfPath(node, path));
    return { value: (node && yamlValue(node)) ?? {}, lineOf };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    // JSON has escapes that YAML 1.1 has not.
    const value = /^\s*\{/.test(text) ? jsonValue(text) : undefined;
    if (value !== undefined) return { value, lineOf: () => 1 };
    // The text itself may hold a password.
    throw invalidInput(`${file}:${error.line + 1} is not valid YAML: ${error.message}`);
  }
}

function jsonValue(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

/** Sets with the credentials that they name. */
async function resolveSets<Entry, Props>(
  field: 'clusterSets' | 'hostSets',
  sets: readonly Entry[],
  resolveSet: (set: Entry, folder: string) => Promise<Props>,
  { file, lineOf, within }: Where,
): Promise<readonly Props[]> {
  return Promise.all(
    sets.map(async (set, index) => {
      try {
        return await resolveSet(set, dirname(resolve(file)));
      } catch (error) {
        if (!(error instanceof TestbedError)) throw error;
        const path = `${within}${field}[${index}]`;
        const at = field === 'hostSets' ? `${path}.credentials` : path;
        throw new TestbedError(error.code, `${file}:${lineOf(at)}: ${path}: ${error.message}`);
      }
    }),
  );
}

function resolveOperator({ manifests, ...operator }: OperatorEntry, folder: string): TestbedOperatorProps {
  if (manifests === undefined) return operator;
  return { ...operator, manifests: readManifests(manifests, { lockFile: join(folder, lockFileName) }) };
}

/** Each provider with its manifests in place of their name. */
function resolveProviders(entry: ClusterApiEntry, folder: string): ClusterApiComponents {
  const lockFile = join(folder, lockFileName);
  const parts = Object.entries(entry).map(([part, props]) => {
    if (Array.isArray(props) || typeof props !== 'object') return [part, props];
    const { manifests, ...rest } = props as ProviderEntry<ProviderProps>;
    return [part, manifests === undefined ? rest : { ...rest, manifests: readManifests(manifests, { lockFile }) }];
  });
  return Object.fromEntries(parts) as ClusterApiComponents;
}
