/** Puts the managers of Cluster API beside an embedded control plane: the part of `LocalManagers` that needs constructs. */
import { invalidInput } from '../../lib/errors';
import { clusterManagers } from '../../lib/testbed/cluster-api';
import { componentsOf } from '../../lib/testbed/components';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { Applier } from '../../src/apply/apply';
import { stateLayout } from '../../src/cluster/local/state';
import { install } from '../../src/install/install';
import { installationOfComponents } from '../../src/install/installation';
import type { PlatformStep } from '../../src/install/steps';
import { startWorkloadApi } from '../../src/managers/cluster-processes';
import { installBeside } from '../../src/managers/install-beside';
import { findManagers, managersOf } from '../../src/managers/manager-programs';
import { lockPrograms, programsLock } from '../../src/programs/programs-lock';
import { WORKLOAD_API } from '../../src/simulators/workload-api-process';
import type { Listener } from '../../src/util/events';
import { interrupted, say } from './engine';
import { withCluster } from './fleet-cluster';
import {
  MANAGERS_SET,
  MANAGERS_TIMEOUT_SECONDS,
  type LocalManagersInputs,
  type LocalManagersOutputs,
} from './local-managers-state';
import { partialSuccess } from './provider-results';

/** @param before what there is */
export async function installManagers(
  inputs: LocalManagersInputs,
  before?: LocalManagersOutputs,
): Promise<LocalManagersOutputs> {
  const { folder: stateDir, clusterApi, forceConflicts, timeoutSeconds = MANAGERS_TIMEOUT_SECONDS } = inputs;
  const { kubeconfig } = stateLayout(stateDir);
  const testbed = resolveTestbed({ clusterApi, hostSets: [] });
  const installation = installationOfComponents(componentsOf(testbed).filter(({ needsPods }) => needsPods));
  const described = managersOf(installation);
  requireDescribed(
    before,
    described.map(({ component }) => component.name),
  );
  const lockFile = programsLock(stateDir, undefined);
  const at = { stateDir, kubeconfig, listener, signal: interrupted };
  const managers = await findManagers(described, { ...at, lockFile });
  await lockPrograms(
    lockFile,
    managers.map(({ program }) => program),
  );
  const hasWorkloadApi = clusterManagers(testbed.clusterApi).includes('workloadApi');
  const names = managers.map(({ component }) => component.name);
  const outs = {
    ...inputs,
    managers: Object.fromEntries(managers.map(({ build }) => [build.name, build.version])),
    processes: hasWorkloadApi ? [...names, WORKLOAD_API] : names,
  };
  return withCluster({ kubeconfig, signal: interrupted }, async ({ client }) => {
    const options = {
      set: MANAGERS_SET,
      existing: 'update',
      forceConflicts,
      timeoutMs: timeoutSeconds * 1000,
    } as const;
    const carryOut = (steps: readonly PlatformStep[]) =>
      install(client, new Applier(client), steps, { ...options, listener, signal: interrupted });
    try {
      await installBeside({ installation, managers, at }, carryOut);
      if (hasWorkloadApi) await startWorkloadApi(at);
    } catch (error) {
      throw partialSuccess(error, 'the managers of Cluster API', outs);
    }
    return outs;
  });
}

const listener: Listener = (event) => {
  if (event.type === 'warning') say(event.detail);
};

/** @throws TestbedError (`invalid-input`) where clusters would lose what takes care of them */
function requireDescribed(before: LocalManagersOutputs | undefined, names: readonly string[]): void {
  const gone = Object.keys(before?.managers ?? {}).find((name) => !names.includes(name));
  if (gone === undefined) return;
  throw invalidInput(
    `clusterApi: the platform has ${gone}, which the description leaves out: describe it as before, or run 'pulumi destroy' for the platform first`,
  );
}
