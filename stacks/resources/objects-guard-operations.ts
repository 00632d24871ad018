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
        for (const kind of KINDS) await requireNone(client, kind);
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

/** @throws TestbedError (`cluster`) where there is an object of the kind */
async function requireNone(client: KubernetesClient, kind: Kind): Promise<void> {
  const query = { limit: 1 };
  const page = await ignoreNotFound(client.request<Page>('GET', objectsPath(kind), { query, signal: interrupted }));
  const [first] = page?.items ?? [];
  if (page === undefined || first === undefined) return;
  const count = 1 + (page.metadata.remainingItemCount ?? 0);
  const { namespace, name } = first.metadata;
  const { one, many } = kind.noun;
  throw new TestbedError(
    'cluster',
    `${count} ${count === 1 ? `${one} is` : `${many} are`} still on the cluster, such as ${namespace}/${name}, and would be deleted with the platform, whoever made them: run 'pulumi destroy' for the stack that has them first; what no stack has goes by 'kubectl delete ${kind.plural} --all --all-namespaces'`,
  );
}
