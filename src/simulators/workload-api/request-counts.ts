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

/** What one client has asked for: by its verb and the status that it got. */
type ByAnswer = Map<string, { readonly verb: string; readonly code: number; count: number }>;

/** Clients that are told apart; what comes beyond them is one more. */
const MOST_CLIENTS = 30;
const OTHERS = 'other';
/** Texts by which clients are known; programs have a few each. */
const MOST_AGENTS = 1_000;

export class RequestCounts {
  private readonly clients = new Map<string, ByAnswer>();
  /** Clients by what they call themselves. */
  private readonly agents = new Map<string, ByAnswer>();
  /** Those who look. Without them nothing is made. */
  readonly listeners = new Set<(request: AnsweredRequest) => void>();

  add({ namespace, name }: ClusterFacts, request: Request, code: number, started: number): void {
    const verb = verbOf(request);
    const byAnswer = this.clientOf(request.headers['user-agent'] ?? '');
    const key = `${verb} ${code}`;
    const counted = byAnswer.get(key);
    if (counted === undefined) byAnswer.set(key, { verb, code, count: 1 });
    else counted.count++;
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

  /** How often each client has got each status for each verb. */
  *all(): Generator<Counted> {
    for (const [client, byAnswer] of this.clients)
      for (const { verb, code, count } of byAnswer.values()) yield { client, verb, code, count };
  }

  private clientOf(agent: string): ByAnswer {
    const known = this.agents.get(agent);
    if (known !== undefined) return known;
    const name = clientName(agent);
    const client = this.clients.has(name) || this.clients.size < MOST_CLIENTS ? name : OTHERS;
    let byAnswer = this.clients.get(client);
    if (byAnswer === undefined) this.clients.set(client, (byAnswer = new Map() as ByAnswer));
    if (this.agents.size < MOST_AGENTS) this.agents.set(agent, byAnswer);
    return byAnswer;
  }
}

/** How often a client has got a status for a verb. */
export interface Counted {
  readonly client: string;
  readonly verb: string;
  readonly code: number;
  readonly count: number;
}

/**
 * Who somebody is: managers of Cluster API say which of their parts asks, behind their program
 * (`manager/v1.13.4 cluster-api-controller-manager (linux/amd64) cluster.x-k8s.io/…`).
 */
export function clientName(agent: string): string {
  const [, part, program] =
    /^\S+ ([\w.-]{1,63}) \(.*cluster\.x-k8s\.io|^([\w.-]{1,63})/.exec(agent.slice(0, SHOWN)) ?? [];
  return part ?? program ?? OTHERS;
}

function verbOf({ method = '', url = '', headers }: Request): string {
  if (headers.upgrade !== undefined) return 'CONNECT';
  if (!METHODS.has(method)) return 'OTHER';
  return method === 'GET' && /[?&]watch=(true|1)/.test(url) ? 'WATCH' : method;
}
