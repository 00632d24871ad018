/**
 * What a changelog says of a release.
 *
 * @param version such as `0.2.0`
 * @throws where nothing is said of it, or it is still called unreleased
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((each) => each.split(/[\s\n]/)[0] === version);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ${version}: write one`);
  const [title = '', ...lines] = section.split('\n');
  if (title.includes('unreleased')) throw new Error(`CHANGELOG.md calls ${version} unreleased: write its date instead`);
  const text = lines.join('\n').trim();
  if (text === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${text}\n`;
}
