import { check } from '../../crd';
import { invalidInput } from '../../errors';
import { statusProblems } from './host-annotations';
import { hostProblems } from './host-rules';
import type { BareMetalHostManifest } from './manifests';
import { hostAnnotations } from './manifests';
import { hostSchemasOf } from './schema';

/**
 * Refuses a host that a release of BMO refuses, or that says more than it knows: the API server would drop the field
 * without a word, or the operator would not look at it.
 *
 * @param host one that is right for some release
 * @param release such as `v0.13.2`
 * @param where names the host in the error, such as `host default/worker-1`
 * @throws TestbedError (`invalid-input`) naming every problem
 */
export function checkHostRelease(host: BareMetalHostManifest, release: string, where: string): void {
  const seeded = host.metadata.annotations?.[hostAnnotations.status];
  const unknown = [
    ...check(hostSchemasOf(release).spec, host.spec, 'spec').map(({ path, message }) => `${path}: ${message}`),
    ...(seeded ? statusProblems(seeded, release) : []),
  ];
  if (unknown.length > 0) {
    throw invalidInput(
      `${where} says more than its operator, BMO ${release}, knows: leave it out, or take a later release\n` +
        unknown.join('\n'),
    );
  }
  const problems = hostProblems(host, release);
  if (problems.length === 0) return;
  throw invalidInput(`${where} is refused by its operator, BMO ${release}: ${problems.join('; ')}`);
}
