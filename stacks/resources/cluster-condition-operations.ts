/** What `ClusterCondition` does, in the process that Pulumi runs it in. */
import type { ConditionName } from '../../lib/components/component';
import { CONDITIONS } from '../../src/install/waits';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { waitFor } from '../../src/util/wait-for';
import { interrupted } from './engine';
import { isSame } from './property-values';
import type { CompleteProvider } from './provider-results';

interface Inputs {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly condition: ConditionName;
  readonly objects: readonly KubernetesObject[];
  readonly task: string;
  readonly of: string;
  readonly timeoutSeconds?: number;
}

const TIMEOUT_SECONDS = 300;

export const clusterCondition: CompleteProvider<Inputs, Inputs> = {
  check: (_, inputs) => Promise.resolve({ inputs }),

  diff: (_, olds, news) => {
    const keys = ['kubeconfig', 'context', 'condition', 'objects', 'of'] as const;
    return Promise.resolve({ changes: keys.some((key) => !isSame(olds[key], news[key])) });
  },

  async create(inputs) {
    await untilSo(inputs);
    return { id: inputs.condition, outs: inputs };
  },

  // What was so once is not asked for again: whoever refreshes wants to know what is there, not whether it is ready.
  read: (id, props) => Promise.resolve({ id, props }),

  async update(_, __, news) {
    await untilSo(news);
    return { outs: news };
  },

  delete: () => Promise.resolve(),
};

async function untilSo(inputs: Inputs): Promise<void> {
  const { kubeconfig, context, condition, objects, task, timeoutSeconds = TIMEOUT_SECONDS } = inputs;
  const client = new KubernetesClient(await parseKubeconfig(kubeconfig, context));
  try {
    await waitFor({ task, deadlineMs: timeoutSeconds * 1000, signal: interrupted }, () =>
      CONDITIONS[condition](client, objects),
    );
  } finally {
    await client.close();
  }
}
