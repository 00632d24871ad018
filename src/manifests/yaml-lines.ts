import type { YamlNode } from './yaml-nodes';

const STEP = /\[(\d+)\]|\['([^']*)'\]|\.?([^.[\]]+)/g;

/**
 * On which line something of a document is.
 *
 * @param root the document
 * @param path as errors have it: `hostSets[0].labels['a.b']`
 * @returns from 1: the line of a key, or of the item of a list; of what it should be in, where it is not there
 */
export function lineOfPath(root: YamlNode, path: string): number {
  let node: YamlNode | undefined = root;
  let { line } = root;
  for (const [, index, quoted, name] of path.matchAll(STEP)) {
    const found: Found | undefined =
      index === undefined ? fieldOf(node, quoted ?? name ?? '', new Set()) : itemOf(node, Number(index));
    if (found === undefined) break;
    ({ node, line } = found);
  }
  return line + 1;
}

interface Found {
  readonly node: YamlNode;
  readonly line: number;
}

function itemOf(node: YamlNode, index: number): Found | undefined {
  const list = targetOf(node);
  const item = list.kind === 'sequence' ? list.children[index] : undefined;
  return item && { node: item, line: item.line };
}

/** Also where a merge key has it from another map. */
function fieldOf(node: YamlNode, name: string, seen: Set<YamlNode>): Found | undefined {
  const map = targetOf(node);
  if (map.kind !== 'mapping' || seen.has(map)) return undefined;
  seen.add(map);
  let found: Found | undefined;
  for (let i = 0; i < map.children.length; i += 2) {
    const key = targetOf(map.children[i]!);
    const value = map.children[i + 1]!;
    if (key.kind !== 'scalar') continue;
    if (key.value === name) found = { node: value, line: map.children[i]!.line };
    else if (key.value === '<<' && key.isImplicit) found = mergedFieldOf(value, name, seen) ?? found;
  }
  return found;
}

function mergedFieldOf(value: YamlNode, name: string, seen: Set<YamlNode>): Found | undefined {
  const merged = targetOf(value);
  const maps = merged.kind === 'sequence' ? merged.children : [merged];
  for (const map of maps) {
    const found = fieldOf(map, name, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function targetOf(node: YamlNode): YamlNode {
  return node.kind === 'alias' ? targetOf(node.target) : node;
}
