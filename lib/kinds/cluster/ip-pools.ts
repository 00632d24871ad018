/** The pools of a cluster set, of which each cluster has its own. */
import { invalidInput } from '../../errors';
import { isIPv4, isIPv6 } from '../../go/ip';
import { requireDnsLabel, show } from '../../names';
import { addressOf, addressValue, parseCidr } from '../bare-metal-host/address-plan';
import type { ClusterPool } from './types';

/** A pool as one cluster has it. */
export interface PlannedPool extends Omit<ClusterPool, 'addressesPerCluster'> {
  /** Of its IPPool. */
  readonly objectName: string;
}

/** Addresses one after the other. */
interface Span {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Gives the pools of each cluster. */
export class PoolPlan {
  private readonly pools: readonly { readonly pool: ClusterPool; readonly span: Span }[];

  /**
   * @param needed how many positions of clusters there are
   * @throws TestbedError (`invalid-input`)
   */
  constructor(pools: readonly ClusterPool[], set: string, needed: number) {
    this.pools = pools.map((pool, i) => ({
      pool,
      span: checkPool(pool, `ipPools[${i}] of cluster set ${set}`, needed),
    }));
    const names = pools.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined)
      throw invalidInput(`ipPools of cluster set ${set} have two named ${twice}: give each a name of its own`);
  }

  /** @param position of the cluster, from 0 on */
  at(cluster: string, position: number): readonly PlannedPool[] {
    return this.pools.map(({ pool: { addressesPerCluster: size, ...pool }, span }) => {
      const objectName = `${cluster}-${pool.name}`;
      if (size === undefined) return { ...pool, objectName };
      const first = span.first + BigInt(position) * BigInt(size);
      return {
        ...pool,
        objectName,
        prefix: pool.prefix ?? prefixOf(pool),
        subnet: undefined,
        start: addressOf(first, span.version),
        end: addressOf(first + BigInt(size) - 1n, span.version),
      };
    });
  }
}

const NAMED_BY = new Set(['ipAddressFromIPPool', 'fromIPPool', 'dnsFromIPPool']);
const LISTS = new Set(['ipAddressesFromPool', 'prefixesFromPool', 'gatewaysFromPool', 'dnsServersFromPool']);

/** Metadata or network data, in which pools of the set are named as the cluster's own IPPools are. */
export function withPoolNames<T extends object>(data: T, pools: readonly PlannedPool[]): T {
  if (pools.length === 0) return data;
  const own = new Map(pools.map(({ name, objectName }) => [name, objectName] as const));
  const renamed = (value: unknown, isPool: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => renamed(item, isPool));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => {
        const isName = NAMED_BY.has(key) || (isPool && key === 'name');
        if (isName && typeof field === 'string') return [key, own.get(field) ?? field];
        return [key, renamed(field, key === 'fromPoolRef' || LISTS.has(key))];
      }),
    );
  };
  return renamed(data, false) as T;
}

function prefixOf({ subnet }: ClusterPool): number | undefined {
  return subnet === undefined ? undefined : Number(subnet.split('/')[1]);
}

function checkPool(pool: ClusterPool, where: string, needed: number): Span {
  const { name, subnet, start, end, addressesPerCluster, gateway, dnsServers = [] } = pool;
  requireDnsLabel(`name of ${where},`, name);
  if ((subnet === undefined) === (start === undefined && end === undefined))
    throw invalidInput(`${where} needs either subnet, or start and end: give one of them`);
  for (const [field, value] of [
    ['gateway', gateway],
    ...dnsServers.map((each) => ['dnsServers', each] as const),
  ] as const)
    if (value !== undefined) requireAddress(`${field} of ${where}`, value);
  const span = subnet === undefined ? spanBetween(start, end, where) : spanOf(subnet, where);
  const size = span.last - span.first + 1n;
  if (addressesPerCluster === undefined) return span;
  if (!Number.isInteger(addressesPerCluster) || addressesPerCluster < 1)
    throw invalidInput(`addressesPerCluster of ${where} is ${show(addressesPerCluster)}: use a whole number from 1`);
  if (BigInt(addressesPerCluster) * BigInt(needed) > size)
    throw invalidInput(
      `${where} has ${size} addresses, and ${needed} clusters of ${addressesPerCluster} need ${BigInt(addressesPerCluster) * BigInt(needed)}: widen it, or lower addressesPerCluster`,
    );
  return span;
}

function spanOf(subnet: string, where: string): Span {
  const { version, first, last } = parseCidr(subnet, `subnet of ${where},`);
  // The last address of a block of IPv4 is for all of them.
  return { version, first, last: version === 4 && last > first + 1n ? last - 1n : last };
}

function spanBetween(start: string | undefined, end: string | undefined, where: string): Span {
  if (start === undefined || end === undefined)
    throw invalidInput(`${where} has ${start === undefined ? 'end' : 'start'} alone: give both, or a subnet`);
  requireAddress(`start of ${where}`, start);
  requireAddress(`end of ${where}`, end);
  const version = isIPv4(start) ? 4 : 6;
  if ((version === 4) !== isIPv4(end))
    throw invalidInput(`start and end of ${where} are of IPv4 and IPv6: give two of one version`);
  const span = { version, first: addressValue(start), last: addressValue(end) } as const;
  if (span.first > span.last)
    throw invalidInput(`start ${show(start)} of ${where} comes after its end ${show(end)}: change them round`);
  return span;
}

function requireAddress(what: string, address: string): void {
  if (!isIPv4(address) && !(isIPv6(address) && !address.includes('.')))
    throw invalidInput(`${what} ${show(address)} is not a valid IP address: write it as '192.168.0.1' or 'fd00::1'`);
}
