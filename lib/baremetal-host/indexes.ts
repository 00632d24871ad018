import { invalidInput } from '../errors';
import { show } from '../names';

/**
 * Reads a list of indexes such as `'1,5,10-20'`.
 *
 * @returns whether an index is in it
 * @throws TestbedError (`invalid-input`) for anything else, and for a range that runs backwards
 */
export function parseIndexes(text: string | number): (index: number) => boolean {
  const ranges = String(text)
    .split(',')
    .map((part) => {
      const [, from, to] = /^\s*(\d{1,8})\s*(?:-\s*(\d{1,8})\s*)?$/.exec(part) ?? [];
      const range = { from: Number(from), to: Number(to ?? from) };
      if (from === undefined || range.to < range.from) {
        throw invalidInput(`hosts ${show(text)} is no list of indexes: write '7', '10-20' or '1,5,10-20'`);
      }
      return range;
    });
  return (index) => ranges.some(({ from, to }) => index >= from && index <= to);
}
