import * as pulumi from '@pulumi/pulumi';
import { TestbedError } from '../lib/errors';
import type { KindClusterShape } from '../src/cluster/kind/config';
import { extractContext } from '../src/cluster/existing/context';
import { findLocalCluster } from '../src/cluster/local/local-cluster';
import { readKubeconfig } from '../src/kubernetes/kubeconfig';
import { KindCluster } from './resources/kind-cluster';

/** A kind cluster that the layer makes. */
export interface KindLayerConfig extends KindClusterShape {
  readonly kind: 'kind';
  /** Images, or archives of images, that are put onto its nodes. @default - none */
  readonly loadImages?: readonly string[];
  /** Whether a cluster of this name that exists is taken over. @default false */
  readonly adopt?: boolean;
  /** Folder for its kubeconfig and record. @default - one for this stack, below XDG_STATE_HOME */
  readonly stateDir?: string;
  /** How long its nodes may take until they are ready, in seconds. @default 300 */
  readonly timeoutSeconds?: number;
}

/** The embedded control plane of a testbed that runs: `metal3-testbed up` starts it. */
export interface LocalLayerConfig {
  readonly kind: 'local';
  /** Folder of that testbed. */
  readonly stateDir: string;
}

/** A cluster that somebody else has made. */
export interface ExistingLayerConfig {
  readonly kind: 'existing';
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** Its context; never the current one: whoever means a cluster says its name. */
  readonly context: string;
}

/** Which cluster the layer gives. */
export type ClusterLayerConfig = KindLayerConfig | LocalLayerConfig | ExistingLayerConfig;

/** What the layers above need of a cluster. */
export interface ClusterLayerOutputs {
  /** Content of a kubeconfig of this cluster alone; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Whether the cluster runs pods. */
  readonly hasPods: boolean;
}

/**
 * The `cluster` layer: a kind cluster, or one that is there.
 *
 * @throws TestbedError: `invalid-input` for a kubeconfig or context that is none; `environment` for an embedded control
 * plane that does not run
 */
export async function clusterLayer(config: ClusterLayerConfig): Promise<ClusterLayerOutputs> {
  switch (config.kind) {
    case 'kind': {
      const { kind: _, ...args } = config;
      return { kubeconfig: new KindCluster('cluster', args).kubeconfig, hasPods: true };
    }
    case 'local':
      return { kubeconfig: await contextOf(await localKubeconfig(config.stateDir)), hasPods: false };
    case 'existing':
      return { kubeconfig: await contextOf(config.kubeconfig, config.context), hasPods: true };
  }
}

/** The path of the kubeconfig of a control plane that runs. */
async function localKubeconfig(stateDir: string): Promise<string> {
  const found = await findLocalCluster(stateDir);
  if (found?.status === 'running') return found.connection.kubeconfig;
  const why = found === undefined ? 'there is none' : `it is ${found.status} (${found.reasons.join('; ')})`;
  throw new TestbedError(
    'environment',
    `no embedded control plane runs in ${stateDir}: ${why}; start it with 'metal3-testbed up --state-dir ${stateDir}'`,
  );
}

async function contextOf(file: string, context?: string): Promise<pulumi.Output<string>> {
  const { context: name } = await readKubeconfig(file, context);
  return pulumi.secret(await extractContext(file, name));
}
