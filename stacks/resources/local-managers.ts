import * as pulumi from '@pulumi/pulumi';
import type { TestbedProps } from '../../lib/testbed/resolve';
import type { NestedInput } from './fleet-args';
import { withPlainErrors } from '../plain-errors';
import type { OnClusterGone } from './fleet-state';
import { FOUND, withoutImport } from './made-here';
import { requireManagers } from './require-beside';
import { packageProvider } from './package-provider';
import { replacedInPlace } from './replaced-in-place';

/** What takes care of clusters on an embedded control plane, which runs no pods. */
export interface LocalManagersArgs {
  /** Folder of the control plane, as `LocalCluster` puts it out. */
  readonly folder: pulumi.Input<string>;
  /** Cluster API and its providers. @default - all, of the built-in releases */
  readonly clusterApi?: NestedInput<TestbedProps['clusterApi']>;
  /** Whether fields that somebody else has changed are taken back. @default false */
  readonly forceConflicts?: pulumi.Input<boolean | undefined>;
  /** What deleting does where the cluster cannot be reached. @default 'fail' */
  readonly onClusterGone?: pulumi.Input<OnClusterGone | undefined>;
  /** How long each wait may take, in seconds. @default 300 */
  readonly timeoutSeconds?: pulumi.Input<number | undefined>;
}

const PROVIDER = packageProvider('local-managers');

/**
 * The managers of Cluster API as background processes beside an embedded control plane, what they need on it, and who answers
 * for the API of workload clusters. They need the CRD of hosts. Those that have ended are started again by the next
 * `pulumi up`.
 */
export class LocalManagers extends pulumi.dynamic.Resource {
  /** The version of each manager's program, by its component. */
  declare readonly managers: pulumi.Output<Readonly<Record<string, string>>>;
  /** The processes: the managers, and `workload-api`. */
  declare readonly processes: pulumi.Output<readonly string[]>;

  constructor(name: string, args: LocalManagersArgs, opts: pulumi.CustomResourceOptions = {}) {
    withPlainErrors(() => requireManagers(`LocalManagers ${name}`, args));
    const { clusterApi = {} } = args;
    const props = { ...args, clusterApi, managers: undefined, processes: undefined };
    const options = withoutImport('LocalManagers', opts, FOUND);
    super(PROVIDER, name, props, replacedInPlace(options), 'metal3-testbed', 'LocalManagers');
  }
}
