import { parseAllDocuments } from 'yaml';
import { invalidInput } from '../../lib/errors';
import { requireManifests, type Manifest } from '../../lib/upstream';

/**
 * The Kubernetes objects in a text of YAML or JSON.
 *
 * @param where names the text in an error
 * @throws TestbedError (`invalid-input`) where it is anything else, an archive or a web page for instance
 */
export function parseManifests(bytes: Uint8Array, where: string): readonly Manifest[] {
  const text = decode(bytes, where);
  const values = parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw invalidInput(`${where} is no valid YAML: ${error.message.replace(/\n[^]*/, '')}`);
    try {
      // A few lines of aliases can stand for gigabytes.
      return document.toJS({ maxAliasCount: 100 }) as unknown;
    } catch (error) {
      throw invalidInput(`${where} is no valid YAML: ${(error as Error).message}`);
    }
  });
  try {
    return requireManifests(values);
  } catch (error) {
    throw invalidInput(`${where}: ${(error as Error).message}`);
  }
}

const archiveStarts: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x50, 0x4b, 0x03, 0x04],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

function decode(bytes: Uint8Array, where: string): string {
  if (archiveStarts.some((start) => start.every((byte, index) => bytes[index] === byte))) {
    throw invalidInput(`${where} is an archive: unpack it, and give its YAML file or kustomize folder`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidInput(`${where} is no text: give the YAML of a release`);
  }
}
