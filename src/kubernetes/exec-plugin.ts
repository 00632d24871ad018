import { TestbedError } from '../../lib/errors';
import { run } from '../process/spawn';
import { isMap } from '../util/is-map';

/** A program that gives credentials, as a kubeconfig names it. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  /** The cluster's part of the kubeconfig, where the plugin wants to know it. */
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** What a plugin gave. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970 until which it is good; Infinity where the plugin does not say. */
  readonly expiresAt: number;
}

const TIMEOUT_MS = 60_000;
const FIELDS = ['token', 'clientCertificateData', 'clientKeyData', 'expirationTimestamp'] as const;
/** A token has a few KiB, a certificate and its key as many. */
const MAX_OUTPUT = 200 * 1024;

/**
 * Runs a credential plugin (client.authentication.k8s.io).
 *
 * @throws TestbedError (`environment`) where it is missing, fails, or gives nothing that can be used; its output is
 * never shown, since it is the credential
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  signal: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<ExecCredential> {
  const fail = (what: string) =>
    new TestbedError(
      'environment',
      `credential plugin '${plugin.command}' of the kubeconfig ${what}: run it by hand to see why`,
    );
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: plugin.cluster },
  };
  const result = await run(plugin.command, plugin.args, {
    env: { ...process.env, ...Object.fromEntries(plugin.env), KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    timeoutMs,
    maxOutput: MAX_OUTPUT,
    signal,
  });
  if (result.startError !== undefined) throw fail(`cannot be run (${result.startError.code})`);
  if (result.overflowed) throw fail(`printed more than ${MAX_OUTPUT} bytes`);
  if (result.timedOut) throw fail(`timed out after ${timeoutMs / 1000} s`);
  if (result.code !== 0) throw fail(`failed with exit code ${result.code}`);
  interface Output {
    readonly status?: {
      token?: string;
      clientCertificateData?: string;
      clientKeyData?: string;
      expirationTimestamp?: string;
    };
  }
  let output: unknown;
  try {
    output = JSON.parse(result.stdout);
  } catch {
    throw fail('gave no JSON');
  }
  const status = isMap(output) ? (output as Output).status : undefined;
  if (isMap(status) && FIELDS.some((name) => status[name] !== undefined && typeof status[name] !== 'string'))
    throw fail('gave something else than a credential');
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status ?? {};
  if (token === undefined && (cert === undefined || key === undefined))
    throw fail('returned neither a token nor a certificate');
  const expiresAt = expirationTimestamp === undefined ? Infinity : Date.parse(expirationTimestamp);
  const isPair = cert !== undefined && key !== undefined;
  return {
    token,
    cert: isPair ? cert : undefined,
    key: isPair ? key : undefined,
    expiresAt: Number.isNaN(expiresAt) ? Infinity : expiresAt,
  };
}
