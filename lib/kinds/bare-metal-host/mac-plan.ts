import { invalidInput } from '../../errors';
import { show } from '../../names';

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Gives each index one MAC address behind a prefix: `00:60:2f` and 1 give `00:60:2f:00:00:01`. */
export class MacPlan {
  /** The prefix in lower case, with colons. */
  readonly prefix: string;
  /** How many indexes there are: 256 for each octet that the prefix leaves. */
  readonly size: number;
  private readonly octets: number;

  /**
   * @param prefix one to five octets, separated by colons or hyphens
   * @throws TestbedError (`invalid-input`) for what is not a valid prefix, and for one of multicast addresses, which no interface
   * has
   */
  constructor(prefix: string) {
    if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){0,4}$/i.test(prefix)) {
      throw invalidInput(
        `macPrefix ${show(prefix)} is not a valid MAC prefix: write one to five octets in hexadecimal, such as '00:60:2f'`,
      );
    }
    this.prefix = prefix.toLowerCase().replaceAll('-', ':');
    if (parseInt(this.prefix.slice(0, 2), 16) & 1) {
      throw invalidInput(
        `macPrefix ${show(prefix)} is one of multicast addresses: make the first octet even, such as '02' for locally administered ones`,
      );
    }
    this.octets = 6 - this.prefix.split(':').length;
    this.size = 256 ** this.octets;
  }

  /** The address of an index from 0 to `size` - 1, in lower case. */
  at(index: number): string {
    let rest = '';
    let value = index;
    for (let i = 0; i < this.octets; i++) {
      rest = `:${HEX[value % 256]}${rest}`;
      value = Math.floor(value / 256);
    }
    return this.prefix + rest;
  }
}
