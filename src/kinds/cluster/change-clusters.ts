import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { machineKind, type ObservedMachine } from '../../../lib/kinds/machine/kind';
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectClusters, type SelectedCluster } from '../../../lib/scenario/select-clusters';
import type { ClusterSelection } from '../../../lib/scenario/selections';
import { keyOf, type Target } from '../../scenario/arrivals';
import { changeObjects, type ObjectChange } from '../../scenario/change-objects';
import { watchOf, type ScenarioRun, type StepOutcome } from '../../scenario/scenario-run';
import { memoryOf } from '../../scenario/step-memory';

export type ClusterChange = Omit<ObjectChange<ObservedCluster>, 'kind' | 'perSecond'>;

export function selectedClusters(selection: ClusterSelection, { live }: ScenarioRun): readonly SelectedCluster[] {
  return [...selectClusters(live.testbed.clusterSets, selection)];
}

/** Asks the Clusters of a step for a change, and waits until each of them shows it. */
export function changeClusters(
  step: ResolvedStep,
  clusters: readonly SelectedCluster[],
  change: ClusterChange,
  run: ScenarioRun,
): Promise<StepOutcome> {
  const { perSecond } = step.props as ClusterSelection;
  const targets = clusters.map(({ cluster }) => cluster);
  return changeObjects(step, targets, { ...change, kind: clusterKind, perSecond }, run);
}

/** The selected cluster of each target. */
export function bySelected(clusters: readonly SelectedCluster[]): (target: Target) => SelectedCluster {
  const known = new Map(clusters.map((each) => [keyOf(each.cluster), each]));
  return (target) => {
    const selected = known.get(keyOf(target));
    if (selected === undefined) throw new RangeError(`${keyOf(target)} is not a cluster of this step`);
    return selected;
  };
}

/** Machines of a cluster that are there now, but for those that are deleted already. */
export function machinesOf(
  run: ScenarioRun,
  cluster: Target,
  isWanted: (machine: ObservedMachine) => boolean = () => true,
): readonly ObservedMachine[] {
  const found: ObservedMachine[] = [];
  for (const machine of watchOf(run, machineKind).all())
    if (machine.cluster === keyOf(cluster) && !machine.isDeleting && isWanted(machine)) found.push(machine);
  return found;
}

/** The machines that are to be replaced, by cluster, as they were when their cluster was asked, by whichever process. */
export class OldMachines {
  private readonly machines = new Map<string, readonly ObservedMachine[]>();

  constructor(private readonly run: ScenarioRun) {}

  /** Takes note of the machines of a cluster. Before they are kept, nothing must be asked of them. */
  async note(target: Target, isWanted?: (machine: ObservedMachine) => boolean): Promise<readonly ObservedMachine[]> {
    const memory = memoryOf(this.run);
    const machines = memory.keep(`machines of ${keyOf(target)}`, () => machinesOf(this.run, target, isWanted));
    this.machines.set(keyOf(target), machines);
    await memory.kept();
    return machines;
  }

  of(target: Target): readonly ObservedMachine[] {
    return this.machines.get(keyOf(target)) ?? [];
  }

  /** Whether those of a cluster that were noted are no more. */
  areGone(target: Target, isAsked: (machine: ObservedMachine) => boolean = () => true): boolean {
    const machines = this.machines.get(keyOf(target));
    if (machines === undefined) return false;
    const watch = watchOf(this.run, machineKind);
    return machines.every(
      (machine) => !isAsked(machine) || watch.get(machine.namespace, machine.name)?.uid !== machine.uid,
    );
  }
}
