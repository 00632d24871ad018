/**
 * Faults on their way to the API of workload clusters: a file each in its folder, which nobody else than its user may enter.
 * They are there for a process that is started again, end by themselves at their time, and end at once where their file goes.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { damaged, readJsonFile } from '../../util/read-json-file';
import { isPlannedFault, type FaultSource, type PlannedFault } from './planned-fault';

const FILE = /^workload-api-fault-([0-9a-f]{16})\.json$/;

/** @param id of one that is to last longer or less long than was written. @returns its id, by which it is ended */
export function writeFault(folder: string, planned: PlannedFault, id = randomBytes(8).toString('hex')): string {
  writeFileAtomicSync(fileOf(folder, id), JSON.stringify(planned) + '\n');
  return id;
}

export function removeFault(folder: string, id: string): void {
  rmSync(fileOf(folder, id), { force: true });
}

/** The ids of those that are written down. */
export function faultIds(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => FILE.exec(name)?.[1] ?? []);
}

/** Faults in the files of a folder. */
export function faultFolder(folder: string): FaultSource {
  return {
    ids: () => faultIds(folder),
    read: (id) => {
      const file = fileOf(folder, id);
      const found = readJsonFile(file);
      if (found === undefined) return undefined;
      if (!isPlannedFault(found)) throw damaged(file);
      return { ...found, id };
    },
    remove: (id) => removeFault(folder, id),
  };
}

function fileOf(folder: string, id: string): string {
  return join(folder, `workload-api-fault-${id}.json`);
}
