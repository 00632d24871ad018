import type * as pulumi from '@pulumi/pulumi';
import type { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import type { CredentialsEntry, HostSetEntry, Retyped } from '../../lib/testbed/entries';
import type { OnClusterGone } from './host-fleet-state';

/**
 * Credentials of the BMCs: values, which Pulumi keeps as secrets; the environment variable or file that holds one, which
 * is read on each `up`, a file relative to the folder of the program; or a Secret that exists.
 */
export type HostFleetCredentials = Retyped<
  CredentialsEntry,
  {
    readonly username: pulumi.Input<string> | SensitiveText | undefined;
    readonly password: pulumi.Input<string> | SensitiveText | undefined;
  }
>;

/** A host set, and where it goes. */
export interface HostFleetArgs extends Retyped<HostSetEntry, { readonly credentials: HostFleetCredentials }> {
  /** Content of a kubeconfig, or the path of one, relative to the folder of the program. Kept as a secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current context */
  readonly context?: pulumi.Input<string>;
  /**
   * Name of the ApplySet that the objects belong to; no two fleets of a cluster may have the same. Another name replaces
   * the fleet.
   * @default - `project.stack.name`
   */
  readonly set?: string;
  /**
   * Whether namespaces that are not there are made, and deleted with the fleet.
   * @default true
   */
  readonly createNamespaces?: boolean;
  /**
   * Whether fields that somebody else has changed are taken back.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: boolean;
  /**
   * What happens once the cluster is not there any more, which `destroy` and `refresh` cannot know to be meant.
   * @default 'fail'
   */
  readonly onClusterGone?: OnClusterGone;
  /**
   * How long deleted hosts may take to be gone, in seconds: what simulates them has to clear their finalizers.
   * @default 600
   */
  readonly deleteTimeoutSeconds?: number;
  /**
   * Whether each object is a Pulumi resource of its own: for at most 1,000 hosts, and slower by orders of magnitude.
   * `set`, `forceConflicts` and `deleteTimeoutSeconds` have no meaning then. A fleet has to be destroyed before this can
   * change.
   * @default false
   */
  readonly asResources?: boolean;
}
