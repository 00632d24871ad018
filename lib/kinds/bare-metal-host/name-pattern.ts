import { invalidInput } from '../../errors';
import { requireHostName, show } from '../../names';

/** The name of a host, or of something else, from its index. `{index}` stands in it once, so that no two indexes give the same name. */
export class NamePattern {
  private readonly prefix: string;
  private readonly suffix: string;
  private readonly width: number;

  /**
   * @param pattern text with `{index}` or `{index:WIDTH}` once, and `{name}` for the set's name
   * @param requireName refuses what is not a name of what is named
   * @throws TestbedError (`invalid-input`)
   */
  constructor(pattern: string, name: string, requireName: (name: string) => string = requireHostName) {
    const parts = pattern.replaceAll('{name}', name).split(/\{index(?::(\d))?\}/);
    const [prefix, width, suffix] = parts;
    if (parts.length !== 3 || prefix === undefined || suffix === undefined || /[{}]/.test(prefix + suffix)) {
      throw invalidInput(
        `namePattern ${show(pattern)} is not allowed: use {index} (or {index:5} for five digits) exactly once, and {name} for the set's name`,
      );
    }
    this.prefix = prefix;
    this.suffix = suffix;
    this.width = Number(width ?? 0);
    requireName(this.at(0));
  }

  at(index: number): string {
    return this.prefix + String(index).padStart(this.width, '0') + this.suffix;
  }
}
