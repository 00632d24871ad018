import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { BareMetalOperatorProps } from '../lib/baremetal-operator';
import { invalidInput } from '../lib/errors';
import type { TestbedProps } from '../lib/resolve-testbed';
import { requireTestbedShape } from '../lib/testbed-schema';
import { resolveHostSet, withFullPaths, type HostSetEntry } from './host-set-entry';
import { lockFileName } from './upstream/lock-file';
import { readManifests } from './upstream/manifests';

/**
 * Reads a testbed.yaml, the credentials that it takes from the environment or from files, and the manifests that it
 * names, which come from the cache alone.
 *
 * @param file path; credentials files are relative to its folder
 * @throws TestbedError (`invalid-input`) for a file that is missing or no YAML, for every field that is unknown or not
 * allowed, and for credentials that cannot be had; no credential is ever part of the error
 */
export async function readTestbedFile(file: string): Promise<TestbedProps> {
  const { hostSets, operators, ...rest } = await readEntries(file);
  const folder = dirname(resolve(file));
  return {
    ...rest,
    ...(operators && { operators: operators.map((operator) => resolveOperator(operator, folder)) }),
    ...(hostSets && { hostSets: await Promise.all(hostSets.map((set) => resolveHostSet(set, folder))) }),
  };
}

/** A description for those who keep its platform apart from its hosts. */
export interface TestbedLayers {
  readonly platform: Pick<TestbedProps, 'certManager' | 'installCertManager' | 'operators'>;
  /** Their credentials are where the description says, and are not read. */
  readonly hostSets?: readonly HostSetEntry[];
}

/** As {@link readTestbedFile}, without reading the hosts' credentials: files that hold some are named by full path. */
export async function readTestbedLayers(file: string): Promise<TestbedLayers> {
  const { hostSets, operators, certManager, installCertManager } = await readEntries(file);
  const folder = dirname(resolve(file));
  return {
    platform: {
      ...{ certManager, installCertManager },
      ...(operators && { operators: operators.map((operator) => resolveOperator(operator, folder)) }),
    },
    ...(hostSets && { hostSets: hostSets.map((set) => withFullPaths(set, folder)) }),
  };
}

interface Entries extends Omit<TestbedProps, 'hostSets' | 'operators'> {
  readonly hostSets?: readonly HostSetEntry[];
  readonly operators?: readonly OperatorEntry[];
}

async function readEntries(file: string): Promise<Entries> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalidInput(
      `description ${file} cannot be read (${error.code}): name an existing file, or leave it out for the blog's 10 hosts`,
    );
  });
  const document = parseDocument(text, { maxAliasCount: 100 } as object);
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0]?.line;
    // The parser's own message quotes the line, which may hold a password.
    throw invalidInput(
      `${file}${line === undefined ? '' : `:${line}`} is no valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
    );
  }
  const value: unknown = document.toJS() ?? {};
  requireTestbedShape(value, file);
  return value as Entries;
}

interface OperatorEntry extends Omit<BareMetalOperatorProps, 'manifests'> {
  /** A name in the lock file beside the description. */
  readonly manifests?: string;
}

function resolveOperator({ manifests, ...operator }: OperatorEntry, folder: string): BareMetalOperatorProps {
  if (manifests === undefined) return operator;
  return { ...operator, manifests: readManifests(manifests, { lockFile: join(folder, lockFileName) }) };
}
