/** What `ObjectsGuard` does, in the process that Pulumi runs it in. */
import { TestbedError } from '../../lib/errors';
import { KINDS } from '../../lib/kinds';
import type { Kind } from '../../lib/kinds/kind';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { objectsPath } from '../../src/watch/paths';
import { interrupted } from './engine';
import { ClusterGoneError, withCluster } from './fleet-cluster';
import { isSame } from './property-values';
import type { CompleteProvider } from './provider-results';

interface Inputs {
  readonly kubeconfig: string;
  readonly context?: string;
}

export const objectsGuard: CompleteProvider<Inputs, Inputs> = {
  check: (_, inputs) => Promise.resolve({ inputs }),
  diff: (_, olds, news) =>
    Promise.resolve({ changes: !isSame(olds.kubeconfig, news.kubeconfig) || !isSame(olds.context, news.context) }),
  create: (inputs) => Promise.resolve({ id: 'objects', outs: inputs }),
  read: (id, props) => Promise.resolve({ id, props }),
  update: (_, __, news) => Promise.resolve({ outs: news }),

  async delete(_, props) {
    try {
      await withCluster({ ...props, signal: interrupted }, async ({ client }) => {
        await requireNone(client);
      });
    } catch (error) {
      // With the cluster its objects are gone; what else was on it is for others to say.
      if (!(error instanceof ClusterGoneError)) throw error;
    }
  },
};

interface Page {
  readonly metadata: { readonly remainingItemCount?: number };
  readonly items: readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[];
}

/** What there is of a kind. */
interface Found {
  readonly kind: Kind;
  readonly count: number;
  /** One of them: `lab/worker-1`. */
  readonly name: string;
}

/** @throws TestbedError (`cluster`) where there are objects, of whatever kinds: all are named at once */
async function requireNone(client: KubernetesClient): Promise<void> {
  const found = (await Promise.all(KINDS.map((kind) => find(client, kind)))).filter((each) => each !== undefined);
  if (found.length === 0) return;
  const told = found.map(({ kind, count, name }, i) => {
    const { one, many } = kind.noun;
    const verb = i > 0 ? '' : ` ${count === 1 ? 'is' : 'are'} still on the cluster`;
    return `${count} ${count === 1 ? one : many}${verb}, such as ${name}`;
  });
  const plurals = found.map(({ kind }) => kind.plural).join(',');
  throw new TestbedError(
    'cluster',
    `${told.join(', and ')}, and would be deleted with the platform, whoever made them: run 'pulumi destroy' for the stacks that have them first; what no stack has goes by 'kubectl delete ${plurals} --all --all-namespaces'`,
  );
}

async function find(client: KubernetesClient, kind: Kind): Promise<Found | undefined> {
  const query = { limit: 1 };
  const page = await ignoreNotFound(client.request<Page>('GET', objectsPath(kind), { query, signal: interrupted }));
  const [first] = page?.items ?? [];
  if (page === undefined || first === undefined) return undefined;
  const { namespace, name } = first.metadata;
  return { kind, count: 1 + (page.metadata.remainingItemCount ?? 0), name: `${namespace}/${name}` };
}
