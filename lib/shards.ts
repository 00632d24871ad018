/** Work that is spread over several by the name of what it is about. */

const PRIME = 65_521;
const FACTOR = 31;

/** Which of so many a name falls to: the same wherever it is asked. @returns from 0 to `count` - 1 */
export function shardOf(name: string, count: number): number {
  let sum = 0;
  for (const letter of name) sum = (sum * FACTOR + letter.codePointAt(0)!) % PRIME;
  return sum % count;
}

/** The same in jq, of the text that it is given. */
export function shardInJq(count: number): string {
  return `(reduce explode[] as $letter (0; (. * ${FACTOR} + $letter) % ${PRIME}) % ${count})`;
}
