import { requireManifests, type Manifest } from '../../lib/upstream';
import { invalidInput } from '../../lib/errors';
import { ManifestReader } from '../manifests/manifest-reader';

/**
 * The Kubernetes objects in a text of YAML or JSON, as kubectl reads it.
 *
 * @param where names the text in an error
 * @throws TestbedError (`invalid-input`) where it is anything else, an archive or a web page for instance
 */
export function parseManifests(bytes: Uint8Array, where: string): readonly Manifest[] {
  const reader = new ManifestReader(where);
  const values = [...reader.push(bytes), ...reader.end()].flatMap((each) => (each === undefined ? [] : [each.value]));
  try {
    return requireManifests(values);
  } catch (error) {
    throw invalidInput(`${where}: ${(error as Error).message}`);
  }
}
