import { existsSync } from 'node:fs';
import { Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { readBoundedSync } from '../util/read-bounded';
import { writeUserFile } from '../util/user-file';
import { operatorSettings, type Settings } from './settings';

/**
 * Writes settings into a description, and leaves everything else in it as it is, comments too.
 *
 * @param file made where it is missing
 * @param canSpread whether host sets are given `hostsPerNamespace`
 */
export async function writeSettings(file: string, settings: Settings, canSpread: boolean): Promise<void> {
  const document = existsSync(file) ? parseDocument(readBoundedSync(file).toString()) : new Document({});
  // An empty file, or one with nothing but comments.
  if (!isMap(document.contents)) document.contents = document.createNode({});
  for (const operator of entries(document, 'operators', {})) set(operator, operatorSettings(settings));
  if (canSpread) {
    const { hostsPerNamespace } = settings;
    for (const hosts of entries(document, 'hostSets', { count: 10 })) set(hosts, { hostsPerNamespace });
  }
  await writeUserFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: true }));
}

/**
 * Writes numbers into a description, each at its path, and leaves everything else in it as it is.
 *
 * @param file that is there
 */
export async function writeNumbers(
  file: string,
  numbers: readonly (readonly [path: readonly string[], value: number])[],
): Promise<void> {
  const document = parseDocument(readBoundedSync(file).toString());
  for (const [path, value] of numbers) document.setIn(path, value);
  await writeUserFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: true }));
}

/** The maps of a list; the list is made with one of them where it is missing. */
function entries(document: Document, key: string, otherwise: object): readonly YAMLMap[] {
  if (!document.has(key)) document.set(key, document.createNode([otherwise]));
  const list = document.get(key);
  return isSeq(list) ? list.items.filter((item) => isMap(item)) : [];
}

function set(map: YAMLMap, values: object): void {
  for (const [key, value] of Object.entries(values)) map.set(key, value);
}
