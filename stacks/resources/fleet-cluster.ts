import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { TestbedError } from '../../lib/errors';
import { clusterUid } from '../../src/apply/cluster-identity';
import { ApiError } from '../../src/kubernetes/api-error';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig, readKubeconfig } from '../../src/kubernetes/kubeconfig';

/** The cluster that a fleet was put on is not there: not reachable, or another one has taken its place. */
export class ClusterGoneError extends TestbedError {
  constructor(message: string, options?: ErrorOptions) {
    super('cluster', message, options);
  }
}

/** A cluster that answers. */
export interface FleetCluster {
  readonly client: KubernetesClient;
  readonly uid: string;
}

export interface FleetClusterProps {
  /** Content of a kubeconfig, or the path of one. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** UID of the cluster that is meant. @default any */
  readonly expectedUid?: string | undefined;
  /** What was created there. @default 'hosts' */
  readonly what?: string | undefined;
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** No path that anybody writes is longer; any kubeconfig is. */
const LONGEST_PATH = 512;
/** How long a cluster may take to say who it is. */
const ANSWER_MS = 10_000;

/**
 * Runs something on a cluster, and closes the connection again.
 *
 * @throws ClusterGoneError where it is not there; TestbedError (`invalid-input`) for a kubeconfig that is none
 */
export async function withCluster<T>(
  props: FleetClusterProps,
  work: (cluster: FleetCluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context, expectedUid, what = 'hosts', signal } = props;
  const isContent = isKubeconfigContent(kubeconfig);
  if (!isContent && !existsSync(kubeconfig.replace(/^~(?=\/)/, homedir())))
    throw new ClusterGoneError(`the kubeconfig file ${nameOfFile(kubeconfig)} does not exist`);
  const credentials = await (isContent ? parseKubeconfig(kubeconfig, context) : readKubeconfig(kubeconfig, context));
  const client = new KubernetesClient(credentials);
  try {
    const uid = await identify(client, signal);
    if (expectedUid !== undefined && uid !== expectedUid) {
      throw new ClusterGoneError(
        `the API server at ${client.server} belongs to cluster ${uid}, but the ${what} were created on cluster ${expectedUid}`,
      );
    }
    return await work({ client, uid });
  } finally {
    await client.close();
  }
}

/** As `@pulumi/kubernetes` has it, one property takes both: a path has no line break and no brace. */
function isKubeconfigContent(kubeconfig: string): boolean {
  return /[\n{]/.test(kubeconfig);
}

/** What is no path may be a kubeconfig in another form, of which nothing is to be shown. */
function nameOfFile(kubeconfig: string): string {
  if (kubeconfig === '') return "''";
  return kubeconfig.length <= LONGEST_PATH ? kubeconfig : `of ${kubeconfig.length} characters (give YAML, or a path)`;
}

async function identify(client: KubernetesClient, signal?: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    return await clusterUid(client, signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    signal?.throwIfAborted();
    const why = error instanceof TestbedError ? error.message : `the API server at ${client.server} cannot be reached`;
    throw new ClusterGoneError(why, { cause: error });
  }
}
