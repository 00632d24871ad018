/**
 * Pods of several nodes reach each other where a node image has a plain bridge for one node alone: each node gets the
 * addresses that Kubernetes has for it, and routes to the others. Images with a network of their own are left as they are.
 */
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { runProgram } from './cli';

const BRIDGE = '/etc/cni/net.d/10-bridge.conflist';

interface Node {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podCIDR: string };
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

export async function connectNodes(client: KubernetesClient): Promise<void> {
  const { items } = await client.request<{ readonly items: readonly Node[] }>('GET', '/api/v1/nodes');
  const nodes = items.map(({ metadata: { name }, spec: { podCIDR }, status: { addresses } }) => ({
    name,
    podCIDR,
    address: addresses.find(({ type }) => type === 'InternalIP')?.address ?? '',
  }));
  const [first] = nodes;
  if (first === undefined || (await runProgram('docker', ['exec', first.name, 'test', '-e', BRIDGE])).code !== 0)
    return;
  for (const { name, podCIDR } of nodes) {
    const subnet = `s#"subnet":"[^"]*"#"subnet":"${podCIDR}"#`;
    const routes = nodes
      .filter((other) => other.name !== name)
      .map((other) => `ip route replace ${other.podCIDR} via ${other.address}`);
    await runProgram('docker', ['exec', name, 'sh', '-c', [`sed -i '${subnet}' ${BRIDGE}`, ...routes].join(' && ')]);
  }
  // kube-proxy of other nodes looks for the control plane by a name that only its own container knows.
  const path = `${collectionPath('v1', 'configmaps', 'kube-system')}/kube-proxy`;
  const { data } = await client.request<{ readonly data: Readonly<Record<string, string>> }>('GET', path);
  const config = data['kubeconfig.conf'] ?? '';
  const controlPlane = nodes.find(({ name }) => config.includes(`https://${name}:`));
  if (controlPlane === undefined) return;
  await client.request('PATCH', path, {
    contentType: 'application/merge-patch+json',
    body: {
      data: { 'kubeconfig.conf': config.replace(`https://${controlPlane.name}:`, `https://${controlPlane.address}:`) },
    },
  });
  await client.request('DELETE', collectionPath('v1', 'pods', 'kube-system'), {
    query: { labelSelector: 'k8s-app=kube-proxy' },
  });
}
