import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { TestbedError } from '../../lib/errors';
import { withoutUndefined } from '../../lib/without-undefined';
import { invalidInput } from '../../lib/errors';
import type { ExecPlugin } from './exec-plugin';
import { isMap } from '../util/is-map';
import { readBounded } from '../util/read-bounded';

/** Of a kubeconfig, a certificate or a token: one of a thousand contexts has 5 MB. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** What is needed to talk to one API server as one user. */
export interface Credentials {
  readonly context: string;
  /** `https://host:port`, with a path where the API is served below one. */
  readonly server: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
  /** File whose content is the token; it is read again as it changes. */
  readonly tokenFile?: string;
  /** Program that gives a token or a certificate. */
  readonly exec?: ExecPlugin;
  /** User to act as. */
  readonly impersonate?: string;
  readonly namespace?: string;
  /** Name that the server's certificate must have, where it is not the host of `server`. */
  readonly serverName?: string;
  /** Proxy of this cluster, which goes before those of the environment. */
  readonly proxyUrl?: string;
}

interface Named<K extends string> {
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** Folder of the file that it stands in, which its paths are relative to. */
  readonly folder: string;
  readonly kind: K;
}

interface Kubeconfig {
  readonly where: string;
  readonly currentContext: string | undefined;
  readonly entries: readonly Named<'context' | 'cluster' | 'user'>[];
}

export interface KubeconfigOptions {
  /**
   * Address of the API server, instead of the context's own.
   * @default the cluster's of the context
   */
  readonly server?: string | undefined;
}

/** The kubeconfig files in the order in which kubectl looks at them: a flag, KUBECONFIG, ~/.kube/config. */
export function kubeconfigFiles(flag?: string, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (flag !== undefined) return [flag];
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}

/**
 * Reads one context of a kubeconfig. Of several files, the first that has a name says what it is.
 *
 * @param file path of the kubeconfig, or several
 * @param contextName the context; the current one of the files where none is given
 * @throws TestbedError (`invalid-input`) for a file that is not a kubeconfig, a context that it has not, and forms of
 * authentication that are not supported; file contents are never shown
 */
export async function readKubeconfig(
  file: string | readonly string[],
  contextName?: string,
  options: KubeconfigOptions = {},
): Promise<Credentials> {
  return credentialsOf(await readFiles(typeof file === 'string' ? [file] : file), contextName, options);
}

/**
 * As {@link readKubeconfig}, of a kubeconfig's content instead of its file. Paths in it are relative to the current
 * folder.
 */
export function parseKubeconfig(content: string, contextName?: string): Promise<Credentials> {
  return credentialsOf(entriesOf(content, 'as given', process.cwd()), contextName, {});
}

async function credentialsOf(
  config: Kubeconfig,
  contextName: string | undefined,
  options: KubeconfigOptions,
): Promise<Credentials> {
  const fail = (message: string) => invalidInput(`kubeconfig ${config.where} ${message}`);
  const find = (kind: Named<'context' | 'cluster' | 'user'>['kind'], name: unknown) =>
    config.entries.find((each) => each.kind === kind && each.name === name);
  const name = contextName ?? config.currentContext;
  const context = find('context', name)?.content;
  if (name === undefined || context === undefined) {
    const known = config.entries.filter(({ kind }) => kind === 'context').map((each) => each.name);
    const what = name === undefined ? 'names no current context' : `has no context '${name}'`;
    throw fail(`${what}: it has ${known.length === 0 ? 'none' : known.join(', ')}`);
  }
  const cluster = find('cluster', context['cluster']);
  const user = find('user', context['user']);
  const server = options.server ?? text(cluster?.content['server']);
  if (cluster === undefined || server === undefined) throw fail(`has no server for the context '${name}'`);
  const url = URL.parse(server);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') {
    throw invalidInput(
      `server '${url?.username ? '[with credentials]' : server}' is not a valid address of an API server: use https://HOST:PORT`,
    );
  }
  if (cluster.content['insecure-skip-tls-verify'] === true) {
    throw fail(`skips TLS verification for the context '${name}', which is refused: give certificate-authority-data`);
  }
  const credentials = user?.content ?? {};
  if (credentials['auth-provider'] !== undefined) {
    throw fail(
      `authenticates context '${name}' by an auth-provider, which Kubernetes has removed: use an exec plugin, certificates or a token`,
    );
  }
  if (credentials['password'] !== undefined) {
    throw fail(
      `authenticates context '${name}' by a password, which Kubernetes has removed: use an exec plugin, certificates or a token`,
    );
  }
  const tokenFile = text(credentials['tokenFile']);
  return withoutUndefined({
    context: name,
    server: server.replace(/\/+$/, ''),
    ca: await bytes(cluster, 'certificate-authority'),
    cert: await bytes(user, 'client-certificate'),
    key: await bytes(user, 'client-key'),
    token: text(credentials['token']),
    tokenFile: tokenFile === undefined ? undefined : resolve(user?.folder ?? '', tokenFile),
    exec: user === undefined ? undefined : execPlugin(user, cluster, fail),
    impersonate: text(credentials['as']),
    namespace: text(context['namespace']),
    serverName: text(cluster.content['tls-server-name']),
    proxyUrl: text(cluster.content['proxy-url']),
  });
}

