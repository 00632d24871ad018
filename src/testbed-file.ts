import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { BmcCredentialsSource } from '../lib/baremetal-host/credentials';
import { SensitiveText } from '../lib/baremetal-host/credentials';
import { invalidInput } from '../lib/errors';
import type { TestbedProps } from '../lib/resolve-testbed';
import type { CredentialsEntry } from '../lib/testbed-schema';
import { requireTestbedShape } from '../lib/testbed-schema';
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
  const { hostSets, operators, ...rest } = value as {
    readonly hostSets?: readonly HostSetEntry[];
    readonly operators?: readonly OperatorEntry[];
  };
  const folder = dirname(resolve(file));
  return {
    ...rest,
    ...(operators && { operators: operators.map((operator) => resolveOperator(operator, folder)) }),
    ...(hostSets && { hostSets: await Promise.all(hostSets.map((set) => resolveSet(set, folder))) }),
  } as TestbedProps;
}

interface OperatorEntry {
  /** A name in the lock file beside the description. */
  readonly manifests?: string;
}

function resolveOperator(operator: OperatorEntry, folder: string): object {
  if (operator.manifests === undefined) return operator;
  return { ...operator, manifests: readManifests(operator.manifests, { lockFile: join(folder, lockFileName) }) };
}

interface HostSetEntry {
  readonly credentials?: CredentialsEntry;
  readonly overrides?: readonly { readonly credentials?: CredentialsEntry }[];
}

async function resolveSet(set: HostSetEntry, folder: string): Promise<object> {
  const overrides = set.overrides && (await Promise.all(set.overrides.map((rule) => resolveEntry(rule, folder))));
  return { ...(await resolveEntry(set, folder)), ...(overrides && { overrides }) };
}

async function resolveEntry<T extends { readonly credentials?: CredentialsEntry }>(
  entry: T,
  folder: string,
): Promise<object> {
  if (entry.credentials === undefined) return entry;
  return { ...entry, credentials: await resolveCredentials(entry.credentials, folder) };
}

async function resolveCredentials(entry: CredentialsEntry, folder: string): Promise<BmcCredentialsSource> {
  if (entry.secretName !== undefined) {
    if (Object.keys(entry).length > 1)
      throw invalidInput('credentials give secretName and more: give either secretName, or username and password');
    return { secretName: entry.secretName };
  }
  return {
    username: await resolveValue('username', entry.username, entry.usernameFrom, folder),
    password: await resolveValue('password', entry.password, entry.passwordFrom, folder),
  };
}

async function resolveValue(
  what: 'username' | 'password',
  literal: string | undefined,
  from: CredentialsEntry['usernameFrom'],
  folder: string,
): Promise<SensitiveText> {
  const given = [literal, from?.env, from?.file].filter((each) => each !== undefined).length;
  if (given !== 1) {
    throw invalidInput(
      `credentials need the ${what} once, and have it ${given} times: give ${what}, ${what}From.env or ${what}From.file`,
    );
  }
  if (literal !== undefined) return new SensitiveText(literal);
  if (from?.env !== undefined) {
    const value = process.env[from.env];
    if (value === undefined || value === '')
      throw invalidInput(`credentials ${what}From.env names the variable ${from.env}, which is not set`);
    return new SensitiveText(value);
  }
  const path = resolve(folder, from?.file ?? '');
  const value = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalidInput(`credentials ${what}From.file ${path} cannot be read (${error.code})`);
  });
  return new SensitiveText(value.replace(/\r?\n$/, ''));
}
