import { invalidInput } from '../../errors';
import { show } from '../../names';

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a list of indexes such as `'1,5,10-20'`.
 *
 * @param what the field that gives it, as errors name it
 * @returns its ranges
 * @throws TestbedError (`invalid-input`) for anything else, and for a range that runs backwards
 */
export function rangesOf(text: string | number, what = 'hosts'): readonly Range[] {
  return String(text)
    .split(',')
    .map((part) => {
      const [, from, to] = /^\s*(\d{1,8})\s*(?:-\s*(\d{1,8})\s*)?$/.exec(part) ?? [];
      const range = { from: Number(from), to: Number(to ?? from) };
      if (from === undefined || range.to < range.from) {
        throw invalidInput(`${what} ${show(text)} is not a valid list of indexes: write '7', '10-20' or '1,5,10-20'`);
      }
      return range;
    });
}

/** As {@link rangesOf}. @returns whether an index is in the list */
export function parseIndexes(text: string | number, what?: string): (index: number) => boolean {
  const ranges = rangesOf(text, what);
  return (index) => ranges.some(({ from, to }) => index >= from && index <= to);
}
