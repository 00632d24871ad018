/** What clients ask for: counted, and told to whoever wants to see it while it happens. */
import type { ClusterFacts } from './facts';
import type { Request } from './http';

/** One request, when it has been answered. */
export interface AnsweredRequest {
  readonly time: string;
  readonly cluster: string;
  readonly userAgent: string;
  readonly verb: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly code: number;
  readonly seconds: number;
}

/** As long as tells one request from another. */
const SHOWN = 500;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

export class RequestCounts {
  /** How often each verb has got each status. */
  readonly counts = new Map<string, number>();
  /** Those who look. Without them nothing is made. */
  readonly listeners = new Set<(request: AnsweredRequest) => void>();

  add({ namespace, name }: ClusterFacts, request: Request, code: number, started: number): void {
    const verb = verbOf(request);
    const key = `verb="${verb}",code="${code}"`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (this.listeners.size === 0) return;
    const { headers } = request;
    const answered: AnsweredRequest = {
      time: new Date().toISOString(),
      cluster: `${namespace}/${name}`,
      userAgent: (headers['user-agent'] ?? '').slice(0, SHOWN),
      verb,
      path: (request.url ?? '').slice(0, SHOWN),
      contentType: headers['content-type']?.slice(0, SHOWN),
      accept: headers.accept?.slice(0, SHOWN),
      code,
      seconds: Number(((performance.now() - started) / 1000).toFixed(4)),
    };
    for (const listener of this.listeners) listener(answered);
  }
}

function verbOf({ method = '', url = '', headers }: Request): string {
  if (headers.upgrade !== undefined) return 'CONNECT';
  if (!METHODS.has(method)) return 'OTHER';
  return method === 'GET' && /[?&]watch=(true|1)/.test(url) ? 'WATCH' : method;
}
