import { bmcAddressKey, parseBmcAddress } from './bmc-address';
import { invalidInput } from '../../errors';
import { HashTable } from '../hash-table';

/** What must be a host's own within a testbed. */
export interface HostClaims {
  readonly name: string;
  readonly namespace: string;
  readonly bmcAddress: string | undefined;
  readonly bootMACAddress: string | undefined;
}

const ADVICE = {
  name: 'give one of them another name, namespace or, for a set, firstIndex',
  'boot MAC address': 'give one of them another address or, for a set, macPrefix or firstIndex',
  'BMC address': 'give one of them another address or, for a set, bmcAddresses or firstIndex',
} as const;

/**
 * Every name, MAC and BMC address of a testbed, to refuse what stands twice: BMO's webhook does not notice, and two
 * hosts with one MAC or BMC are one machine to Ironic.
 *
 * It keeps 64 bits of a hash and a number for each value instead of the value, 24 bytes on the average, so that a
 * million hosts fit in a stream; a hash that stands twice is looked at again before anybody is accused.
 */
export class HostRegistry {
  private readonly tables = {
    name: new HashTable(),
    'boot MAC address': new HashTable(),
    'BMC address': new HashTable(),
  };
  private count = 0;

  /**
   * @param recall gives back the host of a number, and what to call it in an error
   */
  constructor(private readonly recall: (id: number) => { readonly claims: HostClaims; readonly label: string }) {}

  /**
   * @returns the number of this host: 0, 1, 2 …, in the order of calls
   * @throws TestbedError (`invalid-input`) naming both hosts and what they share
   */
  add(host: HostClaims): number {
    const id = this.count++;
    for (const what of ['name', 'boot MAC address', 'BMC address'] as const) {
      const value = valueOf(what, host);
      if (value === undefined) continue;
      const earlier = this.tables[what].insert(value, id, (other) => valueOf(what, this.recall(other).claims));
      if (earlier !== undefined) {
        throw invalidInput(
          `${this.recall(earlier).label} and ${this.recall(id).label} have the same ${what} ${display(what, host)}: ${ADVICE[what]}`,
        );
      }
    }
    return id;
  }
}

type What = keyof typeof ADVICE;

function valueOf(what: What, host: HostClaims): string | undefined {
  switch (what) {
    case 'name':
      return `${host.namespace}/${host.name}`;
    case 'boot MAC address':
      return host.bootMACAddress?.toLowerCase();
    case 'BMC address':
      return host.bmcAddress ? bmcAddressKey(parseBmcAddress(host.bmcAddress)) : undefined;
  }
}

function display(what: What, host: HostClaims): string {
  if (what === 'name') return `${host.namespace}/${host.name}`;
  return (what === 'BMC address' ? host.bmcAddress : host.bootMACAddress) ?? '';
}
