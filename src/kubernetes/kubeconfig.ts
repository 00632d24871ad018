import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { TestbedError } from '../../lib/errors';

/** What is needed to talk to one API server as one user. */
export interface Credentials {
  readonly context: string;
  /** `https://host:port`, with a path where the API is served below one. */
  readonly server: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
  readonly namespace?: string;
  /** Name that the server's certificate must have, where it is not the host of `server`. */
  readonly serverName?: string;
}

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  readonly clusters?: readonly { name: string; cluster: Record<string, unknown> }[];
  readonly users?: readonly { name: string; user: Record<string, unknown> }[];
}

/**
 * Reads one context of a kubeconfig.
 *
 * @param file path of the kubeconfig
 * @param contextName the context; the file's current one where none is given
 * @throws TestbedError (`invalid-input`) for a file that is no kubeconfig, a context that it has not, and forms of
 * authentication that are not supported (exec and auth-provider plugins); file contents are never shown
 */
export async function readKubeconfig(file: string, contextName?: string): Promise<Credentials> {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  const fail = (message: string, cause?: unknown) =>
    new TestbedError('invalid-input', `kubeconfig ${path} ${message}`, { cause });
  let config: KubeconfigFile;
  try {
    config = parse(await readFile(path, 'utf8')) as KubeconfigFile;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fail(
      isMissing ? 'does not exist: name an existing file' : 'cannot be read as YAML',
      isMissing ? undefined : error,
    );
  }
  const name = contextName ?? config?.['current-context'];
  const context = config?.contexts?.find((each) => each.name === name)?.context;
  if (name === undefined || context === undefined) {
    const known = config?.contexts?.map((each) => each.name).join(', ') ?? '';
    throw fail(`has no context ${name === undefined ? '' : `'${name}'`}: it has ${known === '' ? 'none' : known}`);
  }
  const cluster = config.clusters?.find((each) => each.name === context.cluster)?.cluster;
  const user = config.users?.find((each) => each.name === context.user)?.user ?? {};
  const server = cluster?.['server'];
  if (cluster === undefined || typeof server !== 'string') throw fail(`has no server for the context '${name}'`);
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    throw fail(`authenticates context '${name}' by a plugin, which is not supported: use certificates or a token`);
  }
  if (cluster['insecure-skip-tls-verify'] === true) {
    throw fail(`skips TLS verification for the context '${name}', which is refused: give certificate-authority-data`);
  }
  const bytes = async (of: Record<string, unknown>, key: string): Promise<Buffer | undefined> => {
    const data = of[`${key}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64');
    const path_ = of[key];
    return typeof path_ === 'string' ? readFile(resolve(dirname(path), path_)) : undefined;
  };
  const token =
    user['token'] ??
    (typeof user['tokenFile'] === 'string' ? (await readFile(user['tokenFile'], 'utf8')).trim() : undefined);
  return defined({
    context: name,
    server: server.replace(/\/+$/, ''),
    ca: await bytes(cluster, 'certificate-authority'),
    cert: await bytes(user, 'client-certificate'),
    key: await bytes(user, 'client-key'),
    token: typeof token === 'string' ? token : undefined,
    namespace: context.namespace,
    serverName: cluster['tls-server-name'],
  }) as unknown as Credentials;
}

function defined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
