import type * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import type { CredentialsEntry, HostSetEntry, Retyped } from '../../lib/testbed/entries';
import type { OnClusterGone, WaitFor } from './host-fleet-state';

/** A value of which any part may be the output of another resource. */
export type NestedInput<T> = pulumi.Input<
  T extends string | number | boolean | SensitiveText | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly NestedInput<Item>[]
      : { readonly [K in keyof T]: NestedInput<T[K]> }
>;

/**
 * Credentials of the BMCs: values, which Pulumi keeps as secrets; the environment variable or file that holds one, which
 * is read on each `up`, a file relative to the folder of the program; or a Secret that exists.
 */
export type HostFleetCredentials = NestedInput<
  Retyped<
    CredentialsEntry,
    {
      readonly username: string | SensitiveText | undefined;
      readonly password: string | SensitiveText | undefined;
    }
  >
>;

/** The hosts of a fleet: a host set, of which any part may be the output of another resource. */
export type HostFleetHosts = {
  readonly [K in keyof Omit<HostSetEntry, 'credentials'>]: NestedInput<HostSetEntry[K]>;
} & {
  /** @default - `admin` and `password` */
  readonly credentials?: HostFleetCredentials | undefined;
};

/** A host set, and where it goes: to the cluster of `kubeconfig`, of `provider`, or of the provider among the options. */
export interface HostFleetArgs extends HostFleetHosts {
  /**
   * Content of a kubeconfig, or the path of one, relative to the folder of the program. Kept as a secret.
   * @default - that of `provider`
   */
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  /** @default - the kubeconfig's current context */
  readonly context?: pulumi.Input<string | undefined>;
  /**
   * A provider of `@pulumi/kubernetes` that was given a kubeconfig, instead of `kubeconfig`.
   * @default - the one among the resource's options, or its parent's
   */
  readonly provider?: kubernetes.Provider | undefined;
  /**
   * Name of the ApplySet that the objects belong to; no two fleets of a cluster may have the same. Another name replaces
   * the fleet.
   * @default - `project.stack.name`
   */
  readonly set?: pulumi.Input<string | undefined>;
  /**
   * Whether namespaces that are not there are made, and deleted with the fleet.
   * @default true
   */
  readonly createNamespaces?: pulumi.Input<boolean | undefined>;
  /**
   * Whether fields that somebody else has changed are taken back.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: pulumi.Input<boolean | undefined>;
  /**
   * What happens once the cluster is not there any more, which `destroy` and `refresh` cannot know to be meant. For one
   * run, PULUMI_K8S_DELETE_UNREACHABLE=true in the environment is `forget`.
   * @default 'fail'
   */
  readonly onClusterGone?: pulumi.Input<OnClusterGone | undefined>;
  /**
   * How long deleted hosts may take to be gone, in seconds: what simulates them has to clear their finalizers.
   * @default 600
   */
  readonly deleteTimeoutSeconds?: pulumi.Input<number | undefined>;
  /**
   * What an update waits for once the hosts are written: `settled`, which takes something that simulates them; `{ state,
   * share }`; or `none`. Where the deadline passes the fleet is recorded, and the next `up` goes on waiting.
   * @default 'none'
   */
  readonly waitFor?: NestedInput<WaitFor | undefined>;
  /** How long that may take, in seconds. @default 600 */
  readonly waitTimeoutSeconds?: pulumi.Input<number | undefined>;
  /**
   * Whether each object is a Pulumi resource of its own: for at most 1,000 hosts, and slower by orders of magnitude. The
   * hosts have to be plain values then, and `set`, `forceConflicts`, `deleteTimeoutSeconds` and `waitFor` have no meaning.
   * A fleet has to be destroyed before this can change.
   * @default false
   */
  readonly asResources?: boolean | undefined;
}
