import * as pulumi from '@pulumi/pulumi';
import type { ConditionName } from '../../lib/components/component';
import { packageProvider } from './package-provider';

/** Something about a cluster that has to be so before other resources are made. */
export interface ClusterConditionArgs {
  /** Content of the cluster's kubeconfig. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current one */
  readonly context?: pulumi.Input<string | undefined>;
  /** What has to be so. */
  readonly condition: ConditionName;
  /** What it is asked of: of an object, no more than what names it. */
  readonly objects: readonly object[];
  /** How the condition reads in an error: `cert-manager available`. */
  readonly task: string;
  /** Another value is reason to wait again. */
  readonly of: string;
  /** @default 300 */
  readonly timeoutSeconds?: pulumi.Input<number | undefined>;
}

const PROVIDER = packageProvider('cluster-condition');

/** Is made once the condition holds. There is nothing to delete. */
export class ClusterCondition extends pulumi.dynamic.Resource {
  constructor(name: string, args: ClusterConditionArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, kubeconfig: pulumi.secret(args.kubeconfig) };
    super(PROVIDER, name, props, opts, 'metal3-testbed', 'ClusterCondition');
  }
}
