/** Putting the managers of Cluster API onto a cluster without pods: their objects there, their programs beside it. */
import { PortTakenError } from '../cluster/local/ports';
import type { Installation, Installed } from '../install/installation';
import { stepsBesideManagers, type BesideCluster, type PlatformStep } from '../install/steps';
import { CLUSTER_PROCESSES } from '../simulators/process-folders';
import { ManagerProcesses, type ProcessesAt } from './cluster-processes';
import type { ReadyManager } from './manager-programs';
import { besideManager } from './webhook-urls';

/** How often ports are chosen anew where another process took one in between. */
const PORT_ATTEMPTS = 3;

/** Puts a platform onto a cluster without pods, and starts its managers beside it. */
export async function installBeside(
  {
    installation,
    managers,
    at,
  }: { readonly installation: Installation; readonly managers: readonly ReadyManager[]; readonly at: ProcessesAt },
  carryOut: (steps: readonly PlatformStep[]) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const processes = await ManagerProcesses.claim(at.stateDir, managers);
    const beside = ({ component }: Installed): BesideCluster | undefined => {
      const manager = managers.find((each) => each.component.name === component.name);
      if (manager === undefined) return undefined;
      const objects = besideManager(manager.objects, processes.serverOf(manager));
      return { objects, start: () => processes.start(manager, at) };
    };
    try {
      return await carryOut(stepsBesideManagers(installation, beside));
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
      const detail = 'another process took a port just chosen; choosing others';
      at.listener?.({ type: 'warning', task: CLUSTER_PROCESSES.task, detail });
    }
  }
}
