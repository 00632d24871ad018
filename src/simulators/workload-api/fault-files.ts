/**
 * Faults on their way to the API of workload clusters: a file each in its folder, which nobody else than its user may enter.
 * They are there for a process that is started again, end by themselves at their time, and end at once where their file goes.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { damaged, readJsonFile } from '../../util/read-json-file';
import { isMap } from '../../util/is-map';

/** A fault for some clusters, until a time. */
export interface PlannedFault {
  readonly fault: WorkloadApiFault;
  /** `NAMESPACE/NAME` of each. */
  readonly clusters: readonly string[];
  /** In milliseconds since the epoch. */
  readonly until: number;
  /** What is drawn of it follows from this: the same on every run. */
  readonly seed: string;
}

export type FaultFile = PlannedFault & { readonly id: string };

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

/** @returns undefined where it has gone. @throws TestbedError for one that nobody here has written */
export function readFault(folder: string, id: string): FaultFile | undefined {
  const file = fileOf(folder, id);
  const found = readJsonFile(file);
  if (found === undefined) return undefined;
  if (
    !isMap(found) ||
    !isMap(found['fault']) ||
    typeof found['until'] !== 'number' ||
    !isListOfTexts(found['clusters'])
  )
    throw damaged(file);
  return { ...(found as unknown as PlannedFault), id };
}

function fileOf(folder: string, id: string): string {
  return join(folder, `workload-api-fault-${id}.json`);
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
