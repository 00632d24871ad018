import * as pulumi from '@pulumi/pulumi';
import type { TestbedProps } from '../../lib/testbed/resolve';
import type { SimulatorKind } from '../../src/simulators/names';
import type { NestedInput } from './fleet-args';
import { withPlainErrors } from '../plain-errors';
import { FOUND, withoutImport } from './made-here';
import { packageProvider } from './package-provider';
import { requireSimulators } from './require-beside';
import { replacedInPlace } from './replaced-in-place';

/** What simulates the hosts of an embedded control plane, which runs no pods. */
export interface LocalSimulatorsArgs {
  /** Folder of the control plane, as `LocalCluster` puts it out. */
  readonly folder: pulumi.Input<string>;
  /**
   * The Bare Metal Operator in test mode, or kwok.
   * @default - the operator of the description's release where its program can be had, otherwise kwok
   */
  readonly kind?: pulumi.Input<SimulatorKind | undefined>;
  /** The operators that the platform was made for. @default - one in test mode, for all namespaces */
  readonly operators?: NestedInput<TestbedProps['operators']>;
  /** How hosts behave where kwok simulates them. @default - delays of a second or so, and no failures */
  readonly stages?: NestedInput<TestbedProps['simulator']>;
}

const PROVIDER = packageProvider('local-simulators');

/**
 * Background processes beside an embedded control plane, which make its hosts live. They need its CRDs. Those that have
 * ended are started again by the next `pulumi up`.
 */
export class LocalSimulators extends pulumi.dynamic.Resource {
  /** What simulates the hosts. */
  declare readonly simulator: pulumi.Output<SimulatorKind>;
  /** Which build of it. */
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: LocalSimulatorsArgs, opts: pulumi.CustomResourceOptions = {}) {
    withPlainErrors(() => requireSimulators(`LocalSimulators ${name}`, args));
    const props = { ...args, simulator: undefined, version: undefined };
    const options = withoutImport('LocalSimulators', opts, FOUND);
    super(PROVIDER, name, props, replacedInPlace(options), 'metal3-testbed', 'LocalSimulators');
  }
}
