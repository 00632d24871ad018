import * as pulumi from '@pulumi/pulumi';
import type { PortMapping } from '../../src/cluster/kind/config';
import type { NestedInput } from './fleet-args';
import { withPlainErrors } from '../plain-errors';
import { KIND_CLUSTER } from './cluster-schemas';
import { ownerHere, withoutImport } from './made-here';
import { packageProvider } from './package-provider';
import { replacedInPlace } from './replaced-in-place';
import { requireArguments } from './require-arguments';

/** What a kind cluster is made of. */
export interface KindClusterArgs {
  /**
   * Name of the cluster, and first part of its containers' names. Another name is another cluster.
   * @default 'metal3-testbed'
   */
  readonly name?: pulumi.Input<string | undefined>;
  /**
   * Image of its nodes. Another image is another cluster.
   * @default - kind's own, which belongs to its release
   */
  readonly nodeImage?: pulumi.Input<string | undefined>;
  /**
   * Worker nodes beside the one control plane. Another number is another cluster.
   * @default 0
   */
  readonly workers?: pulumi.Input<number | undefined>;
  /**
   * Ports of this machine that lead to the node. Others are another cluster.
   * @default - none but the API server's, which is a free one
   */
  readonly ports?: NestedInput<readonly PortMapping[] | undefined>;
  /**
   * Where images of a registry are pulled from instead: `{ 'quay.io': ['http://10.0.0.5:5000'] }`. Others are another
   * cluster.
   * @default - none
   */
  readonly registryMirrors?: NestedInput<Readonly<Record<string, readonly string[]>> | undefined>;
  /**
   * Images, or archives of images, that are put onto its nodes. More can be added to a cluster that runs; those that are
   * taken off this list stay on the nodes.
   * @default - none
   */
  readonly loadImages?: NestedInput<readonly string[] | undefined>;
  /**
   * Whether a cluster of this name that exists, and that this resource has not made, becomes this resource's: it is then
   * deleted with it, unless `retainOnDelete` says otherwise. Without this it is refused.
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean | undefined>;
  /**
   * Folder on this machine for its kubeconfig and record; a relative path begins at the program's folder.
   * @default - one for this resource of this stack, below XDG_STATE_HOME
   */
  readonly stateDir?: pulumi.Input<string | undefined>;
  /**
   * How long its nodes may take until they are ready, in seconds.
   * @default 300
   */
  readonly timeoutSeconds?: pulumi.Input<number | undefined>;
}

const PROVIDER = packageProvider('kind-cluster');

/**
 * A kind cluster on this machine. What kind can change is changed (images are added, stopped nodes started); what it
 * cannot makes another cluster. One that somebody has deleted is made anew by the next `pulumi up`, with or without a
 * refresh.
 */
export class KindCluster extends pulumi.dynamic.Resource {
  /** Name of the cluster. */
  declare readonly name: pulumi.Output<string>;
  /** Content of a kubeconfig of this cluster alone; a secret. */
  declare readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: KindClusterArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    withPlainErrors(() => requireArguments(`KindCluster ${name}`, KIND_CLUSTER, args));
    const props = { name: undefined, ...args, owner: ownerHere(name), kubeconfig: undefined };
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), 'kubeconfig'];
    const options = {
      ...withoutImport('KindCluster', opts, 'adopt: true takes over one that exists'),
      additionalSecretOutputs,
    };
    super(PROVIDER, name, props, replacedInPlace(options), 'metal3-testbed', 'KindCluster');
  }
}
