import { lookForProgram } from '../../src/programs/find';
import { runProgram } from './cli';

/**
 * @param nodeImage the image that nodes are to be made from; undefined for kind's own
 * @returns why a kind cluster cannot be made here; undefined where it can
 */
export async function whyNoKind(nodeImage: string | undefined): Promise<string | undefined> {
  const engine = await runProgram('docker', ['info']).catch(() => undefined);
  if (engine?.code !== 0) return 'no Docker engine answers';
  const kind = await lookForProgram('kind', { fetch: false });
  if ('tried' in kind) return `kind was not found (${kind.tried.join('; ')})`;
  if (nodeImage === undefined) {
    // kind's own image belongs to its release, and may be hundreds of megabytes away.
    const { stdout } = await runProgram('docker', ['images', '--quiet', 'kindest/node']);
    return stdout.trim() === ''
      ? 'no node image: METAL3_TESTBED_NODE_IMAGE is not set, and no kindest/node is here'
      : undefined;
  }
  const found = await runProgram('docker', ['image', 'inspect', nodeImage]);
  return found.code === 0 ? undefined : `METAL3_TESTBED_NODE_IMAGE names ${nodeImage}, which the engine does not have`;
}
