/** Starts what simulates the hosts of an embedded control plane: the part of `LocalSimulators` that needs constructs. */
import { resolveTestbed } from '../../lib/testbed/resolve';
import { stateLayout } from '../../src/cluster/local/state';
import { installationOf } from '../../src/install/installation';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { lockPrograms, programsLock } from '../../src/programs/programs-lock';
import { chooseSimulators } from '../../src/simulators/choose';
import { nameOfSimulator } from '../../src/simulators/names';
import { interrupted, say } from './engine';
import type { LocalSimulatorsInputs, LocalSimulatorsOutputs } from './local-simulators-state';
import { partialSuccess } from './provider-results';

/** @param recorded what the state is to say that was asked for */
export async function startSimulators(
  inputs: LocalSimulatorsInputs,
  recorded: LocalSimulatorsInputs,
): Promise<LocalSimulatorsOutputs> {
  const { folder: stateDir, operators, stages, kind: simulator } = inputs;
  const { kubeconfig } = stateLayout(stateDir);
  const testbed = resolveTestbed({ operators, simulator: stages, hostSets: [] });
  const lockFile = programsLock(stateDir, undefined);
  const chosen = await chooseSimulators({
    testbed,
    lockFile,
    installation: installationOf(testbed),
    options: {
      simulator,
      cluster: { kind: 'local' },
      signal: interrupted,
      listener: (event) => {
        if (event.type === 'warning') say(event.detail);
      },
    },
  });
  const prepared = await chosen.prepare();
  await lockPrograms(lockFile, prepared.programs);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    const simulators = prepared.at({ client, kubeconfig, stateDir });
    const outs = { ...recorded, simulator: chosen.kind, version: await simulators.version() };
    try {
      await simulators.start();
    } catch (error) {
      throw partialSuccess(error, nameOfSimulator(chosen.kind), outs);
    }
    return outs;
  } finally {
    await client.close();
  }
}
