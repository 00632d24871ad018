/**
 * What a changelog says of a release.
 *
 * @param tag such as `v0.2.0` @param version of package.json, which has to be the same
 * @throws where the tag is of another version, or nothing is said of it, or it is still called unreleased
 */
export function releaseNotes(changelog: string, tag: string, version: string): string {
  if (tag !== `v${version}`)
    throw new Error(`the tag is '${tag}', and package.json has version ${version}: make them equal`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((each) => each.split(/[\s\n]/)[0] === version);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ${version}: write one`);
  const [title = '', ...lines] = section.split('\n');
  if (title.includes('unreleased')) throw new Error(`CHANGELOG.md calls ${version} unreleased: write its date instead`);
  const text = lines.join('\n').trim();
  if (text === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${text}\n`;
}
