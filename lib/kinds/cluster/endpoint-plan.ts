import { invalidInput } from '../../errors';
import { isIPv4, isIPv6 } from '../../go/ip';
import { requireDnsSubdomain, show } from '../../names';
import { AddressPlan } from '../bare-metal-host/address-plan';
import type { ClusterEndpoint, ClusterSetProps } from './cluster-set-props';

const DEFAULT_HOST = '127.0.0.1';
/** Of the first cluster of a set that says nothing of endpoints. */
export const FIRST_ENDPOINT_PORT = 20_000;
/** Of an API server, as kubeadm has it. */
const API_PORT = 6443;
const LAST_PORT = 65_535;

/** Gives each cluster of a set the place of its API: a port of one host, or an address with one port. */
export class EndpointPlan {
  readonly at: (position: number) => ClusterEndpoint;

  /**
   * @param set what the set is called, in errors
   * @param needed how many positions there have to be
   * @throws TestbedError (`invalid-input`)
   */
  constructor(
    props: Pick<ClusterSetProps, 'endpointAddresses' | 'endpointHost' | 'endpointPort'>,
    set: string,
    needed: number,
  ) {
    const { endpointAddresses, endpointHost, endpointPort } = props;
    if (endpointAddresses !== undefined) {
      if (endpointHost !== undefined)
        throw invalidInput(`cluster set ${set} gives both endpointHost and endpointAddresses: give one of them`);
      const port = requireEndpointPort(`endpointPort of cluster set ${set}`, endpointPort ?? API_PORT);
      const plan = new AddressPlan(endpointAddresses, `endpointAddresses of cluster set ${set}`);
      if (needed > plan.size)
        throw invalidInput(
          `endpointAddresses ${show(endpointAddresses.join(', '))} of cluster set ${set} have room for ${plan.size} clusters, and ${needed} are needed: widen them, or lower count`,
        );
      this.at = (position) => ({ host: plan.at(position).replace(/^\[|\]$/g, ''), port });
      return;
    }
    const host = requireEndpointHost(`endpointHost of cluster set ${set}`, endpointHost ?? DEFAULT_HOST);
    const first = requireEndpointPort(`endpointPort of cluster set ${set}`, endpointPort ?? FIRST_ENDPOINT_PORT);
    const last = first + needed - 1;
    if (needed > 0 && last > LAST_PORT)
      throw invalidInput(
        `the endpoints of cluster set ${set} would reach port ${last}, and ${LAST_PORT} is the last: lower endpointPort, count or firstIndex, or give each cluster an address (endpointAddresses: ['127.1.0.0/16'])`,
      );
    this.at = (position) => ({ host, port: first + position });
  }
}

/** @throws TestbedError (`invalid-input`) */
export function requireEndpoint(what: string, { host, port }: ClusterEndpoint): ClusterEndpoint {
  return { host: requireEndpointHost(`${what}.host`, host), port: requireEndpointPort(`${what}.port`, port) };
}

function requireEndpointHost(what: string, host: string): string {
  if (isIPv4(host) || isIPv6(host)) return host;
  // What looks like an address and is none would be looked up as a name.
  if (/^[\d.]+$|[:[\]/]/.test(host))
    throw invalidInput(`${what} ${show(host)} is not a valid host: write an IP address or a DNS name, without port`);
  return requireDnsSubdomain(what, host);
}

function requireEndpointPort(what: string, port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > LAST_PORT)
    throw invalidInput(`${what} is ${show(port)}: use a port from 1 to ${LAST_PORT}`);
  return port;
}
