import type { Listener } from '../../util/events';
import { ApiError } from '../../kubernetes/api-error';
import { type KubernetesClient } from '../../kubernetes/client';
import { waitFor } from '../../util/wait-for';

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    };
  }[];
}

/**
 * Waits until the API server answers and every node is ready.
 *
 * @throws TestbedError (`timeout`) naming the nodes that are not, and why
 */
export async function untilNodesReady(
  client: KubernetesClient,
  options: {
    readonly deadlineMs: number;
    readonly listener?: Listener | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { deadlineMs, listener, signal } = options;
  await waitFor({ task: 'nodes ready', deadlineMs, listener, signal }, async () => {
    let nodes: NodeList['items'];
    try {
      ({ items: nodes } = await client.request<NodeList>('GET', '/api/v1/nodes', {
        retryMs: 0,
        signal,
      }));
    } catch (error) {
      signal?.throwIfAborted();
      // An API server that has just started answers 403 until its own roles are there.
      if (error instanceof ApiError && error.status === 401) throw error;
      return (error as Error).message;
    }
    if (nodes.length === 0) return 'no node has joined yet';
    const late = nodes.flatMap(({ metadata, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status === 'True') return [];
      return [`${metadata.name} (${ready?.message ?? 'its kubelet has said nothing yet'})`];
    });
    return late.length === 0 ? undefined : late.join(', ');
  });
}
