import { createHash } from 'node:crypto';
import { parseKubeconfig } from '../src/kubernetes/kubeconfig';

/**
 * Tells the cluster of a kubeconfig from any other without showing anything of it: by its CA, which a cluster keeps for
 * life, and otherwise by its address.
 *
 * @param content YAML of the kubeconfig
 * @returns 16 hex digits
 * @throws TestbedError (`invalid-input`) where it is none
 */
export async function clusterDigest(content: string, context?: string): Promise<string> {
  const { ca, server } = await parseKubeconfig(content, context);
  return createHash('sha256')
    .update(ca ?? server)
    .digest('hex')
    .slice(0, 16);
}
