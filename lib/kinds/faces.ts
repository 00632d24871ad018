/** What of each kind people see; without the rest of it, so that the script of a report's page has it too. */
import { bareMetalHostFace } from './bare-metal-host/kind-face';
import { clusterFace } from './cluster/kind-face';
import type { KindFace } from './kind-face';
import { machineFace } from './machine/kind-face';

export const FACES: readonly KindFace[] = [bareMetalHostFace, clusterFace, machineFace];

/** What objects of a kind are called, of one that this version does not know too. */
export function nounOf(kind: string | undefined): KindFace['noun'] {
  if (kind === undefined) return { one: 'object', many: 'objects' };
  return FACES.find((face) => face.kind === kind)?.noun ?? { one: kind, many: `${kind}s` };
}
