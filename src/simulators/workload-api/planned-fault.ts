import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
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

/** A fault as it is written down somewhere. */
export type WrittenFault = PlannedFault & { readonly id: string };

/** Where faults are written down for the API of workload clusters. */
export interface FaultSource {
  /** Looks at what is written down, where that takes a request. */
  refresh?(): Promise<void>;
  ids(): readonly string[];
  /** @returns undefined where it has gone. @throws TestbedError for one that nobody here has written */
  read(id: string): WrittenFault | undefined;
  /** Takes one away whose time is over. */
  remove(id: string): void;
}

export function isPlannedFault(value: unknown): value is PlannedFault {
  if (!isMap(value) || !isMap(value['fault']) || typeof value['until'] !== 'number') return false;
  const { clusters } = value;
  return Array.isArray(clusters) && clusters.every((each) => typeof each === 'string');
}
