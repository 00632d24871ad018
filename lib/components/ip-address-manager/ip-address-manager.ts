import type { Construct } from 'constructs';
import type { ProviderProps } from '../cluster-api-provider/options';
import { ClusterApiProvider } from '../cluster-api-provider/provider';
import { ipAddressManagerSchema, ipAddressManagerSpec } from './spec';

/** Objects of each kind that are worked on at the same time, from 1. */
export interface IpAddressManagerConcurrency {
  /** IPPools. @default 10 */
  readonly ipPool?: number | undefined;
}

/** Metal3's IP address manager: addresses of machines, from pools. */
export interface IpAddressManagerProps extends ProviderProps {
  /**
   * How many objects of each kind are worked on at the same time.
   * @default {} - the manager's own, 10
   */
  readonly concurrency?: IpAddressManagerConcurrency | undefined;
}

/** Metal3's IP address manager v1.13: its three kinds, the manager that takes care of them, and its webhooks. */
export class IpAddressManager extends ClusterApiProvider {
  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: IpAddressManagerProps = {}) {
    super(scope, id, ipAddressManagerSpec, ipAddressManagerSchema, props);
  }
}
