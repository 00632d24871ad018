import * as pulumi from '@pulumi/pulumi';
import { packageProvider } from './package-provider';

export interface ObjectsGuardArgs {
  /** Content of the cluster's kubeconfig. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current one */
  readonly context?: pulumi.Input<string | undefined>;
}

const PROVIDER = packageProvider('objects-guard');

/**
 * Is deleted only once no hosts and no clusters are left on the cluster. With their CRDs they would be deleted too, whoever
 * made them, and without what simulates them they would never go.
 */
export class ObjectsGuard extends pulumi.dynamic.Resource {
  constructor(name: string, args: ObjectsGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, kubeconfig: pulumi.secret(args.kubeconfig) };
    super(PROVIDER, name, props, opts, 'metal3-testbed', 'ObjectsGuard');
  }
}