async function readFiles(files: readonly string[]): Promise<Kubeconfig> {
  const read = await Promise.all(files.map(readOne));
  const found = read.filter((each) => each !== undefined);
  const where = files.join(', ');
  if (found.length === 0) throw invalidInput(`kubeconfig ${where} does not exist: name an existing file`);
  return {
    where,
    currentContext: found.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    entries: found.flatMap(({ entries }) => entries),
  };
}

/** @returns undefined where the file does not exist, which is fine as long as another one does */
async function readOne(file: string): Promise<Kubeconfig | undefined> {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  let content: string;
  try {
    content = (await readBounded(path, MAX_FILE_BYTES)).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw invalidInput(`kubeconfig ${path} cannot be read (${code}): name a readable file`);
  }
  return entriesOf(content, path, dirname(path));
}

function entriesOf(content: string, where: string, folder: string): Kubeconfig {
  let config: unknown;
  try {
    // An empty file is one without contexts.
    config = parse(content) ?? {};
  } catch {
    // The parser's own message quotes the content, which holds credentials.
    throw invalidInput(`kubeconfig ${where} cannot be read as YAML`);
  }
  if (!isMap(config)) throw invalidInput(`kubeconfig ${where} is not a kubeconfig: name another file`);
  const entries = (['context', 'cluster', 'user'] as const).flatMap((kind) =>
    mapsIn(config[`${kind}s`]).map(({ name, [kind]: own }) => ({
      kind,
      name: String(name),
      folder,
      content: isMap(own) ? own : {},
    })),
  );
  return { where, currentContext: text(config['current-context']), entries };
}

async function bytes(
  entry: Named<'cluster' | 'user' | 'context'> | undefined,
  key: string,
): Promise<Buffer | undefined> {
  const data = text(entry?.content[`${key}-data`]);
  if (data !== undefined) return Buffer.from(data, 'base64');
  const path = text(entry?.content[key]);
  if (entry === undefined || path === undefined) return undefined;
  const file = resolve(entry.folder, path);
  return readBounded(file, MAX_FILE_BYTES).catch((error: NodeJS.ErrnoException) => {
    throw invalidInput(`${key} ${file}, which the kubeconfig names, cannot be read (${error.code}): correct its path`);
  });
}

function execPlugin(
  user: Named<string>,
  cluster: Named<string>,
  fail: (message: string) => TestbedError,
): ExecPlugin | undefined {
  const exec = user.content['exec'] as Record<string, unknown> | undefined;
  if (exec === undefined || exec === null) return undefined;
  const command = text(exec['command']);
  const apiVersion = text(exec['apiVersion']) ?? '';
  if (command === undefined || !/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    throw fail(
      `has an exec plugin for user '${user.name}' without a command, or of apiVersion '${apiVersion}': use client.authentication.k8s.io/v1`,
    );
  }
  if (exec['interactiveMode'] === 'Always') {
    throw fail(
      `has an exec plugin for user '${user.name}' that always asks on the terminal, which is not supported: set interactiveMode to IfAvailable`,
    );
  }
  return withoutUndefined({
    apiVersion,
    // As kubectl does it: a path is relative to the kubeconfig, a bare name is looked up in PATH.
    command: command.includes('/') && !isAbsolute(command) ? resolve(user.folder, command) : command,
    args: Array.isArray(exec['args']) ? exec['args'].map(String) : [],
    env: mapsIn(exec['env']).map(({ name, value }) => [text(name) ?? '', text(value) ?? ''] as const),
    cluster: exec['provideClusterInfo'] === true ? cluster.content : undefined,
  });
}

/** A text; an empty one is as good as none. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The maps in a list, which may be null, or have null in it. */
function mapsIn(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.filter(isMap) : [];
}
