/** A host set whose credentials may be references to the environment or to files. */
import { resolve } from 'node:path';
import type { BmcCredentialsSource } from '../../lib/kinds/bare-metal-host/credentials';
import { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import type { HostSetProps } from '../../lib/kinds/bare-metal-host/host-set-props';
import { withoutUndefined } from '../../lib/without-undefined';
import { invalidInput } from '../../lib/errors';
import type { CredentialsEntry, HostSetEntry, ValueSource } from '../../lib/testbed/entries';
import { readBounded } from '../util/read-bounded';

/** More than a Secret takes. */
const MAX_CREDENTIAL_BYTES = 1024 * 1024;

/**
 * Takes the credentials of a host set from where they are: the environment, files, or the entry itself.
 *
 * @param folder that paths of files are relative to
 * @throws TestbedError (`invalid-input`) for credentials that cannot be had; none is ever part of the error
 */
export async function resolveHostSet(set: HostSetEntry, folder: string): Promise<HostSetProps> {
  const { overrides, ...rest } = await resolveEntry(set, folder);
  if (overrides === undefined) return rest;
  return { ...rest, overrides: await Promise.all(overrides.map((rule) => resolveEntry(rule, folder))) };
}

/** The same set, with credentials files named by full path: for those who read them elsewhere. */
export function withFullPaths(set: HostSetEntry, folder: string): HostSetEntry {
  const { overrides, ...rest } = set;
  return withoutUndefined({
    ...fullPathsOf(rest, folder),
    overrides: overrides?.map((rule) => fullPathsOf(rule, folder)),
  });
}

/** What has credentials, with their files named by full path. */
export function fullPathsOf<T extends { readonly credentials?: CredentialsEntry }>(entry: T, folder: string): T {
  return entry.credentials === undefined ? entry : { ...entry, credentials: fullPaths(entry.credentials, folder) };
}

/** Where a value is, with its file named by full path. */
export function fullPath(from: ValueSource, folder: string): ValueSource {
  return from.file === undefined ? from : { ...from, file: resolve(folder, from.file) };
}

function fullPaths(entry: CredentialsEntry, folder: string): CredentialsEntry {
  const { usernameFrom, passwordFrom, ...rest } = entry;
  return withoutUndefined({
    ...rest,
    usernameFrom: usernameFrom && fullPath(usernameFrom, folder),
    passwordFrom: passwordFrom && fullPath(passwordFrom, folder),
  });
}

/** What has credentials, with those that they name. */
export async function resolveEntry<T extends { readonly credentials?: CredentialsEntry }>(
  entry: T,
  folder: string,
): Promise<Omit<T, 'credentials'> & { readonly credentials?: BmcCredentialsSource }> {
  const { credentials, ...rest } = entry;
  if (credentials === undefined) return rest;
  return { ...rest, credentials: await resolveCredentials(credentials, folder) };
}

async function resolveCredentials(entry: CredentialsEntry, folder: string): Promise<BmcCredentialsSource> {
  if (entry.secretName !== undefined) {
    if (Object.keys(entry).length > 1)
      throw invalidInput(
        'credentials have secretName and other fields: give either secretName, or username and password',
      );
    return { secretName: entry.secretName };
  }
  return {
    username: await resolveValue('username', entry.username, entry.usernameFrom, folder),
    password: await resolveValue('password', entry.password, entry.passwordFrom, folder),
  };
}

/**
 * A value that stands in the description, or where the description says.
 *
 * @param what the name of the field, and the beginning of that which says where it is
 * @param part what has the field, as errors name it
 */
export async function resolveValue(
  what: string,
  literal: string | undefined,
  from: ValueSource | undefined,
  folder: string,
  part = 'credentials',
): Promise<SensitiveText> {
  const given = [literal, from?.env, from?.file].filter((each) => each !== undefined).length;
  if (given !== 1) {
    throw invalidInput(
      `${part} need the ${what} once, and have it ${given} times: give ${what}, ${what}From.env or ${what}From.file`,
    );
  }
  if (literal !== undefined) return new SensitiveText(literal);
  if (from?.env !== undefined) {
    const value = process.env[from.env];
    if (value === undefined || value === '')
      throw invalidInput(`${part} ${what}From.env names the variable ${from.env}, which is not set`);
    return new SensitiveText(value);
  }
  const path = resolve(folder, from?.file ?? '');
  const value = await readBounded(path, MAX_CREDENTIAL_BYTES).catch((error: NodeJS.ErrnoException) => {
    throw invalidInput(`${part} ${what}From.file ${path} cannot be read (${error.code})`);
  });
  return new SensitiveText(value.toString().replace(/\r?\n$/, ''));
}
