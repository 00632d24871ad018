import type { HostStagesProps } from '../../kinds/bare-metal-host/stages/host-stages';
import type { SimulatorPodProps } from './pods';

/** kwok in pods, where it simulates the hosts. */
export interface KwokProps extends SimulatorPodProps {
  /**
   * How many kwoks there are, from 1 to 20: each takes care of the hosts of some namespaces. For every one more the API server
   * tells all changes of hosts once more.
   * @default 1
   */
  readonly shards?: number | undefined;
  /**
   * kwok's own image, of release v0.8.
   * @default 'registry.k8s.io/kwok/kwok:v0.8.0'
   */
  readonly kwokImage?: string | undefined;
  /**
   * Whether hosts learn what is wrong with the Secrets that they name, from a pod of this package that may read Secrets.
   * @default true
   */
  readonly credentials?: boolean | undefined;
}

/** What simulates hosts in the cluster, and how they behave. */
export interface KwokSimulatorProps extends KwokProps {
  /**
   * How the hosts behave.
   * @default - delays of a second or so in each state, and no failures
   */
  readonly behaviour?: HostStagesProps | undefined;
  /**
   * The release of the Bare Metal Operator as whose hosts they behave.
   * @default 'v0.13.2'
   */
  readonly release?: string | undefined;
}

const NAMESPACE = 'kwok-system';

export function kwokNamespace({ namespace = NAMESPACE }: KwokProps): string {
  return namespace;
}
