import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';

/** What the codes of Node.js and undici say, and how to mend it. */
const REASONS: readonly (readonly [code: RegExp, what: (code: string, message: string) => string])[] = [
  [
    // A server that is there and silent waits for something itself, and that is etcd.
    /^ETIMEDOUT$/,
    (code) =>
      `does not answer (${code}): check that its etcd runs and has free disk space ('metal3-testbed status' does so for an embedded control plane)`,
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_/,
    (code) =>
      `shows a certificate that cannot be verified (${code}): check certificate-authority-data and tls-server-name of its cluster in the kubeconfig`,
  ],
  [
    /^ERR_OSSL/,
    (code) =>
      `cannot be asked (${code}): check that certificate-authority, client-certificate and client-key in the kubeconfig are certificates and a key`,
  ],
  [
    /^UND_ERR_INVALID_ARG$/,
    (_, message) => `cannot be asked (${quoted(message)}): check that the token in the kubeconfig is one line of text`,
  ],
  [
    /^(HPE_.*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_.*|ERR_HTTP2_(?!GOAWAY|SESSION|STREAM_CANCEL|INVALID_SESSION).*|NGHTTP2_.*|CROWDED)$/,
    (code) => `does not answer HTTP like an API server (${code}): check the address, and what proxy is in front of it`,
  ],
  [/^UND_ERR_ABORTED$/, (_, message) => `is behind a proxy that does not let it through (${quoted(message)})`],
  [/^/, (code, message) => `cannot be reached (${code || quoted(message)}): check that the cluster is up`],
];

/** The error for a request that did not get to the API server, or of which no answer came. */
export function unreachable(server: string, error: unknown, code: string): TestbedError {
  const { message } = error as Error;
  // undici's parser gives some of its errors no code.
  if (code === '' && /HTTP\/1\.1 protocol/.test(message)) return unreachable(server, error, 'HPE_INVALID');
  const what = REASONS.find(([pattern]) => pattern.test(code))?.[1](code, message) ?? '';
  return new TestbedError('cluster', `the API server at ${server} ${what}`, { cause: error });
}
