const pattern = /^v(\d+)\.(\d+)(?:\.(\d+))?(?:-[\w.-]+)?$/;

/** Whether the text is a release as its project names it, such as `v0.13.2`, `v0.14.0-rc.0`, or `v0.14` for all of it. */
export function isVersion(text: string): boolean {
  return pattern.test(text);
}

/**
 * Whether a release is `first` or came after it. What a release is to have, its candidates have, so `v0.14.0-rc.0`
 * counts as `v0.14.0`. To the package semver a candidate is older than its release, and `v0.14` no version.
 *
 * @param version such as `v0.13.2`
 * @param first the same; what is left out counts as 0, so that `v0.14` is where that series begins
 */
export function isAtLeast(version: string, first: string): boolean {
  const given = numbersOf(version);
  for (const [index, wanted] of numbersOf(first).entries()) {
    const number = given[index] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}

function numbersOf(version: string): readonly number[] {
  const [, ...numbers] = pattern.exec(version) ?? [];
  if (numbers.length === 0) throw new RangeError(`'${version}' is not a valid version`);
  return numbers.map((number) => Number(number ?? 0));
}
