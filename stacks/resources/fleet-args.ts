import type * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import type { CredentialsEntry, Retyped } from '../../lib/testbed/entries';
import type { OnClusterGone, WaitFor } from './fleet-state';

/** A value of which any part may be the output of another resource. */
export type NestedInput<T> = pulumi.Input<
  unknown extends T
    ? T
    : T extends string | number | boolean | SensitiveText | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly NestedInput<Item>[]
        : { readonly [K in keyof T]: NestedInput<T[K]> }
>;

/**
 * Credentials of the BMCs: values, which Pulumi keeps as secrets; the environment variable or file that holds one, which
 * is read on each `up`, a file relative to the folder of the program; or a Secret that exists.
 */
export type FleetCredentials = NestedInput<
  Retyped<
    CredentialsEntry,
    {
      readonly username: string | SensitiveText | undefined;
      readonly password: string | SensitiveText | undefined;
    }
  >
>;

/** Where a fleet goes, to the cluster of `kubeconfig`, of `provider`, or of the provider among the options; and how. */
export interface FleetArgs {
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
   * @default - `project.stack.name`, as they are when the fleet is made: it stays when the fleet or its stack is renamed
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
   * How long deleted objects may take until the next one is gone, in seconds: who takes care of them has to clear their finalizers.
   * @default 600
   */
  readonly deleteTimeoutSeconds?: pulumi.Input<number | undefined>;
  /**
   * What an update waits for once all is written: `settled`, which takes something that simulates hosts, or makes clusters of
   * what describes them; `{ state, share }`; or `none`. Where the deadline passes the fleet is recorded, and the next `up` goes on waiting.
   * @default 'none'
   */
  readonly waitFor?: NestedInput<WaitFor | undefined>;
  /**
   * How long that may take, in seconds.
   * @default - 600, and half a second a host or 10 seconds a cluster
   */
  readonly waitTimeoutSeconds?: pulumi.Input<number | undefined>;
}

/** Their names, to tell them from what describes the objects. */
export const FLEET_ARGS: ReadonlySet<string> = new Set([
  'kubeconfig',
  'context',
  'provider',
  'set',
  'createNamespaces',
  'forceConflicts',
  'onClusterGone',
  'deleteTimeoutSeconds',
  'waitFor',
  'waitTimeoutSeconds',
] satisfies (keyof FleetArgs)[]);
