import { ApiServerRecord } from '../../src/measure/api-server-record';
import { ProcessRecord } from '../../src/measure/process-record';
import type { ClusterRun } from '../../src/scenario/cluster-run';

/** What a run measures of programs that were not there. */
export function noMeasurement(): ClusterRun['measurement'] {
  return {
    apiServer: new ApiServerRecord(),
    operators: [],
    managers: [],
    workloadApi: undefined,
    controllers: undefined,
    processes: new ProcessRecord(),
  };
}
