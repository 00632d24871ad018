import { homedir } from 'node:os';
import { join } from 'node:path';
import { readBoundedSync } from '../../util/read-bounded';
import { isMap } from '../../util/is-map';

/** What a registry is shown. It is kept in memory only, and is in no error. */
export interface Credentials {
  /** Of HTTP's Basic scheme: `user:password`, encoded. */
  readonly basic?: string;
  /** Exchanged for a token. */
  readonly identityToken?: string;
  /** A token as it is. */
  readonly registryToken?: string;
}

/** What Docker's configuration says of one registry. */
export interface Login {
  readonly file: string;
  readonly credentials?: Credentials;
  /** In words, why there are none although somebody may have logged in. */
  readonly unused?: string;
}

const MAX_CONFIG_BYTES = 1024 * 1024;

/** Docker's configuration: of the folder `$DOCKER_CONFIG`, else of `~/.docker`. */
function configFile(env: NodeJS.ProcessEnv): string {
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json');
}

/** Reads who somebody is to a registry. What cannot be read is told in words, and nothing of its content is. */
export function loginTo(registry: string, env: NodeJS.ProcessEnv): Login {
  const file = configFile(env);
  let config: unknown;
  try {
    config = JSON.parse(readBoundedSync(file, MAX_CONFIG_BYTES).toString());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What a parser says repeats what it read.
    const why = error instanceof SyntaxError ? 'it is not valid JSON' : code;
    const isThere = code !== 'ENOENT' && code !== 'ENOTDIR';
    return { file, unused: isThere ? `${file} cannot be read (${why})` : undefined };
  }
  if (!isMap(config)) return { file, unused: `${file} is not a configuration of Docker` };
  const auths = isMap(config['auths']) ? Object.entries(config['auths']) : [];
  const own = auths.filter(([key]) => hostOf(key) === hostOf(registry)).map(([, entry]) => entry);
  for (const entry of own) {
    const credentials = credentialsOf(entry);
    if (credentials !== undefined) return { file, credentials };
  }
  const helpers = isMap(config['credHelpers']) ? Object.entries(config['credHelpers']) : [];
  if (helpers.some(([key]) => hostOf(key) === hostOf(registry)))
    return { file, unused: `the credential helper that ${file} names for ${registry} is not used, plain auths are` };
  if (typeof config['credsStore'] === 'string')
    return { file, unused: `the credential store that ${file} names is not used, plain auths are` };
  return { file };
}

/** Docker's names of a registry: `https://index.docker.io/v1/`, `quay.io`, `https://quay.io`. */
function hostOf(key: string): string {
  const host = key
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

function credentialsOf(entry: unknown): Credentials | undefined {
  if (!isMap(entry)) return undefined;
  const text = (name: string) => {
    const value = entry[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [identityToken, registryToken] = [text('identitytoken'), text('registrytoken')];
  const [username, password] = [text('username'), text('password')];
  const given = username === undefined || password === undefined ? undefined : `${username}:${password}`;
  const plain = decoded(text('auth')) ?? given;
  if (identityToken === undefined && registryToken === undefined && plain === undefined) return undefined;
  const basic = plain === undefined ? undefined : Buffer.from(plain).toString('base64');
  return { basic, identityToken, registryToken };
}

/** `user:password` of what Docker has encoded, which may end in zeros. */
function decoded(auth: string | undefined): string | undefined {
  const plain = auth === undefined ? '' : Buffer.from(auth, 'base64').toString().replace(/\0+$/, '');
  return /^[^:]+:./s.test(plain) ? plain : undefined;
}
