import * as pulumi from '@pulumi/pulumi';
import { withPlainErrors } from '../plain-errors';
import { LOCAL_CLUSTER } from './cluster-schemas';
import { ownerHere, withoutImport } from './made-here';
import { packageProvider } from './package-provider';
import { replacedInPlace } from './replaced-in-place';
import { requireArguments } from './require-arguments';

/** What an embedded control plane is started with. */
export interface LocalClusterArgs {
  /**
   * Folder on this machine for its data, certificates and logs; a relative path begins at the program's folder. Another
   * folder is another cluster.
   * @default - one for this resource of this stack, below XDG_STATE_HOME
   */
  readonly stateDir?: pulumi.Input<string | undefined>;
  /**
   * Whether kube-controller-manager runs, with the controllers by which what a deleted object owned is deleted, and deleted
   * namespaces end.
   * @default true
   */
  readonly controllerManager?: pulumi.Input<boolean | undefined>;
  /** How long the API server may take to become ready, in seconds. @default 120 */
  readonly timeoutSeconds?: pulumi.Input<number | undefined>;
}

const PROVIDER = packageProvider('local-cluster');

/**
 * The embedded control plane on this machine: etcd, kube-apiserver and kube-controller-manager as background processes on
 * loopback. It runs no pods. One that has stopped is started with its data by the next `pulumi up`; one whose folder is gone
 * is made anew. Deleting it deletes its data.
 */
export class LocalCluster extends pulumi.dynamic.Resource {
  /** Content of a kubeconfig of this cluster alone; a secret. */
  declare readonly kubeconfig: pulumi.Output<string>;
  /** The folder that it has for itself, by its full path. */
  declare readonly folder: pulumi.Output<string>;
  /** Whether deleted namespaces end there, and owned objects go with their owners. */
  declare readonly hasControllers: pulumi.Output<boolean>;

  constructor(name: string, args: LocalClusterArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    withPlainErrors(() => requireArguments(`LocalCluster ${name}`, LOCAL_CLUSTER, args));
    const props = {
      ...args,
      owner: ownerHere(name),
      kubeconfig: undefined,
      folder: undefined,
      hasControllers: undefined,
    };
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), 'kubeconfig'];
    const options = {
      ...withoutImport('LocalCluster', opts, 'give it a stateDir of its own'),
      additionalSecretOutputs,
    };
    super(PROVIDER, name, props, replacedInPlace(options), 'metal3-testbed', 'LocalCluster');
  }
}
