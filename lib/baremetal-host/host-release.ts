import { asOf, check, describeProblems, type Schema } from '../crd';
import { invalidInput } from '../errors';
import type { BareMetalHostManifest } from './manifests';
import { STATUS_ANNOTATION } from './manifests';
import { bareMetalHostSpec, bareMetalHostStatus } from './schema';

/**
 * Refuses a host that says more than a release of BMO knows: the API server would drop the field without a word, or the
 * operator would not look at it.
 *
 * @param host one that is right for the newest release
 * @param release such as `v0.13.2`
 * @param where names the host in the error, such as `host default/worker-1`
 * @throws TestbedError (`invalid-input`) naming every such field
 */
export function checkHostRelease(host: BareMetalHostManifest, release: string, where: string): void {
  const { spec, status } = schemasOf(release);
  const seeded = host.metadata.annotations?.[STATUS_ANNOTATION];
  const problems = [...check(spec, host.spec, 'spec'), ...(seeded ? check(status, JSON.parse(seeded), 'status') : [])];
  if (problems.length === 0) return;
  throw invalidInput(
    `${where} says more than its operator, BMO ${release}, knows: leave it out, or take a later release\n` +
      describeProblems(problems),
  );
}

const schemas = new Map<string, { readonly spec: Schema; readonly status: Schema }>();

function schemasOf(release: string) {
  let known = schemas.get(release);
  if (known === undefined) {
    known = { spec: asOf(release, bareMetalHostSpec), status: asOf(release, bareMetalHostStatus) };
    schemas.set(release, known);
  }
  return known;
}
