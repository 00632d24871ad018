import { Agent, request } from 'undici';
import { quoted } from '../../../lib/visible';
import { refusalText } from '../../kubernetes/exchange';
import { errorCode } from '../../kubernetes/retry';
import { MAX_OWN_BYTES, readBounded } from '../../util/read-bounded';
import { apiServerUrl } from './arguments';
import type { Certificates } from './certificates';
import { tokenOf } from './certificates';
import type { Ports } from './state';

const ANSWER_MS = 5_000;
/** What time may mend: it is busy, or has only begun. A certificate or a token that it does not know it never will. */
const MAY_PASS = /^(ECONN(REFUSED|RESET)|UND_ERR_(SOCKET|(CONNECT|HEADERS|BODY)_TIMEOUT))$/;

/** Why an API server is not ready. */
export interface Missing {
  readonly what: string;
  /** Whether it may become ready by itself. */
  readonly mayPass: boolean;
}

/** Asks a local API server how it is, as its admin. */
export class HealthProbe {
  private constructor(
    private readonly server: string,
    private readonly token: string,
    private readonly agent: Agent,
  ) {}

  static async open(ports: Ports, certificates: Certificates): Promise<HealthProbe> {
    const connect = { ca: await readBounded(certificates.ca.cert, MAX_OWN_BYTES), timeout: ANSWER_MS };
    return new HealthProbe(
      apiServerUrl(ports),
      tokenOf(certificates, 'admin') ?? '',
      new Agent({ connect, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS }),
    );
  }

  /**
   * @returns undefined where it is ready: every check of /readyz passes and namespace `default`, which it makes last,
   * is there; else what is missing
   */
  async whatIsMissing(): Promise<Missing | undefined> {
    try {
      const readyz = await this.get('/readyz?verbose');
      if (readyz.status !== 200) {
        const failing = [...readyz.body.matchAll(/^\[-\](\S+)/gm)].map(([, check = '']) =>
          check.replace('poststarthook/', ''),
        );
        const what =
          failing.length > 0
            ? `not ready yet: ${failing.join(', ')}`
            : `/readyz says ${readyz.status}: ${quoted(readyz.body.trim())}`;
        return { what, mayPass: mayPass(readyz.status) };
      }
      const { status } = await this.get('/api/v1/namespaces/default');
      return status === 200 ? undefined : { what: `namespace default: ${status}`, mayPass: mayPass(status) };
    } catch (error) {
      return {
        what: `${this.server} does not answer: ${messageOf(error)}`,
        mayPass: (error as Error).name === 'TimeoutError' || MAY_PASS.test(errorCode(error)),
      };
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async get(path: string): Promise<{ status: number; body: string }> {
    const response = await request(this.server + path, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.token}` },
      // For all of the answer, however slowly it comes.
      signal: AbortSignal.timeout(2 * ANSWER_MS),
    });
    return { status: response.statusCode, body: await refusalText(response.body, ANSWER_MS) };
  }
}

function mayPass(status: number): boolean {
  return status !== 401 && status !== 403;
}

function messageOf(error: unknown): string {
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
