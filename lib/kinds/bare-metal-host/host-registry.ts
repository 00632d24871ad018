import { bmcAddressKey, parseBmcAddress } from './bmc-address';
import { invalidInput } from '../../errors';

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

const EMPTY = 0xffffffff;

/** Open addressing over three arrays of numbers: two halves of a hash, and the id. */
class HashTable {
  private capacity = 1024;
  private used = 0;
  private high = new Uint32Array(this.capacity);
  private low = new Uint32Array(this.capacity);
  private ids = new Uint32Array(this.capacity).fill(EMPTY);

  /** @returns the id that has this value already, if any */
  insert(value: string, id: number, valueOfId: (id: number) => string | undefined): number | undefined {
    if (this.used * 2 >= this.capacity) this.grow();
    const [high, low] = hash(value);
    for (let at = low & (this.capacity - 1); ; at = (at + 1) & (this.capacity - 1)) {
      const other = this.ids[at];
      if (other === EMPTY || other === undefined) {
        this.put(at, high, low, id);
        this.used++;
        return undefined;
      }
      if (this.high[at] === high && this.low[at] === low && valueOfId(other) === value) return other;
    }
  }

  private put(at: number, high: number, low: number, id: number): void {
    this.high[at] = high;
    this.low[at] = low;
    this.ids[at] = id;
  }

  private grow(): void {
    const { high, low, ids, capacity } = this;
    this.capacity = capacity * 2;
    this.high = new Uint32Array(this.capacity);
    this.low = new Uint32Array(this.capacity);
    this.ids = new Uint32Array(this.capacity).fill(EMPTY);
    for (let i = 0; i < capacity; i++) {
      const id = ids[i] ?? EMPTY;
      if (id === EMPTY) continue;
      let at = (low[i] ?? 0) & (this.capacity - 1);
      while (this.ids[at] !== EMPTY) at = (at + 1) & (this.capacity - 1);
      this.put(at, high[i] ?? 0, low[i] ?? 0, id);
    }
  }
}

/** Two independent FNV-1a hashes with a final mix; not for adversaries, who can at most make this slow. */
function hash(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  a ^= a >>> 16;
  a = Math.imul(a, 0x7feb352d);
  return [(b ^ (b >>> 16)) >>> 0, (a ^ (a >>> 15)) >>> 0];
}
