import { TestbedError } from '../../lib/errors';
import type { ExecCredential } from './exec-plugin';
import { runExecPlugin } from './exec-plugin';
import { readBounded } from '../util/read-bounded';
import { MAX_FILE_BYTES, type Credentials } from './kubeconfig';

/** What proves to the API server who is asking, as it is now. */
export interface Identity {
  readonly token?: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

/** A mounted token is replaced well before it ends; client libraries look at it this often. */
const TOKEN_FILE_MS = 60_000;
/** A plugin's credential is asked for anew this long before it ends. */
const EXPIRES_EARLY_MS = 10_000;

/** Keeps the identity of one user current: tokens from files are read again, plugins are run again. */
export class Authentication {
  private identity: Identity | undefined;
  private freshUntil: () => boolean = () => false;
  private refreshing: Promise<Identity> | undefined;
  private readonly ended = new AbortController();

  constructor(private readonly credentials: Credentials) {
    const { cert, key, token, tokenFile, exec } = credentials;
    if (tokenFile === undefined && exec === undefined) {
      this.identity = { ...pair(cert, key), token };
      this.freshUntil = () => true;
    }
  }

  /** Whether a refused identity can be had anew. */
  get isRenewable(): boolean {
    return this.credentials.tokenFile !== undefined || this.credentials.exec !== undefined;
  }

  /** The identity; a promise only where it has to be fetched. */
  current(): Identity | Promise<Identity> {
    if (this.identity !== undefined && this.freshUntil()) return this.identity;
    // Requests that come together wait for one run of the plugin.
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  /** Forgets what the API server has refused. */
  invalidate(): void {
    if (this.isRenewable) this.freshUntil = () => false;
  }

  /** Ends a plugin that runs. */
  close(): void {
    this.ended.abort(new Error('closed'));
  }

  private async refresh(): Promise<Identity> {
    const { cert, key, tokenFile, exec } = this.credentials;
    if (tokenFile !== undefined) {
      const token = (await readTokenFile(tokenFile)).trim();
      const readAt = performance.now();
      this.freshUntil = () => performance.now() - readAt < TOKEN_FILE_MS;
      return (this.identity = { ...pair(cert, key), token });
    }
    if (exec === undefined) return (this.identity = pair(cert, key));
    const given: ExecCredential = await runExecPlugin(exec, this.ended.signal);
    this.freshUntil = () => Date.now() < given.expiresAt - EXPIRES_EARLY_MS;
    return (this.identity = {
      ...pair(given.cert ?? cert, given.key ?? key),
      token: given.token,
    });
  }
}

function pair(cert: string | Buffer | undefined, key: string | Buffer | undefined): Identity {
  return cert === undefined || key === undefined ? {} : { cert, key };
}

function readTokenFile(file: string): Promise<string> {
  return readBounded(file, MAX_FILE_BYTES)
    .then(String)
    .catch((error: NodeJS.ErrnoException) => {
      throw new TestbedError(
        'environment',
        `token file ${file} of the kubeconfig cannot be read (${error.code}): correct its path or its permissions`,
      );
    });
}
